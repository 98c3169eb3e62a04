// SPDX-License-Identifier: MIT
#include "collector/top/burn.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace shmeter::collector {
namespace {

using shm::kUnknown;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr i64 kStart = 1'000'000;  // an interval begins

TEST(Burn, CountsWhatGrewInEachInterval) {
  Burn burn;
  EXPECT_THAT(burn.recent(5), IsEmpty());
  EXPECT_EQ(burn.tokens_last_minute(), kUnknown);
  burn.take(kStart, 5'000);  // what was there before is nobody's interval
  EXPECT_THAT(burn.recent(5), ElementsAre(0));
  burn.take(kStart + 3, 5'100);
  burn.take(kStart + 9, 5'150);
  burn.take(kStart + 10, 5'200);
  burn.take(kStart + 25, 5'200);
  EXPECT_THAT(burn.recent(5), ElementsAre(150, 50, 0));
  EXPECT_THAT(burn.recent(2), ElementsAre(50, 0));
  EXPECT_EQ(burn.tokens_last_minute(), 200);
}

TEST(Burn, WhatNobodyKnewIsASpaceAndItsIncreaseNobodys) {
  Burn burn;
  burn.take(kStart, 1'000);
  burn.take(kStart + 10, kUnknown);
  burn.take(kStart + 20, 9'000);
  burn.take(kStart + 29, 9'001);
  EXPECT_THAT(burn.recent(9), ElementsAre(0, kUnknown, 1));
}

TEST(Burn, AGapOfOurOwnIsUnknown) {
  Burn burn;
  burn.take(kStart, 1'000);
  burn.take(kStart + 30, 9'000);
  burn.take(kStart + 31, 9'005);
  EXPECT_THAT(burn.recent(9), ElementsAre(0, kUnknown, kUnknown, 5));
}

TEST(Burn, CountedAnewIsNotNegative) {
  Burn burn;
  burn.take(kStart, 1'000);
  burn.take(kStart + 1, 400);
  burn.take(kStart + 2, 500);
  EXPECT_THAT(burn.recent(9), ElementsAre(100));
}

TEST(Burn, AClockThatWasSetBeginsAnew) {
  Burn burn;
  burn.take(kStart, 1'000);
  burn.take(kStart - 86'400, 2'000);
  EXPECT_THAT(burn.recent(9), ElementsAre(0));
  burn.take(kStart + 86'400 * 365, 3'000);
  EXPECT_THAT(burn.recent(9), ElementsAre(0));
}

TEST(Burn, AbsurdNumbersAreNoTrouble) {
  Burn burn;
  constexpr i64 kMost = std::numeric_limits<i64>::max();
  burn.take(kStart, -kMost);
  burn.take(kStart + 1, kMost);
  burn.take(kStart + 2, 0);
  burn.take(kStart + 3, kMost);
  burn.take(kStart + 4, 0);
  burn.take(kStart + 5, kMost);
  EXPECT_EQ(sparkline(burn.recent(9)).size(), 3u);
}

TEST(Burn, KeepsAnHour) {
  Burn burn;
  for (i64 at = 0; at < 10'000; at += 5) burn.take(kStart + at, at);
  EXPECT_EQ(burn.recent(100'000).size(), 360u);
}

TEST(Sparkline, Table) {
  const struct {
    std::vector<i64> values;
    std::string_view want;
  } rows[] = {{{}, ""},
              {{0, 0}, "▁▁"},
              {{0, 1}, "▁█"},
              {{1, 1'000'000, 0}, "▂█▁"},
              {{kUnknown, 4, kUnknown}, " █ "},
              {{0, 1, 2, 3, 4, 5, 6, 7}, "▁▂▃▄▅▆▇█"}};
  for (const auto& row : rows) EXPECT_EQ(sparkline(row.values), row.want);
}

}  // namespace
}  // namespace shmeter::collector
