// SPDX-License-Identifier: MIT
// The text of a theme, for who has one: apart from what every line needs.
#include "formats/theme.hpp"

namespace shmeter::formats {

namespace {

constexpr std::string_view kToneNames[] = {"", "ok", "warn", "crit", "dim", "accent", "ground"};

std::string_view take_word(std::string_view& text) {
  const std::size_t end = text.find(' ');
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return word;
}

/// Digits of the base; -1 when there are none, others, or too many.
i64 number(std::string_view text, i64 base) {
  if (text.empty() || text.size() > 9) return -1;
  i64 out = 0;
  for (const char c : text) {
    const i64 digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : base;
    if (digit >= base) return -1;
    out = out * base + digit;
  }
  return out;
}

/// `5faf5f 71 2 bold`, or `- bold`.
void read_paint(std::string_view text, Paint& paint) {
  Paint read;
  const std::string_view hex = take_word(text);
  if (hex != "-") {
    const i64 rgb = number(hex, 16);
    const i64 indexed = number(take_word(text), 10);
    const i64 basic = number(take_word(text), 10);
    if (hex.size() != 6 || rgb < 0 || indexed < 0 || indexed > 255 || basic < 0 || basic > 15)
      return;
    const auto byte = [](i64 value) { return static_cast<std::uint8_t>(value & 255); };
    read = {.set = true,
            .red = byte(rgb >> 16),
            .green = byte(rgb >> 8),
            .blue = byte(rgb),
            .indexed = byte(indexed),
            .basic = byte(basic)};
  }
  while (!text.empty()) {
    const std::string_view word = take_word(text);
    read.bold = read.bold || word == "bold";
    read.faint = read.faint || word == "faint";
  }
  paint = read;
}

void read_limits(std::string_view text, Theme& theme) {
  const Limits limits = {number(take_word(text), 10), number(take_word(text), 10)};
  if (limits.warn_ppm < 0 || limits.crit_ppm < 0) return;
  if (text.empty())
    theme.limits = limits;
  else if (theme.own_count < kMaxLimits)
    theme.own[theme.own_count++] = {text, limits};
}

void read_line(std::string_view line, Theme& theme) {
  const std::string_view key = take_word(line);
  if (key == "separator") theme.separator = line;
  if (key == "left") theme.left_cap = line;
  if (key == "right") theme.right_cap = line;
  if (key == "limits") read_limits(line, theme);
  if (key == "glyphs")
    theme.glyphs = line == "ascii"  ? Glyphs::ascii
                   : line == "nerd" ? Glyphs::nerd
                                    : Glyphs::unicode;
  for (std::size_t i = 1; i < kTones; ++i)
    if (kToneNames[i] == key) read_paint(line, theme.paints[i]);
}

}  // namespace

Theme parse_theme(std::string_view text) noexcept {
  Theme theme = default_theme();
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    read_line(text.substr(0, end), theme);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return theme;
}

}  // namespace shmeter::formats
