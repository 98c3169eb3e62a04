// SPDX-License-Identifier: MIT
#include "collector/top/styled_text.hpp"

#include <gtest/gtest.h>

#include "tests/top/top_sample.hpp"

namespace shmeter::collector {
namespace {

using formats::Colour;

std::string named(std::string_view name, int width, Colour colour = Colour::none) {
  shm::Session session;
  session.name.assign(name);
  const formats::Values values = {
      .session = &session, .now_s = kNow, .freshness = formats::Freshness::live};
  return styled("<bold>{session.name}</>", values, colour, width);
}

TEST(StyledText, FitsAndIsClean) {
  EXPECT_EQ(named("refactor", 20), "refactor");
  EXPECT_EQ(named("refactor", 5), "refa…");
  EXPECT_EQ(named("日本語", 4), "日…");
  EXPECT_EQ(named("refactor", 1), "…");
  EXPECT_EQ(named("refactor", 0), "");
  EXPECT_EQ(named("a\x1b[2Jb\nc\x9b\x07", 20), "a[2Jb c\uFFFD");
  EXPECT_EQ(named("x", 20, Colour::ansi16), "\x1b[1mx\x1b[0m");
  EXPECT_EQ(named("", 20), "");
}

TEST(StyledText, ColumnsAndPadding) {
  EXPECT_EQ(columns_of("\x1b[1;38;5;71m日x\x1b[0m"), 3);
  EXPECT_EQ(padded("\x1b[1m日\x1b[0m", 4), "\x1b[1m日\x1b[0m  ");
  EXPECT_EQ(padded("x", 3, Edge::right), "  x");
  EXPECT_EQ(padded("wide", 3), "wide");
  EXPECT_EQ(without_styles("\x1b[1ma\x1b[0mb\x1b[7m"), "ab");
}

TEST(StyledText, PlainTextIsCleaned) {
  EXPECT_EQ(plain_text("a\tb\x1b\u202Ec", 9), "a bc");
  EXPECT_EQ(plain_text("abcdef", 4), "abc…");
  EXPECT_EQ(plain_text("abc", 0), "");
}

TEST(StyledText, Ascii) {
  EXPECT_EQ(in_ascii("\x1b[1m██░░ 42%\x1b[0m · x"), "\x1b[1m##-- 42%\x1b[0m | x");
  EXPECT_EQ(in_ascii("日e\u0301é…"), "??e?~");
  EXPECT_EQ(in_ascii("▸ ▁▂▃▄▅▆▇█"), "> _.:-=+*#");
}

TEST(StyledText, Utf8Locale) {
  EXPECT_TRUE(is_utf8_locale("", "", "en_US.UTF-8"));
  EXPECT_TRUE(is_utf8_locale("C.utf8", "C", "C"));
  EXPECT_TRUE(is_utf8_locale("", "de_DE.utf8", "C"));
  EXPECT_FALSE(is_utf8_locale("C", "", "en_US.UTF-8"));
  EXPECT_FALSE(is_utf8_locale("", "", "de_DE.ISO-8859-1"));
  EXPECT_FALSE(is_utf8_locale("", "", ""));
}

}  // namespace
}  // namespace shmeter::collector
