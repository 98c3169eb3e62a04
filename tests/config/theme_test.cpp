// SPDX-License-Identifier: MIT
// [theme] and [format.*]: what readers are given, and every way to get one wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/config/colour.hpp"
#include "collector/config/config.hpp"
#include "collector/config/line_groups.hpp"
#include "collector/config/theme_text.hpp"
#include "formats/render.hpp"

namespace shmeter::collector {
namespace {

using formats::Glyphs;
using formats::Paint;
using formats::Theme;
using formats::Tone;
using testing::HasSubstr;

std::string seen(const std::optional<Paint>& paint) {
  if (!paint) return "none";
  char text[64];
  std::snprintf(text, sizeof text, "%02x%02x%02x %d %d", paint->red, paint->green, paint->blue,
                paint->indexed, paint->basic);
  return text;
}

TEST(Colour, InEveryForm) {
  const struct {
    std::string_view text;
    std::string_view want;
  } rows[] = {
      {"#5faf5f", "5faf5f 71 2"},   {"#000", "000000 16 0"},     {"#fff", "ffffff 231 15"},
      {"#f00", "ff0000 196 9"},     {"#808080", "808080 244 8"}, {"red", "cd0000 1 1"},
      {"bright_red", "ff0000 9 9"}, {"gray", "7f7f7f 8 8"},      {"0", "000000 0 0"},
      {"15", "ffffff 15 15"},       {"196", "ff0000 196 9"},     {"244", "808080 244 8"},
      {"255", "eeeeee 255 15"},     {"#bf616a", "bf616a 131 1"}, {"#88c0d0", "88c0d0 110 6"},
      {"#f1fa8c", "f1fa8c 228 11"}};
  for (const auto& row : rows) EXPECT_EQ(seen(parse_colour(row.text)), row.want) << row.text;
  for (const std::string_view wrong :
       {"", "#", "#12", "#12345", "#1234567", "#gggggg", "#-12345", "#+12", "256", "-1", "1.5",
        "Red", "bright_gray", "bright_", "rgb(1,2,3)", "0x10", " 1", "1 "})
    EXPECT_EQ(seen(parse_colour(wrong)), "none") << wrong;
}

TEST(Colour, EveryColourOfThePaletteIsItself) {
  for (int i = 0; i < 256; ++i) EXPECT_EQ(parse_colour(std::to_string(i))->indexed, i);
}

Result<Config> parsed(const std::string& text) { return parse_config(text, "c", "/h"); }

Theme theme_of(const std::string& text, std::string& keep) {
  const auto config = parsed(text);
  EXPECT_TRUE(config) << (config ? "" : config.error().message);
  keep = config ? config->theme : "";
  return formats::parse_theme(keep);
}

TEST(ThemeConfig, EveryKey) {
  std::string keep;
  const Theme theme = theme_of(R"(
[theme]
name = "nord"
glyphs = "nerd"
separator = "  "
left = ""
right = ""
background = "#2e3440"
ok = 71
warn = "bold yellow"
crit = "none"
dim = "faint none"
[theme.thresholds]
default = [60, 80.5]
five_hour = [50, 70]
"session.context" = [40, 40]
)",
                               keep);
  EXPECT_EQ(theme.glyphs, Glyphs::nerd);
  EXPECT_EQ(theme.separator, "  ");
  EXPECT_EQ(theme.left_cap, "");
  EXPECT_EQ(theme.right_cap, "");
  EXPECT_EQ(seen(theme.paint(Tone::ground)), "2e3440 236 0");
  EXPECT_EQ(seen(theme.paint(Tone::ok)), "5faf5f 71 2");
  EXPECT_EQ(seen(theme.paint(Tone::warn)), "cdcd00 3 3");
  EXPECT_TRUE(theme.paint(Tone::warn).bold);
  EXPECT_FALSE(theme.paint(Tone::crit).set);
  EXPECT_TRUE(theme.paint(Tone::dim).faint);
  EXPECT_EQ(seen(theme.paint(Tone::accent)).substr(0, 6), "88c0d0");
  EXPECT_EQ(theme.limits.warn_ppm, 600'000);
  EXPECT_EQ(theme.limits.crit_ppm, 805'000);
  EXPECT_EQ(theme.limits_of("five_hour.used").warn_ppm, 500'000);
  EXPECT_EQ(theme.limits_of("session.context").crit_ppm, 400'000);
  EXPECT_EQ(theme.limits_of("seven_day.used").warn_ppm, 600'000);
}

TEST(ThemeConfig, WithoutOneReadersAreGivenNone) {
  EXPECT_EQ(parsed("")->theme, "");
  std::string keep;
  const Theme ascii = theme_of("[theme]\nglyphs = \"ascii\"", keep);
  EXPECT_EQ(ascii.separator, " | ") << "nothing beyond ASCII";
}

TEST(ThemeConfig, EachThatComesWithItIsReadAsItIsWritten) {
  for (const std::string_view name : theme_names()) {
    std::string keep;
    const Theme read = theme_of("[theme]\nname = \"" + std::string(name) + "\"", keep);
    const Theme want = theme_named(name);
    for (std::size_t i = 0; i < formats::kTones; ++i) {
      EXPECT_EQ(seen(read.paints[i]), seen(want.paints[i])) << name << i;
      EXPECT_EQ(read.paints[i].bold, want.paints[i].bold) << name << i;
      EXPECT_EQ(read.paints[i].faint, want.paints[i].faint) << name << i;
    }
    EXPECT_LE(keep.size(), formats::kMaxThemeBytes);
  }
}

TEST(ThemeConfig, Mistakes) {
  const std::string theme = "[theme]\n";
  const std::string limits = "[theme.thresholds]\n";
  const struct {
    std::string text;
    std::string_view where, what;
  } rows[] = {
      {"theme = 1", "c:1:9: ", "table"},
      {theme + "nam = \"nord\"", "c:2:1: ", "did you mean \"name\"?"},
      {theme + "name = \"nrod\"", "c:2:8: ", "did you mean \"nord\"?"},
      {theme + "name = 5", "c:2:8: ", "text"},
      {theme + "glyphs = \"utf8\"", "c:2:10: ", "unknown glyphs"},
      {theme + "ok = \"gren\"", "c:2:6: ", "#rrggbb"},
      {theme + "ok = 256", "c:2:6: ", "#rrggbb"},
      {theme + "ok = -1", "c:2:6: ", "#rrggbb"},
      {theme + "ok = 1.5", "c:2:6: ", "text"},
      {theme + "ok = \"bold\"", "c:2:6: ", "#rrggbb"},
      {theme + "background = \"#12\"", "c:2:14: ", "#rrggbb"},
      {theme + "separator = \"" + std::string(33, 'x') + "\"", "c:2:13: ", "shorten"},
      {theme + "separator = \"a\\nb\"", "c:2:13: ", "one line"},
      {theme + "left = \"12345\"", "c:2:8: ", "wider than 4"},
      {limits + "five_hours = [1, 2]", "c:2:1: ", "did you mean \"five_hour"},
      {limits + "today = [1, 2]", "c:2:1: ", "unknown field"},
      {limits + "\"today.cost\" = [1, 2]", "c:2:1: ", "no share"},
      {limits + "five_hour = 5", "c:2:13: ", "[75, 90]"},
      {limits + "five_hour = [5]", "c:2:13: ", "[75, 90]"},
      {limits + "five_hour = [90, 75]", "c:2:13: ", "before it is critical"},
      {limits + "five_hour = [1, 101]", "c:2:17: ", "from 0 to 100"},
  };
  for (const auto& row : rows) {
    const auto config = parsed(row.text);
    ASSERT_FALSE(config) << row.text;
    EXPECT_THAT(config.error().message, testing::StartsWith(std::string(row.where))) << row.text;
    EXPECT_THAT(config.error().message, HasSubstr(std::string(row.what))) << row.text;
  }
}

TEST(FormatConfig, ATemplateTheNameOfOneOrGroups) {
  const auto config = parsed(
      "[format.tmux]\ntemplate = \"rich\"\n[format.zsh]\ntemplate = \"{session.cost}\"\n"
      "[format.waybar]\ngroups = [\"cost\", \"fill\", \"five_hour\"]\n"
      "[format.plain]\ngroups = [\"cost\", \"model\"]\npriority = [\"model\"]\n");
  ASSERT_TRUE(config) << config.error().message;
  std::map<std::string, std::string> by;
  for (const FormatConfig& one : config->formats) by[one.target] = one.text;
  EXPECT_EQ(by["tmux"], formats::rich_template());
  EXPECT_EQ(by["zsh"], "{session.cost}");
  EXPECT_THAT(by["waybar"], testing::StartsWith("[!2:<sep><icon:cost>{session.cost}]{fill}[!3:"));
  EXPECT_THAT(by["plain"], testing::StartsWith("[!9:<sep><icon:cost>"));
  EXPECT_THAT(by["plain"], HasSubstr("[!1:<sep><icon:model>"));
}

TEST(FormatConfig, EveryGroupIsARightTemplate) {
  std::vector<std::string> all;
  for (const std::string_view name : line_group_names()) {
    all.emplace_back(name);
    formats::TemplateError error;
    EXPECT_TRUE(formats::check_template(line_of_groups({{std::string(name)}}, {}), error))
        << name << ": " << error.message;
  }
  formats::TemplateError error;
  EXPECT_TRUE(formats::check_template(line_of_groups(all, all), error)) << error.message;
}

TEST(FormatConfig, Mistakes) {
  const std::string format = "[format.tmux]\n";
  const struct {
    std::string text;
    std::string_view where, what;
  } rows[] = {
      {format, "c:1:1: ", "template"},
      {format + "groups = []", "c:2:10: ", "list of groups"},
      {format + "groups = \"cost\"", "c:2:10: ", "list of groups"},
      {format + "groups = [\"cots\"]", "c:2:11: ", "did you mean \"cost\"?"},
      {format + "groups = [\"cost\", \"cost\"]", "c:2:19: ", "twice"},
      {format + "groups = [\"cost\"]\ntemplate = \"x\"", "c:2:10: ", "remove one"},
      {format + "template = \"x\"\npriority = [\"cost\"]", "c:3:12: ", "is for \"groups\""},
      {"[format.zhs]\ntemplate = \"x\"", "c:1:9: ", "did you mean \"zsh\"?"},
  };
  for (const auto& row : rows) {
    const auto config = parsed(row.text);
    ASSERT_FALSE(config) << row.text;
    EXPECT_THAT(config.error().message, testing::StartsWith(std::string(row.where))) << row.text;
    EXPECT_THAT(config.error().message, HasSubstr(std::string(row.what))) << row.text;
  }
}

}  // namespace
}  // namespace shmeter::collector
