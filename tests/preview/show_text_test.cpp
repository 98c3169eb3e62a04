// SPDX-License-Identifier: MIT
#include "collector/preview/show_text.hpp"

#include <gtest/gtest.h>

namespace shmeter::collector {
namespace {

using formats::Colour;

HostText tinted(std::string_view hex) {
  HostStyle style;
  style.ink = hex_colour(hex);
  return {{{}, "a "}, {style, "b"}};
}

TEST(ShowText, InWhatColoursThereAre) {
  const HostText text = tinted("#5faf5f");
  EXPECT_EQ(to_terminal(text, Colour::none), "a b");
  EXPECT_EQ(to_terminal(text, Colour::truecolor), "a \x1b[38;2;95;175;95mb\x1b[0m");
  EXPECT_EQ(to_terminal(text, Colour::ansi256), "a \x1b[38;5;71mb\x1b[0m");
  EXPECT_EQ(to_terminal(text, Colour::ansi16), "a \x1b[32mb\x1b[0m");
  const struct {
    std::string_view hex;
    std::string_view want;
  } rows[] = {{"#d78700", "33"}, {"#d75f5f", "31"}, {"#808080", "90"}, {"#5f87d7", "34"},
              {"#000000", "30"}, {"#ffffff", "97"}, {"#c0c0c0", "37"}};
  for (const auto& row : rows) {
    std::string want = "a \x1b[";
    want.append(row.want).append("mb\x1b[0m");
    EXPECT_EQ(to_terminal(tinted(row.hex), Colour::ansi16), want) << row.hex;
  }
}

TEST(ShowText, EveryAttribute) {
  HostStyle style;
  style.bold = style.faint = style.italic = style.underlined = style.reversed = true;
  style.ground = palette_colour(12);
  EXPECT_EQ(to_terminal({{style, "x"}}, Colour::truecolor), "\x1b[1;2;3;4;7;104mx\x1b[0m");
}

TEST(ShowText, WhatATerminalIsGivenReadsBackTheSame) {
  for (int index = 0; index < 256; ++index) {
    HostStyle style;
    style.ink = palette_colour(static_cast<std::uint8_t>(index));
    style.bold = index % 2 == 0;
    const HostText text = {{{}, "a"}, {style, "b"}, {{}, "c"}};
    EXPECT_EQ(read_sgr(to_terminal(text, Colour::truecolor)), text) << index;
  }
}

TEST(ShowText, Html) {
  EXPECT_EQ(to_html(tinted("#5faf5f")), "a <span style=\"color:#5faf5f;\">b</span>");
  EXPECT_EQ(to_html({{{}, "<script>&\"</script>"}}), "&lt;script&gt;&amp;&quot;&lt;/script&gt;");
}

TEST(ShowText, Visible) {
  EXPECT_EQ(to_visible("\x1b[1ma\nb\x07\xff日\\"), "\\e[1ma\\nb\uFFFD\uFFFD日\\");
}

}  // namespace
}  // namespace shmeter::collector
