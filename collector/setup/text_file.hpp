// SPDX-License-Identifier: MIT
// Somebody's text file, changed whole. Invariant: at its path stands the old text or the new one;
// links, mode and owner stay as they are, and what was there first is kept beside it.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"

namespace shmeter::collector {

struct TextFile {
  std::string path;    // where it lies, links followed
  std::string text;    // empty when there is none
  bool there = false;  // it exists
};

/// Errors: forbidden, invalid (no regular file, longer than a megabyte), unavailable.
Result<TextFile> read_text_file(const std::string& path);

/// Writes `text` in its place; a new file, and the folders made for it, are the user's alone.
/// Errors: forbidden, unavailable.
Result<void> write_text_file(const TextFile& file, std::string_view text);

Result<void> remove_text_file(const TextFile& file);

/// What it was before we changed it first, beside it.
std::string backup_path(const TextFile& file);

}  // namespace shmeter::collector
