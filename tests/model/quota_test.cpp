// SPDX-License-Identifier: MIT
// The merge that collector and reader share.
#include "shm/quota.hpp"

#include <gtest/gtest.h>

#include <random>

namespace shmeter::shm {
namespace {

constexpr i64 kNow = 1'795'295'000;
constexpr i64 kReset = kNow + 10'000;

Window window(i64 used_percent, i64 resets_at_s = kReset, i64 observed_at_s = kNow) {
  return {used_percent * 10'000, resets_at_s, observed_at_s,
          static_cast<i64>(QuotaSource::statusline)};
}

TEST(QuotaMerge, Table) {
  const Window none;
  Window no_reset = window(5);
  no_reset.resets_at_s = kUnknown;
  Window no_share = window(5);
  no_share.used_ppm = kUnknown;
  const struct {
    const char* what;
    Window have, seen, want;
  } rows[] = {
      {"nothing and nothing", none, none, none},
      {"the first report", none, window(5), window(5)},
      {"nothing changes nothing", window(5), none, window(5)},
      {"without a reset it says nothing", window(5), no_reset, window(5)},
      {"not even first", none, no_reset, none},
      {"without a share neither", none, no_share, none},
      {"larger wins", window(5), window(6, kReset, kNow + 1), window(6, kReset, kNow + 1)},
      {"smaller loses", window(6), window(5, kReset, kNow + 1), window(6)},
      {"equal: the later one", window(5), window(5, kReset, kNow + 9), window(5, kReset, kNow + 9)},
      {"equal: not the earlier one", window(5), window(5, kReset, kNow - 9), window(5)},
      {"a newer window, smaller", window(90), window(1, kReset + 61), window(1, kReset + 61)},
      {"an older window, larger", window(1), window(90, kReset - 61), window(1)},
      {"a minute apart is the same", window(5), window(4, kReset + 60), window(5)},
      {"either way", window(5), window(6, kReset - 60), window(6, kReset - 60)},
      {"milliseconds are no time", window(5), window(9, kReset * 1000), window(5)},
      {"nor is 0", window(5), window(9, 0), window(5)},
      {"less than nothing", window(5), window(-1, kReset + 100), window(5)},
      {"nothing used of a new window", window(5), window(0, kReset + 100), window(0, kReset + 100)},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(merge(row.have, row.seen), row.want);
  }
}

TEST(QuotaMerge, GivesOneOfTheTwo) {
  std::mt19937 random(1);
  const auto any = [&] {
    const i64 reset = random() % 8 == 0 ? kUnknown : kReset + static_cast<i64>(random() % 300);
    return window(static_cast<i64>(random() % 101), reset, kNow + static_cast<i64>(random() % 9));
  };
  for (int i = 0; i < 20'000; ++i) {
    const Window a = any(), b = any();
    const Window got = merge(a, b);
    ASSERT_TRUE(got == a || got == b);
    ASSERT_EQ(merge(got, b), got) << "again changes nothing";
    ASSERT_EQ(merge(got, a), got);
  }
}

TEST(QuotaMerge, ReportsOfOneWindowInAnyOrder) {
  std::vector<Window> seen = {window(3), window(9, kReset + 5), window(9, kReset, kNow + 3),
                              window(1, kReset + 40)};
  std::vector<int> order = {0, 1, 2, 3};
  do {
    Window have;
    for (const int at : order) have = merge(have, seen[static_cast<std::size_t>(at)]);
    EXPECT_EQ(have, seen[2]);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(QuotaCurrent, UnknownOnceItsResetHasPassed) {
  EXPECT_EQ(current(window(5), kReset - 1), window(5));
  EXPECT_EQ(current(window(5), kReset), Window{});
  EXPECT_EQ(current(window(5), kReset + 1), Window{});
  EXPECT_EQ(current(Window{}, kNow), Window{});
}

static_assert(merge(Window{}, Window{10'000, 100, 1, 1}).used_ppm == 10'000, "usable in constants");

}  // namespace
}  // namespace shmeter::shm
