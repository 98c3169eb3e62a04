// SPDX-License-Identifier: MIT
// xterm's palette: 16 colours, a cube of 6x6x6, 24 greys.
#include "collector/config/colour.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace shmeter::collector {
namespace {

using formats::Paint;

constexpr std::array<Rgb, 16> kBasic = {{{0, 0, 0},
                                         {205, 0, 0},
                                         {0, 205, 0},
                                         {205, 205, 0},
                                         {0, 0, 238},
                                         {205, 0, 205},
                                         {0, 205, 205},
                                         {229, 229, 229},
                                         {127, 127, 127},
                                         {255, 0, 0},
                                         {0, 255, 0},
                                         {255, 255, 0},
                                         {92, 92, 255},
                                         {255, 0, 255},
                                         {0, 255, 255},
                                         {255, 255, 255}}};
constexpr std::string_view kNames[] = {"black", "red",     "green", "yellow",
                                       "blue",  "magenta", "cyan",  "white"};
constexpr std::string_view kBright = "bright_";
constexpr int kColours = 256;
constexpr int kCube = 16;
constexpr int kGreys = 232;

/// The eye sees green best, and blue worst.
int distance(Rgb a, Rgb b) {
  const auto square = [](int n) { return n * n; };
  return 3 * square(a.red - b.red) + 4 * square(a.green - b.green) + 2 * square(a.blue - b.blue);
}

/// Of the palette's colours [first, end).
int nearest(Rgb wanted, int first, int end) {
  int best = first;
  for (int i = first; i < end; ++i)
    if (distance(wanted, palette_rgb(i)) < distance(wanted, palette_rgb(best))) best = i;
  return best;
}

/// Of the 16: the hue counts, as there are few, and a muted green is nobody's grey.
int nearest_basic(Rgb rgb) {
  constexpr int kGreyish = 32;
  constexpr int kBrightest = 210;
  const auto [low, high] = std::minmax({rgb.red, rgb.green, rgb.blue});
  if (high - low < kGreyish) return high < 72 ? 0 : high < 160 ? 8 : high < 224 ? 7 : 15;
  const int middle = (low + high) / 2;
  const int hue =
      (rgb.red > middle ? 1 : 0) + (rgb.green > middle ? 2 : 0) + (rgb.blue > middle ? 4 : 0);
  return hue + (high > kBrightest ? 8 : 0);
}

Paint paint_of(Rgb rgb, int indexed, int basic) {
  const auto byte = [](int n) { return static_cast<std::uint8_t>(n); };
  return {.set = true,
          .red = byte(rgb.red),
          .green = byte(rgb.green),
          .blue = byte(rgb.blue),
          .indexed = byte(indexed),
          .basic = byte(basic)};
}

/// The first 16 are what the user made of them: nothing else is ever brought down to one of these
/// but where there are no more.
Paint from_palette(int index) {
  const Rgb rgb = palette_rgb(index);
  return paint_of(rgb, index, index < kCube ? index : nearest_basic(rgb));
}

std::optional<int> number(std::string_view text, int base) {
  int out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  const bool all = error == std::errc{} && end == text.data() + text.size() && out >= 0;
  return all ? std::optional(out) : std::nullopt;
}

std::optional<Paint> from_hex(std::string_view digits) {
  const auto all = number(digits, 16);
  if (!all || digits.front() == '-' || (digits.size() != 3 && digits.size() != 6)) return {};
  const Rgb rgb = digits.size() == 6
                      ? Rgb{*all >> 16 & 255, *all >> 8 & 255, *all & 255}
                      : Rgb{(*all >> 8 & 15) * 17, (*all >> 4 & 15) * 17, (*all & 15) * 17};
  return paint_of(rgb, nearest(rgb, kCube, kColours), nearest_basic(rgb));
}

}  // namespace

Rgb palette_rgb(int index) {
  if (index < kCube) return kBasic[static_cast<std::size_t>(index)];
  if (index >= kGreys) {
    const int grey = 8 + (index - kGreys) * 10;
    return {grey, grey, grey};
  }
  const auto level = [](int step) { return step == 0 ? 0 : 55 + step * 40; };
  const int at = index - kCube;
  return {level(at / 36), level(at / 6 % 6), level(at % 6)};
}

std::optional<Paint> parse_colour(std::string_view text) {
  if (text.empty()) return {};
  if (text[0] == '#') return text.size() == 1 ? std::optional<Paint>() : from_hex(text.substr(1));
  const auto index = number(text, 10);
  if (index && text[0] != '-' && *index < kColours) return from_palette(*index);
  if (text == "gray" || text == "grey") return from_palette(8);
  const bool bright = text.starts_with(kBright);
  if (bright) text.remove_prefix(kBright.size());
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == text) return from_palette(static_cast<int>(i) + (bright ? 8 : 0));
  return {};
}

}  // namespace shmeter::collector
