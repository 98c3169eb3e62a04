// SPDX-License-Identifier: MIT
// Each host's markup as tables: what it looks like, and what a host would refuse.
#include "collector/preview/host_text.hpp"

#include <gtest/gtest.h>

#include <random>

namespace shmeter::collector {
namespace {

HostStyle ink(std::string_view hex) {
  HostStyle style;
  style.ink = hex_colour(hex);
  return style;
}
HostStyle ink(std::uint8_t index) {
  HostStyle style;
  style.ink = palette_colour(index);
  return style;
}
HostStyle bold() {
  HostStyle style;
  style.bold = true;
  return style;
}

struct Row {
  std::string_view line;
  HostText want;
};
using Reader = Result<HostText> (*)(std::string_view);

void expect_rows(Reader read, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.line));
    const auto got = read(row.line);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(*got, row.want);
  }
}
void expect_refused(Reader read, std::initializer_list<std::string_view> lines) {
  for (const std::string_view line : lines) {
    SCOPED_TRACE(testing::PrintToString(line));
    const auto got = read(line);
    EXPECT_FALSE(got);
    if (!got) {
      EXPECT_EQ(got.error().code, Errc::corrupt);
    }
  }
}

TEST(HostText, Colours) {
  EXPECT_EQ(hex_colour("#5faf5f"), (HostColour{0x5f, 0xaf, 0x5f, {}}));
  EXPECT_EQ(hex_colour("#fa0"), (HostColour{0xff, 0xaa, 0x00, {}}));
  for (const std::string_view bad : {"", "#", "5faf5f", "#5faf5", "#5faf5g", "#5faf5f0"})
    EXPECT_EQ(hex_colour(bad), std::nullopt) << bad;
  EXPECT_EQ(palette_colour(71), (HostColour{0x5f, 0xaf, 0x5f, 71}));
  EXPECT_EQ(palette_colour(244), (HostColour{0x80, 0x80, 0x80, 244}));
  EXPECT_EQ(named_colour("brightred"), palette_colour(9));
  EXPECT_EQ(named_colour("nothing"), std::nullopt);
}

TEST(HostText, Sgr) {
  expect_rows(read_sgr, {{"", {}},
                         {"plain", {{{}, "plain"}}},
                         {"\x1b[1mA\x1b[0mB", {{bold(), "A"}, {{}, "B"}}},
                         {"\x1b[32mA\x1b[m", {{ink(2), "A"}}},
                         {"\x1b[95mA\x1b[39mB", {{ink(13), "A"}, {{}, "B"}}},
                         {"\x1b[38;5;71mA\x1b[0m", {{ink(71), "A"}}},
                         {"\x1b[38;2;95;175;95mA\x1b[0m", {{ink("#5faf5f"), "A"}}},
                         {"a\nb", {{{}, "a\nb"}}}});
  HostStyle both = bold();
  both.ink = palette_colour(1);
  expect_rows(read_sgr, {{"\x1b[1;31mA\x1b[0m", {{both, "A"}}}});
  expect_refused(read_sgr, {"\x1b[2J", "\x1b]0;x\x07", "\x1b", "\x1b[1", "\x1b[1mA", "\x1b[38;5mA",
                            "\x1b[999m", "\x1b[38;2;1;2mA", "\x1b[73mA"});
}

TEST(HostText, Tmux) {
  expect_rows(read_tmux, {{"a##b", {{{}, "a#b"}}},
                          {"a#S 5%", {{{}, "a#S 5%"}}},  // only styles are read in a #()
                          {"#[fg=#5faf5f]A#[default]B", {{ink("#5faf5f"), "A"}, {{}, "B"}}},
                          {"#[fg=colour71]A#[fg=default]B", {{ink(71), "A"}, {{}, "B"}}},
                          {"#[fg=red]A", {{ink(1), "A"}}},
                          {"#[bold]A#[nobold]B", {{bold(), "A"}, {{}, "B"}}},
                          {"###[bold]A", {{{}, "#"}, {bold(), "A"}}},
                          {"##[bold]", {{{}, "#[bold]"}}}});
  HostStyle both = bold();
  both.ink = palette_colour(1);
  expect_rows(read_tmux, {{"#[fg=red,bold]A", {{both, "A"}}}, {"#[fg=red bold]A", {{both, "A"}}}});
  expect_refused(read_tmux, {"#[bold", "#[fg=#12]A", "#[fg=colour999]A", "#[shiny]A", "#[fg=]A"});
}

TEST(HostText, Polybar) {
  expect_rows(read_polybar, {{"42% {x}", {{{}, "42% {x}"}}},
                             {"%{F#5faf5f}A%{F-}B", {{ink("#5faf5f"), "A"}, {{}, "B"}}},
                             {"13%%{F-}", {{{}, "13%"}}},
                             {"%{T2}A%{T-}", {{{}, "A"}}}});
  HostStyle ground;
  ground.ground = hex_colour("#abc");
  expect_rows(read_polybar, {{"%{F#f00 F- B#abc}A", {{ground, "A"}}}});
  expect_refused(read_polybar, {"%{F#5faf5f", "%{Fred}A", "%{F}A", "%{Z}A", "%{+x}"});
}

TEST(HostText, Pango) {
  expect_rows(read_pango,
              {{"a &amp; &lt;b&gt; &quot;&apos;&#92;&#x65E5;", {{{}, "a & <b> \"'\\日"}}},
               {"<span color='#5faf5f'>A</span>B", {{ink("#5faf5f"), "A"}, {{}, "B"}}},
               {"<span weight=\"bold\">A</span>", {{bold(), "A"}}},
               {"<b>A</b>", {{bold(), "A"}}},
               {"<span>A</span>", {{{}, "A"}}}});
  HostStyle both = bold();
  both.ink = hex_colour("#ff0000");
  expect_rows(read_pango,
              {{"<b><span foreground='#ff0000'>A</span>B</b>", {{both, "A"}, {bold(), "B"}}}});
  expect_refused(
      read_pango,
      {"a & b", "&nosuch;", "&#0;", "&#xD800;", "&#x110000;", "&#;", "<", "<b", "<b>A", "A</b>",
       "<b><i>A</b></i>", "<script>", "<span color='nosuch'>A</span>", "<span color=red>A</span>",
       "<span color>A</span>", "<span nosuch='1'>A</span>", "<b color='#ff0000'>A</b>"});
}

TEST(HostText, Waybar) {
  expect_rows(read_waybar,
              {{R"({"text":"<b>A</b> \u65e5","class":["ok"]})", {{bold(), "A"}, {{}, " 日"}}},
               {R"({"text":""})", {}}});
  expect_refused(read_waybar, {"", "A", "{", "[]", R"({"class":"ok"})", R"({"text":5})",
                               R"({"text":"<b>"})", "{\"text\":\"a\nb\"}"});
}

TEST(HostText, NoHostIsGivenControlsOrBrokenText) {
  for (const auto target : {formats::Target::plain, formats::Target::tmux, formats::Target::ansi,
                            formats::Target::polybar}) {
    EXPECT_TRUE(read_host_line(target, "fine\n日"));
    EXPECT_FALSE(read_host_line(target, "a\x07"));
    EXPECT_FALSE(read_host_line(target, "a\xff"));
    EXPECT_FALSE(read_host_line(target, "a\xc2\x9b"));
  }
  EXPECT_FALSE(read_host_line(formats::Target::waybar, R"({"text":"a&#27;[2J"})"));
}

TEST(HostText, AnyBytesHaveAnAnswer) {
  constexpr std::string_view kPieces[] = {
      "#[", "]",  "#",  "fg=",   "bold", ",",     "%{",           "}",   "F#",
      "-",  "<",  ">",  "/",     "span", " ",     "color='",      "'",   "&",
      ";",  "#x", "12", "\x1b[", "m",    "38;5;", "{\"text\":\"", "\"}", "\xff",
      "日", "\\", "\n"};
  std::mt19937_64 random(5);
  for (int round = 0; round < 50'000; ++round) {
    std::string line;
    for (std::size_t n = random() % 12; n > 0; --n) line += kPieces[random() % std::size(kPieces)];
    for (int target = 0; target <= static_cast<int>(formats::Target::json); ++target) {
      const auto got = read_host_line(static_cast<formats::Target>(target), line);
      EXPECT_TRUE(got || !got.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace shmeter::collector
