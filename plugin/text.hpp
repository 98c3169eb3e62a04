// SPDX-License-Identifier: MIT
// Text in a fixed buffer, always NUL-terminated: paths, messages, help. What does not fit is left
// out and remembered, so that a cut path is never opened.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace shmeter::plugin {

template <std::size_t N>
class FixedText {
 public:
  FixedText() { bytes_[0] = '\0'; }

  FixedText& operator<<(std::string_view text) {
    if (text.size() >= N - size_) {
      cut_ = true;
      text = text.substr(0, N - size_ - 1);
    }
    for (const char c : text) bytes_[size_++] = c;
    bytes_[size_] = '\0';
    return *this;
  }
  FixedText& operator<<(char c) { return *this << std::string_view(&c, 1); }
  FixedText& operator<<(std::int64_t number) {
    std::array<char, 20> digits;
    std::size_t at = digits.size();
    auto rest = static_cast<std::uint64_t>(number);
    if (number < 0) rest = 0 - rest;
    do digits[--at] = static_cast<char>('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (number < 0) *this << '-';
    return *this << std::string_view(digits.data() + at, digits.size() - at);
  }
  void clear() {
    size_ = 0;
    cut_ = false;
    bytes_[0] = '\0';
  }

  std::string_view view() const { return {bytes_.data(), size_}; }
  const char* c_str() const { return bytes_.data(); }
  bool empty() const { return size_ == 0; }
  /// True once something did not fit.
  bool cut() const { return cut_; }

 private:
  std::size_t size_ = 0;
  bool cut_ = false;
  std::array<char, N> bytes_;
};

using Message = FixedText<512>;
using Path = FixedText<4096>;

}  // namespace shmeter::plugin
