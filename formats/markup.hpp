// SPDX-License-Identifier: MIT
// What each target does with a style and with a character: the only place that knows a host's
// syntax. Invariant: escape() takes everything a host would interpret out of text, and whatever
// open_style() opens close_style() ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "formats/theme.hpp"

namespace shmeter::formats {

struct Style {
  Tone tone = Tone::none;
  bool bold = false;
  bool ground = false;  // on the theme's ground, where it has one
  bool link = false;    // to the pen's address
  constexpr bool operator==(const Style&) const = default;
};

/// Bytes that close_style and then open_style, or escape, write at most.
inline constexpr std::size_t kMaxMarkup = 192;

/// What a style is written with.
struct Pen {
  Target target = Target::plain;
  Colour colour = Colour::none;
  const Theme* theme = nullptr;
  std::string_view address = {};  // of the dashboard; empty = none
};

/// Both write to `to` and return the bytes: 0 where the target or the colour has no such thing.
std::size_t open_style(const Pen& pen, Style style, char* to) noexcept;
std::size_t close_style(const Pen& pen, Style style, char* to) noexcept;
/// The same for its link alone: OSC 8, for targets that have links, whatever the colours.
std::size_t open_link(const Pen& pen, Style style, char* to) noexcept;
std::size_t close_link(Style style, char* to) noexcept;

/// `text` if it is a web address that can stand in an escape sequence, else nothing.
std::string_view web_address(std::string_view text) noexcept;

/// Writes one clean character as the target must see it to show just that.
std::size_t escape(Target target, std::string_view character, char* to) noexcept;

/// Text that can be clicked on.
constexpr bool has_links(Target target) {
  return target == Target::claude || target == Target::ansi;
}

/// Lines between which a newline may stand; elsewhere it becomes a separator.
constexpr bool has_lines(Target target) {
  return target == Target::plain || target == Target::ansi || target == Target::claude ||
         target == Target::json;
}

}  // namespace shmeter::formats
