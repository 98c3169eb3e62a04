// SPDX-License-Identifier: MIT
#include "plugin/pace.hpp"

#include <gtest/gtest.h>

namespace shmeter::plugin {
namespace {

using shm::i64;

constexpr i64 kMs = 1'000'000;
constexpr i64 kSecond = 1000 * kMs;
constexpr i64 kStart = 1'795'295'252 * kSecond + 300 * kMs;  // 32 s into its minute

TEST(Pace, FirstLineAtOnceWhateverItIs) {
  EXPECT_TRUE(Pace(Rhythm::once_a_second).due(false, kStart));
  EXPECT_TRUE(Pace(Rhythm::at_once).due(false, kStart));
}

TEST(Pace, EveryChangeAtOnce) {
  Pace pace(Rhythm::at_once);
  pace.printed(true, kStart);
  EXPECT_TRUE(pace.due(true, kStart + 1));
  EXPECT_FALSE(pace.due(false, kStart + 1));
  EXPECT_EQ(pace.closed_ns(kStart + 1), 0);
}

TEST(Pace, TmuxGetsTheNewestJustAfterTheNextSecond) {
  Pace pace(Rhythm::once_a_second);
  pace.printed(true, kStart);
  EXPECT_FALSE(pace.due(true, kStart + 699 * kMs));
  const i64 closed = pace.closed_ns(kStart + 100 * kMs);
  EXPECT_GE(closed, 600 * kMs);
  EXPECT_LE(closed, 620 * kMs);
  EXPECT_EQ(pace.closed_ns(kStart + 700 * kMs), 0);
  EXPECT_TRUE(pace.due(true, kStart + 705 * kMs));
}

TEST(Pace, TmuxGetsItsFirstLineAgainInAnotherSecond) {
  Pace pace(Rhythm::once_a_second);
  pace.printed(true, kStart);
  EXPECT_FALSE(pace.due(false, kStart + 900 * kMs));
  EXPECT_LE(pace.sleep_ns(kStart), kSecond + 10 * kMs);
  EXPECT_TRUE(pace.due(false, kStart + kSecond + 10 * kMs));
  pace.printed(false, kStart + kSecond + 10 * kMs);
  EXPECT_FALSE(pace.due(false, kStart + 100 * kSecond));
}

TEST(Pace, TmuxGetsEachLineAgainOnce) {
  Pace pace(Rhythm::once_a_second);
  pace.printed(false, kStart);  // a blank one, too
  pace.printed(true, kStart + 60 * kSecond);
  EXPECT_FALSE(pace.due(false, kStart + 61 * kSecond));
  EXPECT_TRUE(pace.due(false, kStart + 61 * kSecond + 5 * kMs));
  pace.printed(true, kStart + 61 * kSecond);  // yet another one in its place
  EXPECT_FALSE(pace.due(false, kStart + 61 * kSecond + 900 * kMs));
  EXPECT_TRUE(pace.due(false, kStart + 62 * kSecond + 5 * kMs));
  pace.printed(false, kStart + 62 * kSecond + 5 * kMs);
  EXPECT_FALSE(pace.due(false, kStart + 100 * kSecond));
}

TEST(Pace, KeepsAliveEveryHalfHour) {
  Pace pace(Rhythm::once_a_second);
  pace.printed(true, kStart);
  pace.printed(false, kStart + 2 * kSecond);
  EXPECT_FALSE(pace.due(false, kStart + 1790 * kSecond));
  EXPECT_TRUE(pace.due(false, kStart + 1803 * kSecond));
}

TEST(Pace, SleepsToTheMinuteAndNeverLongerThanFiveSeconds) {
  Pace pace(Rhythm::at_once);
  pace.printed(true, kStart);
  EXPECT_EQ(pace.sleep_ns(kStart), 5 * kSecond);
  const i64 minute = (kStart / (60 * kSecond) + 1) * 60 * kSecond;
  EXPECT_EQ(pace.sleep_ns(minute - 2 * kSecond), 2 * kSecond);
  EXPECT_EQ(pace.sleep_ns(minute - 1), kMs);
}

TEST(Pace, AClockSetBackDoesNotSilence) {
  Pace pace(Rhythm::once_a_second);
  pace.printed(true, kStart);
  EXPECT_TRUE(pace.due(true, kStart - 3600 * kSecond));
}

}  // namespace
}  // namespace shmeter::plugin
