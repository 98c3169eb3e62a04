// SPDX-License-Identifier: MIT
// Text as characters and columns: strict UTF-8 decoding, and how many columns of a terminal or bar
// a character takes. From tables, not from a locale: every host gets the same answer.
#pragma once

#include <cstdint>
#include <string_view>

namespace shmeter::formats {

inline constexpr char32_t kReplacement = 0xFFFD;

/// One character at the front of `text` (not empty) and the bytes it takes. A byte that starts no
/// valid character (overlong forms, surrogates, what lies above U+10FFFF) is one U+FFFD of 1 byte.
struct Decoded {
  char32_t code = kReplacement;
  std::uint8_t bytes = 1;
  bool valid = false;
};
Decoded decode(std::string_view text) noexcept;

/// 0, 1 or 2 columns; kDropped for what has no place in a line (formats/width_table.py). Control
/// characters are the caller's business. A character and its variation selector take the columns of
/// the character, as in tmux 3.3.
inline constexpr int kDropped = 3;
int columns(char32_t code) noexcept;

/// U+2028 and U+2029 break lines for some hosts; so do the controls that move to another one.
constexpr bool breaks_line(char32_t code) {
  return (code >= U'\t' && code <= U'\r') || code == 0x85 || code == 0x2028 || code == 0x2029;
}
constexpr bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

}  // namespace shmeter::formats
