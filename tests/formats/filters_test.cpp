// SPDX-License-Identifier: MIT
#include "formats/filters.hpp"

#include <gtest/gtest.h>

#include "tests/formats/sample.hpp"

namespace shmeter::formats {
namespace {

TEST(Filters, Table) {
  const struct {
    std::string_view templ;
    std::string_view want;
  } rows[] = {
      {"{session.tokens|short}", "1.2k"},
      {"{session.tokens|raw}", "1200"},
      {"{session.cost|raw}", "0.021345678"},
      {"{session.context|raw}", "42"},
      {"{account.name|raw}", "work"},  // not for texts: as without
      {"{session.api|raw}", "65"},
      {"{five_hour.resets_in|raw}", "9000"},
      {"{five_hour.used|percent}", "42%"},
      {"{five_hour.used|percent:1}", "42.0%"},
      {"{five_hour.used|percent:4}", "42.0000%"},
      {"{five_hour.used|percent:5}", "42%"},  // does not fit: as without
      {"{five_hour.used|percent:x}", "42%"},
      {"{session.cost|money}", "$0.02"},
      {"{session.cost|money:4}", "$0.0213"},
      {"{session.cost|money:0}", "<$1"},
      {"{session.context|bar}", "███░░░░░"},
      {"{session.context|bar:5}", "██░░░"},
      {"{session.context|bar:5:ascii}", "==---"},
      {"{session.context|bar:33}", "42%"},
      {"{five_hour.left|bar:5}", "███░░"},
      {"{five_hour.resets_in|countdown}", "2h30m"},
      {"{five_hour.resets_at|countdown}", "2h30m"},
      {"{five_hour.age|countdown}", "<1m"},
      {"{session.age|age}", "3s"},
      {"{five_hour.resets_at|age}", "0s"},
      {"{five_hour.resets_at|clock}", "18:30"},
      {"{hours.cost|spark}", "▁▂▃▄▅▆▇▁▁▁▂█"},
      {"{hours.cost|spark:3}", "▁▂█"},
      {"{hours.cost|spark:1}", "█"},
      {"{hours.tokens|spark:24}", "▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█"},
      {"{hours.cost|spark:25}", "▁▂▃▄▅▆▇▁▁▁▂█"},  // does not fit: as without
      {"{hours.cost|raw}", "▁▂▃▄▅▆▇▁▁▁▂█"},
      {"{session.tokens|spark}", "1.2k"},
      {"{session.name|max:20}", "refactor"},
      {"{session.name|max:8}", "refactor"},
      {"{session.name|max:7}", "refact…"},
      {"{session.name|max:1}", "…"},
      {"{session.name|max:0}", "refactor"},
      {"{session.name|max}", "refactor"},
      {"{session.name|max:5|max:4}", "ref…"},
      {"{session.tokens|bar}", "1.2k"},
      {"{session.tokens|nonsense}", "1.2k"},
      {"{session.tokens|raw|short}", "1.2k"},  // the last that fits
      {"{session.tokens|}", "1.2k"},
      {"{|}{session.pr}", "-42"},
  };
  for (const auto& row : rows) EXPECT_EQ(shown(row.templ, sample()), row.want) << row.templ;
}

TEST(Filters, SparkOfWhatIsNoSeries) {
  for (const std::string_view text : {"", "8", "012345678", "-1", "▁", "00 0", "\x1b[31m"}) {
    Sample s = sample();
    s.summary.hours_cost.assign(text);
    EXPECT_EQ(shown("{hours.cost|spark}", s), "") << text;
  }
}

TEST(Filters, SparkInAscii) {
  Theme theme;
  theme.glyphs = Glyphs::ascii;
  Sample s = sample();
  s.summary.hours_cost.assign("01234567");
  EXPECT_EQ(shown("{hours.cost}", s, {.theme = &theme}), "_.:-=+*#");
  EXPECT_EQ(shown("{hours.cost}", s), "▁▂▃▄▅▆▇█") << "a shorter one shows what there is";
}

TEST(Filters, MaxCountsColumns) {
  Sample s = sample();
  s.session.name.assign("日本語の名前");
  const struct {
    std::string_view templ;
    std::string_view want;
  } rows[] = {{"{session.name|max:12}", "日本語の名前"},
              {"{session.name|max:11}", "日本語の名…"},
              {"{session.name|max:10}", "日本語の…"},
              {"{session.name|max:2}", "…"}};
  for (const auto& row : rows) EXPECT_EQ(shown(row.templ, s), row.want) << row.templ;
}

TEST(Filters, ClockNeedsTheTimeZone) {
  Sample s = sample();
  s.summary.utc_offset_s = shm::kUnknown;
  EXPECT_EQ(shown("[at {five_hour.resets_at}]{session.pr}", s), "42");
  // The reset lies behind the change of the clocks.
  s = sample();
  s.summary.utc_change_at_s = kNow + 100;
  s.summary.utc_offset_after_s = 0;
  EXPECT_EQ(shown("{five_hour.resets_at}", s), "17:30");
}

TEST(Filters, ArgumentNumbers) {
  const struct {
    std::string_view argument;
    int want;
  } rows[] = {{"0", 0},   {"12", 12}, {"012", 12},  {"", -1},
              {"-1", -1}, {"1x", -1}, {"9999", -1}, {"201", -1}};
  for (const auto& row : rows)
    EXPECT_EQ(argument_number(row.argument, 0, 200), row.want) << row.argument;
}

}  // namespace
}  // namespace shmeter::formats
