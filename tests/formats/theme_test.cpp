// SPDX-License-Identifier: MIT
#include "formats/theme.hpp"

#include <gtest/gtest.h>

#include "formats/icons.hpp"
#include "formats/screen.hpp"
#include "tests/formats/sample.hpp"

namespace shmeter::formats {
namespace {

constexpr std::string_view kNord =
    "ok a3be8c 144 2\nwarn ebcb8b 222 3\ncrit bf616a 131 1 bold\nground 2e3440 236 0\n";

std::string in(std::string_view templ, std::string_view theme, Target target,
               Colour colour = Colour::truecolor, int width = 0) {
  const Theme parsed = parse_theme(theme);
  return shown(templ, sample(),
               {.target = target, .colour = colour, .width = width, .theme = &parsed});
}

TEST(Theme, NothingIsTheDefault) {
  const Theme theme = parse_theme("");
  EXPECT_EQ(theme.separator, " · ");
  EXPECT_EQ(theme.limits.warn_ppm, 750'000);
  EXPECT_EQ(theme.paint(Tone::ok).indexed, 71);
  EXPECT_FALSE(theme.has_ground());
}

TEST(Theme, WhatIsNotUnderstoodIsAsInTheDefault) {
  for (const std::string_view text :
       {"ok", "ok ", "ok 5faf5", "ok 5faf5f", "ok 5faf5g 1 1", "ok 5faf5f 256 1", "ok 5faf5f 1 16",
        "ok 5faf5f -1 1", "limits 1", "limits a b", "limits 1 99999999999", "OK a3be8c 144 2",
        "glyphs wide", "\n\n\n", "separator"}) {
    const Theme theme = parse_theme(text);
    EXPECT_EQ(theme.paint(Tone::ok).red, 95) << text;
    EXPECT_EQ(theme.limits.crit_ppm, 900'000) << text;
    EXPECT_EQ(theme.glyphs, Glyphs::unicode) << text;
  }
}

TEST(Theme, ColoursInEachDepthAndMarkup) {
  constexpr std::string_view kTemplate = "<crit>{session.pr}</>";
  const struct {
    Target target;
    Colour colour;
    std::string_view want;
  } rows[] = {
      {Target::ansi, Colour::truecolor, "\x1b[1;38;2;191;97;106;48;2;46;52;64m42\x1b[0m"},
      {Target::ansi, Colour::ansi256, "\x1b[1;38;5;131;48;5;236m42\x1b[0m"},
      {Target::ansi, Colour::ansi16, "\x1b[1;31;40m42\x1b[0m"},
      {Target::ansi, Colour::none, "42"},
      {Target::fish, Colour::ansi16, "\x1b[1;31;40m42\x1b[0m"},
      {Target::bash, Colour::ansi16,
       "\x01\x1b[1;31;40m\x02"
       "42\x01\x1b[0m\x02"},
      {Target::zsh, Colour::truecolor, "%B%F{#bf616a}%K{#2e3440}42%b%f%k"},
      {Target::zsh, Colour::ansi256, "%B%F{131}%K{236}42%b%f%k"},
      {Target::zsh, Colour::ansi16, "%B%F{1}%K{0}42%b%f%k"},
      {Target::tmux, Colour::truecolor, "#[fg=#bf616a,bg=#2e3440,bold]42#[default]"},
      {Target::polybar, Colour::truecolor, "%{F#bf616a}%{B#2e3440}42%{F-}%{B-}"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(in(kTemplate, kNord, row.target, row.colour), row.want) << target_name(row.target);
  EXPECT_NE(in(kTemplate, kNord, Target::waybar)
                .find("<span color='#bf616a' background='#2e3440' weight='bold'>42</span>"),
            std::string::npos);
}

TEST(Theme, BrightColoursAndNone) {
  EXPECT_EQ(in("<ok>{session.pr}</>", "ok ffffff 15 15\n", Target::ansi, Colour::ansi16),
            "\x1b[97m42\x1b[0m");
  EXPECT_EQ(in("<ok>{session.pr}</>", "ok -\n", Target::ansi), "42");
  EXPECT_EQ(in("<ok>{session.pr}</>", "ok - bold\n", Target::tmux), "#[bold]42#[default]");
  EXPECT_EQ(in("<dim>{session.pr}</>", "dim - faint\n", Target::tmux), "#[dim]42#[default]");
  EXPECT_EQ(in("<dim>{session.pr}</>", "dim - faint\n", Target::ansi), "\x1b[2m42\x1b[0m");
}

TEST(Theme, GroundAndCapsAreAroundEachLine) {
  const std::string theme = std::string(kNord) + "left (\nright )\n";
  EXPECT_EQ(in("{session.pr}", theme, Target::plain), "(42)");
  EXPECT_EQ(in("{session.pr}\n{session.pr}", theme, Target::plain), "(42)\n(42)");
  EXPECT_EQ(in("{session.pr}", theme, Target::tmux),
            "#[fg=#2e3440](#[default]#[bg=#2e3440]42#[default]#[fg=#2e3440])#[default]");
  EXPECT_EQ(in("[{nonsense}]", theme, Target::plain), "") << "nothing known, nothing shown";
  for (int width = 1; width < 12; ++width) {
    const std::string line = in("{session.pr} {session.pr} x", theme, Target::plain, {}, width);
    EXPECT_LE(columns_of(line), width) << width << ' ' << line;
  }
}

TEST(Theme, SeparatorGlyphsAndIcons) {
  constexpr std::string_view kTemplate =
      "<icon:cost>{session.pr}<sep>{session.context|bar:4}[<sep><icon:branch>{session.branch}]";
  const std::string unicode = in(kTemplate, "", Target::plain);
  const std::string ascii = in(kTemplate, "glyphs ascii\nseparator  | \n", Target::plain);
  const std::string nerd = in(kTemplate, "glyphs nerd\n", Target::plain);
  EXPECT_TRUE(unicode.starts_with("42 · ")) << unicode;
  EXPECT_TRUE(ascii.starts_with("42 | ")) << ascii;
  EXPECT_EQ(std::count_if(ascii.begin(), ascii.end(), [](char c) { return c < ' '; }), 0) << ascii;
  EXPECT_TRUE(nerd.starts_with("\uf155 42 · ")) << nerd;
  EXPECT_EQ(in("[<icon:agent>{nonsense}]x{session.pr}", "", Target::plain), "x42");
}

TEST(Theme, EveryIconIsOneColumnOrNone) {
  for (const Icon& icon : {
#define SHMETER_ICON(name, unicode, nerd) Icon{name, unicode, nerd},
           SHMETER_ICONS(SHMETER_ICON)
#undef SHMETER_ICON
       }) {
    std::string_view found;
    EXPECT_TRUE(find_icon(icon.name, Glyphs::ascii, found));
    EXPECT_EQ(found, "");
    EXPECT_EQ(columns_of(icon.nerd), 1) << icon.name;
    EXPECT_LE(columns_of(icon.unicode), 1) << icon.name;
  }
  std::string_view none;
  EXPECT_FALSE(find_icon("nonsense", Glyphs::nerd, none));
}

TEST(Theme, LimitsOfAllAndOfOneField) {
  Sample s = sample();
  s.account.five_hour.used_ppm = 500'000;
  const auto shows = [&](std::string_view theme) {
    const Theme parsed = parse_theme(theme);
    return shown("<auto:five_hour.used>{five_hour.used}</>", s,
                 {.target = Target::zsh, .colour = Colour::ansi16, .theme = &parsed});
  };
  EXPECT_EQ(shows(""), "%F{2}50%%%f");
  EXPECT_EQ(shows("limits 500000 900000"), "%F{3}50%%%f");
  EXPECT_EQ(shows("limits 100000 500000"), "%F{1}50%%%f");
  EXPECT_EQ(shows("limits 500000 900000 five_hour.used"), "%F{3}50%%%f");
  EXPECT_EQ(shows("limits 500000 900000 seven_day.used"), "%F{2}50%%%f");
  std::string many;
  for (int i = 0; i < 40; ++i) many += "limits 1 2 seven_day.used\n";
  EXPECT_EQ(shows(many), "%F{2}50%%%f");
}

TEST(Theme, FillPushesTheRestToTheRight) {
  const auto filled = [](std::string_view templ, int width) {
    return shown(templ, sample(), {.target = Target::plain, .width = width});
  };
  EXPECT_EQ(filled("a {session.pr}{fill}b", 10), "a 42     b");
  EXPECT_EQ(filled("a {session.pr}{fill}b", 5), "a 42b");
  EXPECT_EQ(filled("a {session.pr}{fill}b", 0), "a 42 · b");
  EXPECT_EQ(filled("a {session.pr}{fill}", 10), "a 42") << "no space at the end";
  EXPECT_EQ(filled("{session.pr}<sep>{fill}<sep>x", 6), "42   x");
  EXPECT_EQ(filled("{session.pr}{fill}{session.pr}{fill}y", 10), "42  42 · y");
  EXPECT_EQ(filled("{session.pr}{fill}x\n{session.pr}{fill}y", 6), "42   x\n42   y");
  EXPECT_EQ(filled("{session.pr}[{fill}{nonsense}]z", 9), "42z") << "taken back with its group";
  EXPECT_EQ(shown("<ok>{session.pr}</>{fill}<warn>{session.pr}</>", sample(),
                  {.target = Target::zsh, .colour = Colour::ansi16, .width = 8}),
            "%F{2}42%f    %F{3}42%f");
}

}  // namespace
}  // namespace shmeter::formats
