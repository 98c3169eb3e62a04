// SPDX-License-Identifier: MIT
// What stands for a thing in each set of glyphs: the renderer, the check and the table in
// formats/README.md are made from it. Each is one column wide; ASCII has none.
#pragma once

#include <string_view>

namespace shmeter::formats {

// X(name, unicode, nerd font)
#define SHMETER_ICONS(X)        \
  X("model", "⎔", "\uf2db")     \
  X("context", "⌸", "\uf1c0")   \
  X("cost", "", "\uf155")       \
  X("today", "◴", "\uf073")     \
  X("block", "◳", "\uf0c8")     \
  X("burn", "↯", "\uf06d")      \
  X("five_hour", "◷", "\uf017") \
  X("seven_day", "▦", "\uf274") \
  X("cache", "⌁", "\uf0e7")     \
  X("agent", "⚙", "\uf007")     \
  X("dir", "⌂", "\uf07b")       \
  X("branch", "⎇", "\ue0a0")    \
  X("lines", "✎", "\uf040")     \
  X("tools", "⚒", "\uf0ad")     \
  X("sessions", "▣", "\uf120")  \
  X("health", "✚", "\uf21e")

struct Icon {
  std::string_view name;
  std::string_view unicode;
  std::string_view nerd;
};

}  // namespace shmeter::formats
