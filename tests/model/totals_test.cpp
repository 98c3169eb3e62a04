// SPDX-License-Identifier: MIT
// Periods kept up while booking, against periods summed from nothing.
#include "collector/model/totals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {
namespace {

struct Entry {
  i64 at_ms;
  shm::Usage amount;
};

shm::Usage sum(const std::vector<Entry>& entries, const Period& period) {
  shm::Usage out = shm::no_usage();
  for (const Entry& entry : entries) {
    if (period.contains(entry.at_ms / 1000)) add(out, entry.amount);
  }
  return out;
}

TEST(Totals, AnyMomentInAnyOrder) {
  std::mt19937_64 random(5);
  const i64 base_ms = 1'795'295'239'000;
  for (const char* zone : {"UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"}) {
    SCOPED_TRACE(zone);
    const Calendar calendar(zone, Weekday::monday);
    Totals totals;
    std::vector<Entry> entries;
    int rebooked = 0;
    for (int i = 0; i < 4000; ++i) {
      const i64 at_ms = base_ms - static_cast<i64>(random() % (100ull * 86'400'000));
      entries.push_back({at_ms, {1, static_cast<i64>(random() % 100), 2, 3, 4, 5, 6, 7}});
      totals.book(at_ms, static_cast<shm::u32>(random() % 5), entries.back().amount);
      if (i % 10 == 0) {  // the clock runs, jumps ahead and back
        const i64 now_s = base_ms / 1000 - static_cast<i64>(random() % (100u * 86'400));
        const Period week = calendar.week(now_s);
        const Period month = calendar.month(now_s);
        if (!totals.reaches_back_to(std::min(week.begin_s, month.begin_s))) {
          totals.clear();
          for (const Entry& entry : entries) totals.book(entry.at_ms, 0, entry.amount);
          ++rebooked;
        }
        totals.set_periods(calendar.day(now_s), week, month);
        EXPECT_FALSE(
            totals.set_periods(calendar.day(now_s), calendar.week(now_s), calendar.month(now_s)));
      }
      if (i % 7 == 0 && i > 0) {  // some are taken back
        const std::size_t at = random() % entries.size();
        const shm::Usage& a = entries[at].amount;
        totals.book(
            entries[at].at_ms, 0,
            {-a.requests, -a.input_tokens, -a.output_tokens, -a.cache_write_5m_tokens,
             -a.cache_write_1h_tokens, -a.cache_read_tokens, -a.cost_nanousd, -a.unpriced_tokens});
        entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
      }
      if (i % 50 == 0) {
        const i64 in_day_s = totals.day().begin_s;
        ASSERT_EQ(totals.today(), sum(entries, calendar.day(in_day_s)));
        ASSERT_EQ(totals.week(), sum(entries, calendar.week(in_day_s)));
        ASSERT_EQ(totals.month(), sum(entries, calendar.month(in_day_s)));
        ASSERT_EQ(totals.all(), sum(entries, {0, base_ms}));
      }
    }
    EXPECT_GT(rebooked, 0);
    totals.clear();
    EXPECT_EQ(totals.all(), shm::no_usage());
    EXPECT_EQ(totals.today(), shm::no_usage());
    EXPECT_TRUE(totals.models().empty());
  }
}

}  // namespace
}  // namespace shmeter::collector
