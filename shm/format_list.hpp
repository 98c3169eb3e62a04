// SPDX-License-Identifier: MIT
// Formats as a picture holds them: entries that point into one text. Invariant: every text begins
// at a whole word, so that a reader takes it in one read.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shm/picture.hpp"

namespace shmeter::shm {

class FormatList {
 public:
  void clear() {
    entries_.clear();
    text_.clear();
  }
  /// `target`: as formats::target_name, or kThemeFormat. What exceeds kFormats entries or
  /// kFormatTextBytes in all is the writer's to leave out.
  void add(std::string_view target, std::string_view text) {
    Format& entry = entries_.emplace_back();
    entry.target.assign(target);
    entry.offset = text_.size();
    entry.length = text.size();
    text_ += text;
    text_.resize((text_.size() + sizeof(u64) - 1) / sizeof(u64) * sizeof(u64));
  }

  /// Both valid until something is added.
  std::span<const Format> entries() const { return entries_; }
  std::string_view text() const { return text_; }

 private:
  std::vector<Format> entries_;
  std::string text_;
};

}  // namespace shmeter::shm
