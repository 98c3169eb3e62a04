// SPDX-License-Identifier: MIT
#include "collector/preview/show_text.hpp"

#include <algorithm>
#include <limits>

#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

/// Of the 256 colours that look alike everywhere, the one that is least away.
std::uint8_t nearest_of_256(const HostColour& colour) {
  const auto square = [](int a, int b) { return (a - b) * (a - b); };
  int best = 16;
  int least = std::numeric_limits<int>::max();
  for (int i = 16; i < 256; ++i) {
    const HostColour one = palette_colour(static_cast<std::uint8_t>(i));
    const int distance = square(one.red, colour.red) + square(one.green, colour.green) +
                         square(one.blue, colour.blue);
    if (distance >= least) continue;
    least = distance;
    best = i;
  }
  return static_cast<std::uint8_t>(best);
}

/// By hue: what is least away of so few is grey for every soft colour.
std::uint8_t nearest_of_16(const HostColour& colour) {
  constexpr int kGreyWithin = 40;
  const auto [low, high] = std::minmax({colour.red, colour.green, colour.blue});
  if (high - low < kGreyWithin) return high < 64 ? 0 : high < 160 ? 8 : high < 240 ? 7 : 15;
  const int middle = (low + high) / 2;
  return static_cast<std::uint8_t>((colour.red > middle ? 1 : 0) + (colour.green > middle ? 2 : 0) +
                                   (colour.blue > middle ? 4 : 0));
}

void add_number(std::string& out, unsigned number) {
  if (!out.empty()) out += ';';
  out += std::to_string(number);
}

/// `base` is 30 for ink, 40 for ground.
void add_colour(std::string& out, const HostColour& colour, unsigned base, formats::Colour depth) {
  const bool few = depth == formats::Colour::ansi16;
  const bool basic = colour.index && *colour.index < 16;
  if (few || basic) {
    const unsigned index = basic ? *colour.index : nearest_of_16(colour);
    return add_number(out, index < 8 ? base + index : base + 60 + index - 8);
  }
  add_number(out, base + 8);
  if (depth == formats::Colour::truecolor && !colour.index) {
    for (const unsigned part :
         {2u, unsigned{colour.red}, unsigned{colour.green}, unsigned{colour.blue}})
      add_number(out, part);
    return;
  }
  add_number(out, 5);
  add_number(out, colour.index ? *colour.index : nearest_of_256(colour));
}

std::string sgr(const HostStyle& style, formats::Colour depth) {
  std::string out;
  if (style.bold) add_number(out, 1);
  if (style.faint) add_number(out, 2);
  if (style.italic) add_number(out, 3);
  if (style.underlined) add_number(out, 4);
  if (style.reversed) add_number(out, 7);
  if (style.ink) add_colour(out, *style.ink, 30, depth);
  if (style.ground) add_colour(out, *style.ground, 40, depth);
  return out;
}

std::string hex(const HostColour& colour) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "#";
  for (const unsigned part : {colour.red, colour.green, colour.blue}) {
    out += kDigits[part / 16];
    out += kDigits[part % 16];
  }
  return out;
}

std::string css(const HostStyle& style) {
  std::string out;
  const auto add = [&](std::string_view what) { out.append(what).append(";"); };
  const auto& ink = style.reversed ? style.ground : style.ink;
  const auto& ground = style.reversed ? style.ink : style.ground;
  if (ink) add("color:" + hex(*ink));
  if (!ink && style.reversed) add("color:Canvas");
  if (ground) add("background:" + hex(*ground));
  if (!ground && style.reversed) add("background:CanvasText");
  if (style.bold) add("font-weight:bold");
  if (style.faint) add("opacity:.6");
  if (style.italic) add("font-style:italic");
  if (style.underlined) add("text-decoration:underline");
  return out;
}

}  // namespace

std::string to_terminal(const HostText& text, formats::Colour colour) {
  std::string out;
  for (const HostSpan& span : text) {
    const std::string style = colour == formats::Colour::none ? "" : sgr(span.style, colour);
    if (style.empty())
      out += span.text;
    else
      out.append("\x1b[").append(style).append("m").append(span.text).append("\x1b[0m");
  }
  return out;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string to_html(const HostText& text) {
  std::string out;
  for (const HostSpan& span : text) {
    const std::string style = css(span.style);
    const std::string shown = html_escaped(span.text);
    if (style.empty())
      out += shown;
    else
      out.append("<span style=\"").append(style).append("\">").append(shown).append("</span>");
  }
  return out;
}

std::string to_visible(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const formats::Decoded one = formats::decode(bytes);
    const std::string_view character = bytes.substr(0, one.bytes);
    bytes.remove_prefix(one.bytes);
    if (one.code == U'\x1b')
      out += "\\e";
    else if (one.code == U'\n')
      out += "\\n";
    else if (!one.valid || formats::is_control(one.code))
      out += "\uFFFD";
    else
      out += character;
  }
  return out;
}

}  // namespace shmeter::collector
