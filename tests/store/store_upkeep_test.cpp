// SPDX-License-Identifier: MIT
// What is done to everything that is stored: other prices, and an end to what is old.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/store/store.hpp"
#include "tests/store/sample.hpp"
#include "tests/store/store_fixture.hpp"

namespace shmeter::collector {
namespace {

using test::kNow_ms;
using test::StoreAtWork;

class StoreUpkeepTest : public StoreTest {};

INSTANTIATE_TEST_SUITE_P(Where, StoreUpkeepTest, testing::Values("disk", "memory"),
                         [](const auto& where) { return std::string(where.param); });

TEST_P(StoreUpkeepTest, OtherPrices) {
  StoreAtWork at_work(path());
  StoreBatch batch;
  batch.names = {{NameTable::model, 0, "known"}, {NameTable::model, 1, "unpriced"}};
  std::vector<StoredEvent> events;
  for (u64 i = 0; i < 2500; ++i) {
    StoredEvent e = test::request(i, kNow_ms + static_cast<i64>(i) * 60'000,
                                  static_cast<u32>(i % 3), static_cast<u32>(i % 2));
    e.cost_given = i % 5 == 0;
    e.counted = i % 7 != 0;
    if (i % 11 == 0) e.cost_nanousd = kUnknown;
    events.push_back(e);
    test::put(batch, e);
    batch.keep(test::tool_call(i, e.at_ms));
  }
  for (u32 session = 0; session < 2; ++session) {
    batch.sessions.push_back(odd_session(session));
    batch.sessions.back().counted = shm::no_usage();
    batch.sessions.back().record.usage = shm::Usage{};
    for (const StoredEvent& e : events)
      if (e.session == session && e.counted)
        add(batch.sessions.back().counted, test::booking(e).amount);
  }
  batch.names.push_back({NameTable::session, 0, "a"});
  batch.names.push_back({NameTable::session, 1, "b"});
  ASSERT_TRUE(at_work.write(std::move(batch)));

  const auto cost = [](std::string_view model, const StoredEvent& e) {
    return model == "known" ? e.tokens.total() * 2 : kUnknown;
  };
  ASSERT_TRUE(at_work.reprice("new", cost));
  std::map<RollupKey, shm::Usage> want;
  std::vector<shm::Usage> want_of_session(3, shm::no_usage());
  for (StoredEvent& e : events) {
    if (!e.cost_given) e.cost_nanousd = cost(e.model == 0 ? "known" : "unpriced", e);
    if (!e.counted) continue;
    add(want.try_emplace(test::rollup_key(e), shm::no_usage()).first->second,
        test::booking(e).amount);
    add(want_of_session[e.session], test::booking(e).amount);
  }
  const StoredState state = at_work.load();
  const std::map<RollupKey, shm::Usage> got(state.rollups.begin(), state.rollups.end());
  EXPECT_EQ(got, want);
  shm::Usage all = shm::no_usage();
  for (const auto& [key, usage] : want) add(all, usage);
  EXPECT_EQ(state.all, all);
  for (u32 session = 0; session < 2; ++session) {
    EXPECT_EQ(state.sessions.at(session).counted, want_of_session[session]);
    EXPECT_FALSE(shm::known(state.sessions[session].record.usage.cost_nanousd));
  }
  std::size_t at = 0;
  for (const StoredEvent& e : state.hot)
    if (e.kind == EventKind::tokens) {
      EXPECT_EQ(e.cost_nanousd, events[at++].cost_nanousd);
    }
}

TEST_P(StoreUpkeepTest, RetentionDropsEventsAndKeepsSums) {
  StoreAtWork at_work(path());
  StoreBatch batch;
  for (u64 i = 0; i < 5000; ++i) test::put(batch, test::request(i, kNow_ms + static_cast<i64>(i)));
  ASSERT_TRUE(at_work.write(std::move(batch)));
  at_work.store->set_retention(kNow_ms + 4500);
  ASSERT_TRUE(at_work.write({}));
  while (at_work.load().hot.size() > 500) ASSERT_TRUE(at_work.write({}));
  const StoredState state = at_work.load();
  EXPECT_EQ(state.hot.size(), 500u);
  EXPECT_EQ(state.hot[0].at_ms, kNow_ms + 4500);
  EXPECT_EQ(state.all.requests, 5000);
}

}  // namespace
}  // namespace shmeter::collector
