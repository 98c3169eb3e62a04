// SPDX-License-Identifier: MIT
// Terminals: ECMA-48 SGR, and xterm's 38;5 and 38;2.
#include <charconv>

#include "collector/preview/host_text.hpp"

namespace shmeter::collector {
namespace {

using Numbers = std::vector<unsigned>;

std::optional<Numbers> numbers_of(std::string_view text) {
  Numbers out;
  while (true) {
    const std::string_view one = text.substr(0, text.find(';'));
    unsigned value = 0;
    const auto read = std::from_chars(one.data(), one.data() + one.size(), value);
    const bool whole = read.ec == std::errc{} && read.ptr == one.data() + one.size();
    if (!one.empty() && (!whole || value > 255)) return std::nullopt;
    out.push_back(one.empty() ? 0 : value);
    if (one.size() == text.size()) return out;
    text.remove_prefix(one.size() + 1);
  }
}

/// The colour behind 38 or 48 at `i`, which then stands on its last number.
std::optional<HostColour> long_colour(const Numbers& all, std::size_t& i) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(all[at]); };
  if (i + 2 < all.size() && all[i + 1] == 5) {
    i += 2;
    return palette_colour(byte(i));
  }
  if (i + 4 < all.size() && all[i + 1] == 2) {
    i += 4;
    return HostColour{byte(i - 2), byte(i - 1), byte(i), std::nullopt};
  }
  return std::nullopt;
}

std::optional<HostColour> basic_colour(unsigned n, unsigned normal, unsigned bright) {
  if (n >= normal && n < normal + 8) return palette_colour(static_cast<std::uint8_t>(n - normal));
  if (n >= bright && n < bright + 8)
    return palette_colour(static_cast<std::uint8_t>(n - bright + 8));
  return std::nullopt;
}

/// False for what is none of ours.
bool apply(HostStyle& style, const Numbers& all, std::size_t& i) {
  const unsigned n = all[i];
  if (n == 38 || n == 48) {
    const auto colour = long_colour(all, i);
    (n == 38 ? style.ink : style.ground) = colour;
    return colour.has_value();
  }
  if (const auto ink = basic_colour(n, 30, 90)) return style.ink = ink, true;
  if (const auto ground = basic_colour(n, 40, 100)) return style.ground = ground, true;
  switch (n) {
    case 0:
      style = {};
      return true;
    case 1:
      return style.bold = true;
    case 2:
      return style.faint = true;
    case 3:
      return style.italic = true;
    case 4:
      return style.underlined = true;
    case 7:
      return style.reversed = true;
    case 22:
      style.bold = style.faint = false;
      return true;
    case 39:
      style.ink.reset();
      return true;
    case 49:
      style.ground.reset();
      return true;
    default:
      return false;
  }
}

/// Takes a hyperlink's begin or end (OSC 8) off the front; false when there is none.
bool take_link(std::string_view& line, bool& open) {
  constexpr std::string_view kBegin = "\x1b]8;;";
  constexpr std::string_view kEnd = "\x1b\\";
  const std::size_t end = line.find(kEnd, kBegin.size());
  if (!line.starts_with(kBegin) || end == line.npos) return false;
  open = end > kBegin.size();
  line.remove_prefix(end + kEnd.size());
  return true;
}

}  // namespace

Result<HostText> read_sgr(std::string_view line) {
  HostText out;
  HostStyle style;
  bool link = false;
  while (!line.empty()) {
    const std::size_t escape = line.find('\x1b');
    add_text(out, style, line.substr(0, escape));
    if (escape == line.npos) break;
    line.remove_prefix(escape);
    if (take_link(line, link)) continue;
    const std::size_t end = line.find_first_not_of("0123456789;", 2);
    if (!line.starts_with("\x1b[") || end == line.npos || line[end] != 'm')
      return fail(Errc::corrupt, "an escape sequence that is no style");
    const auto numbers = numbers_of(line.substr(2, end - 2));
    for (std::size_t i = 0; numbers && i < numbers->size(); ++i)
      if (!apply(style, *numbers, i)) return fail(Errc::corrupt, "a style no terminal knows");
    if (!numbers) return fail(Errc::corrupt, "a style no terminal knows");
    line.remove_prefix(end + 1);
  }
  if (link) return fail(Errc::corrupt, "a link that is left open");
  if (style != HostStyle{}) return fail(Errc::corrupt, "a style that is left open");
  return out;
}

}  // namespace shmeter::collector
