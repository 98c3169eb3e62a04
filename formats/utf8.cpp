// SPDX-License-Identifier: MIT
// See utf8.hpp.
#include "formats/utf8.hpp"

#include <algorithm>

#include "formats/width_table.hpp"

namespace shmeter::formats {

Decoded decode(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::uint8_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < n) return {};
  char32_t code = lead & (0xffu >> (n + 1));
  for (std::uint8_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0u) != 0x80u) return {};
    code = (code << 6) | (byte(i) & 0x3fu);
  }
  const bool overlong = code < (n == 4 ? 0x10000u : n == 3 ? 0x800u : 0x80u);
  if (overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
  return {code, n, true};
}

int columns(char32_t code) noexcept {
  if (code < 0xa0 || (code >= 0x2500 && code < 0x25fd)) return 1;  // ASCII, lines and blocks
  const auto* after = std::upper_bound(kColumnRuns.begin(), kColumnRuns.end(), code,
                                       [](char32_t c, std::uint32_t run) { return c < run >> 2; });
  return static_cast<int>(*(after - 1) & 3u);
}

}  // namespace shmeter::formats
