// SPDX-License-Identifier: MIT
// Copies of texts, thriftily: one after another in blocks that never move. Invariant: what keep()
// gave stays valid until clear(), also when the whole is moved.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace shmeter::collector {

class TextBlocks {
 public:
  TextBlocks() = default;
  TextBlocks(TextBlocks&& other) noexcept
      : blocks_(std::move(other.blocks_)),
        at_(std::exchange(other.at_, nullptr)),
        free_(std::exchange(other.free_, 0)),
        bytes_(std::exchange(other.bytes_, 0)) {}
  TextBlocks& operator=(TextBlocks&& other) noexcept {
    blocks_ = std::move(other.blocks_);
    at_ = std::exchange(other.at_, nullptr);
    free_ = std::exchange(other.free_, 0);
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
  }

  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > free_) {
      free_ = std::max(kBlockBytes, text.size());
      bytes_ += free_;
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(free_));
      at_ = blocks_.back().get();
    }
    std::memcpy(at_, text.data(), text.size());
    const std::string_view copy(at_, text.size());
    at_ += text.size();
    free_ -= text.size();
    return copy;
  }

  void clear() { *this = TextBlocks(); }
  /// Memory taken.
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kBlockBytes = std::size_t{16} << 10;

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  std::size_t free_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace shmeter::collector
