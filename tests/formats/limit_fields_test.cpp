// SPDX-License-Identifier: MIT
// Fields of limits and budgets: when they are over, how old they are, which is the tightest.
#include <gtest/gtest.h>

#include <string>

#include "formats/fields.hpp"
#include "tests/formats/sample.hpp"

namespace shmeter::formats {
namespace {

using shm::kUnknown;

TEST(LimitFields, WindowsPastTheirResetAreUnknown) {
  Sample s = sample();
  s.account.five_hour.resets_at_s = kNow;
  EXPECT_EQ(shown("{five_hour.used}/{five_hour.left}/{five_hour.resets_in}", s), "");
  EXPECT_EQ(shown("{tightest.left} of {tightest.name}", s), "87% of 7d");
  s.account.seven_day.resets_at_s = kNow - 1;
  EXPECT_EQ(shown("{tightest.left} of {tightest.name}", s), "95% of Fable");
  s.account.scoped_1.window.resets_at_s = kNow - 1;
  EXPECT_EQ(shown("{tightest.left} of {tightest.name}", s), "");
}

TEST(LimitFields, AWindowOfZeroIsZero) {
  Sample s = sample();
  s.account.five_hour.used_ppm = 0;
  EXPECT_EQ(shown("{five_hour.used} {five_hour.left}", s), "0% 100%");
  s.account.five_hour.used_ppm = 1'020'000;
  EXPECT_EQ(shown("{five_hour.used} {five_hour.left}", s), "102% 0%");
}

TEST(LimitFields, TightestIsTheOneWithTheLeastLeft) {
  Sample s = sample();
  s.account.seven_day.used_ppm = 420'000;  // equal: the shorter window
  EXPECT_EQ(shown("{tightest.name}", s), "5h");
  s.account.seven_day.used_ppm = 500'000;
  EXPECT_EQ(shown("{tightest.name}", s), "7d");
  s.account.scoped_1.window.used_ppm = 990'000;
  EXPECT_EQ(shown("{tightest.name} {tightest.left}", s), "Fable 1%");
}

TEST(LimitFields, OldIsMoreThanAnHour) {
  const struct {
    i64 age_s;
    std::string_view want;
  } rows[] = {{5, ""}, {3'600, ""}, {3'601, "1h"}, {7'300, "2h"}, {200'000, "2d"}};
  for (const auto& row : rows) {
    Sample s = sample();
    s.account.five_hour.observed_at_s = kNow - row.age_s;
    EXPECT_EQ(shown("{five_hour.old}", s), row.want) << row.age_s;
    EXPECT_EQ(shown("{tightest.old}", s), row.want) << row.age_s;
  }
  Sample s = sample();
  s.account.five_hour.observed_at_s = kUnknown;
  EXPECT_EQ(shown("{five_hour.old}", s), "") << "an age nobody knows is none";
  s.account.five_hour.observed_at_s = kNow - 9'000;
  s.account.five_hour.resets_at_s = kNow;
  EXPECT_EQ(shown("{five_hour.old}", s), "") << "nor is that of a window that is over";
}

TEST(LimitFields, PaceIsUseLessTimeGoneBy) {
  const struct {
    i64 used_ppm, resets_in_s;
    std::string_view five_hour, seven_day, raw;
  } rows[] = {{500'000, 9'000, "0%", "-49%", "0"},        {620'000, 9'000, "+12%", "-37%", "12"},
              {615'000, 9'000, "+12%", "-37%", "11.5"},   {80'000, 9'000, "-42%", "-91%", "-42"},
              {500'001, 9'000, "+<1%", "-49%", "0.0001"}, {0, 18'000, "0%", "-97%", "0"},
              {10'000, 18'059, "+1%", "-96%", "1"},  // a reset told a little late
              {1'100'000, 1, "+10%", "+10%", "10.0056"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.used_ppm);
    Sample s = sample();
    s.account.five_hour = s.account.seven_day = {row.used_ppm, kNow + row.resets_in_s, kNow, 1};
    EXPECT_EQ(shown("{five_hour.pace}", s), row.five_hour);
    EXPECT_EQ(shown("{seven_day.pace}", s), row.seven_day);
    EXPECT_EQ(shown("{five_hour.pace|raw}", s), row.raw);
  }
  Sample s = sample();
  s.account.five_hour.resets_at_s = kUnknown;
  EXPECT_EQ(shown("{five_hour.pace}", s), "");
  s.account.five_hour.resets_at_s = kNow;
  EXPECT_EQ(shown("{five_hour.pace}{five_hour.projected}", s), "");
  TemplateError error;
  EXPECT_FALSE(check_template("<auto:five_hour.pace>x</>", error)) << "a pace is no share";
}

TEST(LimitFields, ScopedIsTheTightestOfItsKind) {
  Sample s = sample();
  s.account.scoped_3.label.assign("Opus");
  s.account.scoped_3.window = {60'000, kNow + 500, kNow - 4'000, 2};
  EXPECT_EQ(shown("{scoped.name} {scoped.used} {scoped.old}", s), "Opus 6% 1h");
  s.account.scoped_3.window.used_ppm = 50'000;
  EXPECT_EQ(shown("{scoped.name}", s), "Fable") << "of equals the first";
  s.account.scoped_1 = s.account.scoped_3 = {};
  EXPECT_EQ(shown("{scoped.name}{scoped.used}", s), "");
}

TEST(LimitFields, AWeekWithUnknownPricesIsAtLeastThat) {
  Sample s = sample();
  s.account.weekly_unpriced_tokens = 1;
  EXPECT_EQ(shown("{account.weekly_used}", s), "$350.00+");
}

TEST(LimitFields, WhatIsOverOfAnAccountIsUnknown) {
  Sample s = sample();
  s.account.spend_limit.resets_at_s = kNow;
  EXPECT_EQ(shown("{spend.used}{spend.limit}{spend.share}{spend.period}", s), "");
  s.account.block.ends_at_s = kNow;
  EXPECT_EQ(shown("{account.block.cost}{account.block.tokens_per_min}", s), "");
  EXPECT_EQ(shown("{account.block_used}", s), "55%");
}

}  // namespace
}  // namespace shmeter::formats
