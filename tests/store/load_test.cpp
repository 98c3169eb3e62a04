// SPDX-License-Identifier: MIT
// What the start reads of requests, and of the time before them.
#include <gtest/gtest.h>

#include "tests/store/sample.hpp"
#include "tests/store/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using shmeter::test::TempDir;
using test::kNow_ms;
using test::StoreAtWork;

constexpr i64 kHour_ms = 3600 * 1000;

TEST(Load, RecentAndBeforeRecent) {
  TempDir dir;
  StoreAtWork at_work(dir.path("state/usage.db"));
  const i64 hot = kNow_ms - 8 * 24 * kHour_ms;
  StoreBatch batch;
  // Behind a pause of exactly five hours a block goes on; one of a millisecond more ends it.
  const i64 before[] = {hot - 1, hot - kHour_ms, hot - 6 * kHour_ms};
  test::put(batch, test::request(0, before[2] - 5 * kHour_ms - 1));
  for (u64 i = 0; i < 3; ++i) test::put(batch, test::request(1 + i, before[i], 5));
  test::put(batch, test::tool_call(9, hot - 2));
  StoredEvent not_counted = test::request(10, hot - 3);
  not_counted.counted = false;
  batch.keep(not_counted);
  test::put(batch, test::request(11, hot));
  test::put(batch, test::tool_call(12, kNow_ms));
  ASSERT_TRUE(at_work.write(std::move(batch)));

  const StoredState state = at_work.load({kUnknown, hot, hot - 1});
  ASSERT_EQ(state.hot.size(), 3u);
  EXPECT_EQ(state.hot[0].at_ms, hot - 1);
  ASSERT_EQ(state.recent.size(), 1u);
  EXPECT_EQ(state.recent[0].at_ms, hot);
  EXPECT_EQ(state.recent[0].amount, test::booking(test::request(11, hot)).amount);
  ASSERT_EQ(state.before_recent.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(state.before_recent[i].at_ms, before[i]);
  EXPECT_EQ(state.before_recent[0].session, 5u);
  EXPECT_EQ(state.all.requests, 5);
  EXPECT_EQ(at_work.load({hot / 1000, hot, hot}).rollups.size(), 2u) << "in two sessions";
  EXPECT_TRUE(at_work.load({hot / 1000, kNow_ms, kNow_ms}).before_recent.empty())
      << "nothing recent: no block";
}

// Where no pause is near five hours, quarter hours say as much as requests do.
TEST(Load, BeforeRecentByQuarterHours) {
  TempDir dir;
  StoreAtWork at_work(dir.path("state/usage.db"));
  const i64 quarter_ms = kHour_ms / 4;
  const i64 hot = kNow_ms / quarter_ms * quarter_ms;
  StoreBatch batch;
  test::put(batch, test::request(0, hot, 5));
  test::put(batch, test::request(1, hot - kHour_ms, 5));
  test::put(batch, test::request(2, hot - kHour_ms + 7, 5));
  test::put(batch, test::request(3, hot - 2 * kHour_ms, 6));
  test::put(batch, test::request(4, hot - 9 * kHour_ms, 5));
  ASSERT_TRUE(at_work.write(std::move(batch)));
  const StoredState state = at_work.load({kUnknown, hot, hot});
  ASSERT_EQ(state.before_recent.size(), 2u);
  EXPECT_EQ(state.before_recent[0].at_ms, hot - kHour_ms + 1);
  EXPECT_EQ(state.before_recent[0].session, 5u);
  EXPECT_EQ(state.before_recent[1].at_ms, hot - 2 * kHour_ms + 1);
  EXPECT_EQ(state.before_recent[1].session, 6u);
}

}  // namespace
}  // namespace shmeter::collector
