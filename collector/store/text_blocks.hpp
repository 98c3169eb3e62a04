// SPDX-License-Identifier: MIT
// Memory for texts that are kept together and freed together. Invariant: what keep() answered stays
// where it is until the blocks are freed.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace shmeter::collector {

class TextBlocks {
 public:
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > free_) grow(text.size());
    char* const place = at_;
    std::memcpy(place, text.data(), text.size());
    at_ += text.size();
    free_ -= text.size();
    return {place, text.size()};
  }
  std::size_t bytes() const { return bytes_; }
  /// The blocks, to whom keeps the texts from now on.
  std::vector<std::unique_ptr<char[]>> release() {
    at_ = nullptr;
    free_ = bytes_ = 0;
    return std::move(blocks_);
  }

 private:
  void grow(std::size_t at_least) {
    // Small ones stay small: most batches hold a handful of events.
    std::size_t size = blocks_.empty() ? kFirstBlock : kBlock;
    if (size < at_least) size = at_least;
    blocks_.emplace_back(new char[size]);  // unlike make_unique, without clearing it
    at_ = blocks_.back().get();
    free_ = size;
    bytes_ += size;
  }

  static constexpr std::size_t kFirstBlock = 1024;
  static constexpr std::size_t kBlock = std::size_t{64} << 10;

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  std::size_t free_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace shmeter::collector
