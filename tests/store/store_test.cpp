// SPDX-License-Identifier: MIT
// What is written is what is read, on disk and in memory.
#include "collector/store/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/sample.hpp"
#include "tests/store/store_fixture.hpp"

namespace shmeter::collector {
namespace {

using shmeter::test::TempDir;
using test::kNow_ms;
using test::Random;
using test::StoreAtWork;

INSTANTIATE_TEST_SUITE_P(Where, StoreTest, testing::Values("disk", "memory"),
                         [](const auto& where) { return std::string(where.param); });

/// Everything an event can say.
StoredEvent full_event() {
  StoredEvent e;
  e.key = {0xffff'ffff'ffff'fff1u, 0x8000'0000'0000'0000u};
  e.side_chain = true;
  e.counted = false;
  e.kind = EventKind::tokens;
  e.source = Source::telemetry;
  e.session = 7;
  e.model = 3;
  e.agent = 2;
  e.at_ms = kNow_ms;
  e.value = 12;
  e.tokens = {0xffffffff, 2, 3, 4, 5, 6};
  e.fast = e.has_speed = e.us_inference = e.batch = true;
  e.cost_nanousd = 0;
  e.cost_given = true;
  e.request_id = "req_ü";
  e.name = "name";
  e.call = {"messages", "key", 1234, true};
  return e;
}

void expect_same(const StoredEvent& a, const StoredEvent& b) {
  EXPECT_EQ(a.key, b.key);
  EXPECT_EQ(a.side_chain, b.side_chain);
  EXPECT_EQ(a.counted, b.counted);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.session, b.session);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.agent, b.agent);
  EXPECT_EQ(a.at_ms, b.at_ms);
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.tokens, b.tokens);
  EXPECT_EQ(a.fast, b.fast);
  EXPECT_EQ(a.has_speed, b.has_speed);
  EXPECT_EQ(a.us_inference, b.us_inference);
  EXPECT_EQ(a.batch, b.batch);
  EXPECT_EQ(a.cost_nanousd, b.cost_nanousd);
  EXPECT_EQ(a.cost_given, b.cost_given);
  EXPECT_EQ(a.request_id, b.request_id);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.call, b.call);
}

TEST_P(StoreTest, AnEventComesBackAsItWas) {
  StoreAtWork at_work(path());
  std::vector<StoredEvent> events = {full_event(), test::request(1, kNow_ms + 1),
                                     test::tool_call(2, kNow_ms + 2)};
  StoredEvent unknown = test::request(3, kNow_ms + 3);
  unknown.cost_nanousd = kUnknown;
  unknown.tokens = {};
  events.push_back(unknown);
  StoreBatch batch;
  for (const StoredEvent& e : events) batch.keep(e);
  ASSERT_TRUE(at_work.write(std::move(batch)));
  const StoredState state = at_work.load();
  ASSERT_EQ(state.hot.size(), events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    StoredEvent kept = events[i];
    kept.request_id = kept.name = {};
    kept.call = {{}, {}, kUnknown, kept.call.failed};
    expect_same(state.hot[i], kept);
  }
  const auto found = at_work.look_up({events[0].key.message, 42, events[2].key.message});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->events.size(), 2u);
  expect_same(found->events[0], events[0]);
  expect_same(found->events[1], events[2]);
}

void expect_same(const SessionRow& a, const SessionRow& b) {
  EXPECT_EQ(a.number, b.number);
  EXPECT_EQ(a.record, b.record);
  EXPECT_EQ(a.counted, b.counted);
  EXPECT_EQ(a.marks, b.marks);
  EXPECT_EQ(a.models, b.models);
}

TEST_P(StoreTest, SessionsNamesAccountsFilesComeBack) {
  StoreAtWork at_work(path());
  StoreBatch batch;
  for (u32 i = 0; i < 3; ++i)
    batch.names.push_back({NameTable::session, i, "session-" + std::to_string(i)});
  batch.names.push_back({NameTable::model, 0, "claude-opus-5"});
  batch.names.push_back({NameTable::agent, 0, "main"});
  batch.names.push_back({NameTable::agent, 1, "Explore"});
  batch.sessions = {odd_session(0), odd_session(2)};
  batch.accounts = {{0, "/home/a/.claude", "a", ""}, {1, "/home/b", "b", "uuid"}};
  batch.files = {{"/x/a.jsonl", {1, 0xffff'ffff'ffff'ffffu, 3, 4, 5, -6}}, {"/x/b.jsonl", {}}};
  ASSERT_TRUE(at_work.write(std::move(batch)));
  StoreBatch later;
  later.sessions = {odd_session(0)};
  later.sessions[0].marks.account = 5;
  later.forgotten_files = {"/x/b.jsonl", "/x/unknown"};
  ASSERT_TRUE(at_work.write(std::move(later)));

  const StoredState state = at_work.load();
  EXPECT_THAT(state.session_names, testing::ElementsAre("session-0", "session-1", "session-2"));
  EXPECT_THAT(state.model_names, testing::ElementsAre("claude-opus-5"));
  EXPECT_THAT(state.agent_names, testing::ElementsAre("main", "Explore"));
  ASSERT_EQ(state.sessions.size(), 2u) << "number 1 has no row";
  SessionRow first = odd_session(0);
  first.marks.account = 5;
  expect_same(state.sessions[0], first);
  expect_same(state.sessions[1], odd_session(2));
  ASSERT_EQ(state.accounts.size(), 2u);
  EXPECT_EQ(state.accounts[1].config_dir, "/home/b");
  EXPECT_EQ(state.accounts[1].login, "uuid");
  ASSERT_EQ(state.files.size(), 1u);
  EXPECT_EQ(state.files[0].path, "/x/a.jsonl");
  EXPECT_EQ(state.files[0].cursor.inode, 0xffff'ffff'ffff'ffffu);
  EXPECT_EQ(state.files[0].cursor.modified_ns, -6);
}

TEST_P(StoreTest, TheNewestLimitOfEachWindow) {
  StoreAtWork at_work(path());
  const auto write = [&](u32 account, const char* window, i64 used, i64 at_ms) {
    StoreBatch batch;
    batch.quota.push_back({account, window, {used, 2, 3, 1}, "", kUnknown, at_ms});
    ASSERT_TRUE(at_work.write(std::move(batch)));
  };
  write(0, "five_hour", 10, 100);
  write(0, "five_hour", 20, 200);
  write(0, "scoped:Fable", 30, 150);
  write(1, "five_hour", 40, 120);
  write(0, "five_hour", 50, 90);  // the clock went back: still what was said last
  const StoredState state = at_work.load();
  ASSERT_EQ(state.quota.size(), 3u);
  EXPECT_EQ(state.quota[0].value.used_ppm, 50);
  EXPECT_EQ(state.quota[0].response_ms, kUnknown);
  EXPECT_EQ(state.quota[1].window, "scoped:Fable");
  EXPECT_EQ(state.quota[2].account, 1u);
}

TEST_P(StoreTest, AnEventThatChangesIsThereOnce) {
  StoreAtWork at_work(path());
  StoredEvent e = test::request(1, kNow_ms);
  const StoredEvent neighbour = test::request(2, kNow_ms);
  for (const i64 at_ms : {kNow_ms, kNow_ms, kNow_ms - 7, kNow_ms + 7, kNow_ms}) {
    e.at_ms = at_ms;
    ++e.value;
    StoreBatch batch;
    batch.keep(neighbour);
    batch.keep(e);
    ASSERT_TRUE(at_work.write(std::move(batch)));
    const auto found = at_work.look_up({e.key.message});
    ASSERT_TRUE(found);
    ASSERT_EQ(found->events.size(), 1u);
    EXPECT_EQ(found->events[0].at_ms, at_ms);
    EXPECT_EQ(found->events[0].value, e.value);
  }
  EXPECT_EQ(at_work.load().hot.size(), 2u);
}

TEST_P(StoreTest, ThatItCountsNoMoreLeavesTheRestAsItIs) {
  StoreAtWork at_work(path());
  StoredEvent whole = test::request(1, kNow_ms);
  whole.request_id = "req_1";
  whole.call.endpoint = "messages";
  StoredEvent only = test::request(1, kNow_ms);
  only.request_id = {};
  only.call = {};
  only.only_counted = true;
  for (const bool one_batch : {true, false}) {
    for (const bool counted : {false, true}) {
      only.counted = counted;
      StoreBatch batch;
      batch.keep(whole);
      if (!one_batch) {
        ASSERT_TRUE(at_work.write(std::exchange(batch, {})));
      }
      batch.keep(only);
      ASSERT_TRUE(at_work.write(std::move(batch)));
      const auto found = at_work.look_up({whole.key.message});
      ASSERT_TRUE(found && found->events.size() == 1);
      EXPECT_EQ(found->events[0].counted, counted);
      EXPECT_EQ(found->events[0].request_id, "req_1");
      EXPECT_EQ(found->events[0].call.endpoint, "messages");
    }
  }
}

TEST_P(StoreTest, WhatTelemetryToldGoesToTheRequestItIsJoinedWith) {
  StoredEvent told = test::request(1, kNow_ms);
  told.key.message = told.key.request;
  told.source = Source::telemetry;
  told.counted = false;
  told.call = {"compact", "payer", 1234, false};
  StoredEvent whole = test::request(1, kNow_ms - 7);
  whole.key.request = told.key.request;
  whole.side_chain = true;
  whole.call = {};
  const Joined joined{told.key, whole.key, true};
  for (const bool one_batch : {true, false}) {
    for (const bool bulk : {true, false}) {
      TempDir dir;
      StoreAtWork at_work(dir.path("state/usage.db"));
      if (bulk) at_work.store->begin_bulk();
      StoreBatch batch;
      batch.keep(one_batch ? whole : told);
      const auto write = [&] {
        if (bulk) return at_work.store->write(std::exchange(batch, {}), {});
        ASSERT_TRUE(at_work.write(std::exchange(batch, {})));
      };
      if (!one_batch) write();
      batch.keep(one_batch ? told : whole);
      batch.joined.push_back(joined);
      batch.joined.push_back({{1, 1}, whole.key, true});  // of nothing that is there
      write();
      if (bulk) {
        ASSERT_TRUE(at_work.end_bulk());
      }
      const auto found = at_work.look_up({whole.key.message});
      ASSERT_TRUE(found);
      ASSERT_EQ(found->events.size(), 2u) << "telemetry of a message's requests belongs to it";
      const bool first = found->events[0].key == whole.key;
      const StoredEvent& event = found->events[first ? 0 : 1];
      EXPECT_TRUE(event.counted);
      EXPECT_EQ(event.at_ms, kNow_ms - 7);
      EXPECT_EQ(event.call, told.call);
      EXPECT_FALSE(found->events[first ? 1 : 0].counted);
    }
  }
}

TEST_P(StoreTest, ManyEventsOfOneMillisecond) {
  StoreAtWork at_work(path());
  StoreBatch batch;
  for (u64 i = 0; i < 3000; ++i) batch.keep(test::request(i, kNow_ms));
  ASSERT_TRUE(at_work.write(std::move(batch)));
  const StoredState state = at_work.load();
  ASSERT_EQ(state.hot.size(), 3000u);
  for (const StoredEvent& e : state.hot) EXPECT_EQ(e.at_ms, kNow_ms);
}

TEST_P(StoreTest, TimesOutOfRangeDoNoHarm) {
  StoreAtWork at_work(path());
  StoreBatch batch;
  const i64 times[] = {kUnknown, -1, 0, i64{1} << 44, std::numeric_limits<i64>::max()};
  for (u64 i = 0; i < std::size(times); ++i) batch.keep(test::request(i, times[i]));
  ASSERT_TRUE(at_work.write(std::move(batch)));
  EXPECT_EQ(at_work.load({kUnknown, 0, kUnknown}).hot.size(), std::size(times));
}

TEST_P(StoreTest, SumsWrapAroundAndComeBack) {
  StoreAtWork at_work(path());
  Booking big{0, 0, kNow_ms, shm::no_usage()};
  big.amount.cost_nanousd = std::numeric_limits<i64>::max();
  for (const i64 sign : {1, 1, 1, -1, -1}) {
    StoreBatch batch;
    Booking booking = big;
    booking.amount.cost_nanousd *= sign;
    batch.book(booking);
    ASSERT_TRUE(at_work.write(std::move(batch)));
  }
  const StoredState state = at_work.load();
  ASSERT_EQ(state.rollups.size(), 1u);
  EXPECT_EQ(state.rollups[0].second, big.amount);
  EXPECT_EQ(state.models.at(0), big.amount);
  EXPECT_EQ(state.all, big.amount);
}

TEST_P(StoreTest, LookUpsFindWhatWasJustWritten) {
  StoreAtWork at_work(path());
  for (u64 i = 0; i < 50; ++i) {
    StoreBatch batch;
    const StoredEvent e = test::request(i, kNow_ms + static_cast<i64>(i));
    batch.keep(e);
    ASSERT_TRUE(at_work.write(std::move(batch)));
    const auto found = at_work.look_up({e.key.message});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->events.size(), 1u) << i;
  }
}

TEST_P(StoreTest, AnswersComeInOrderAndShareCommits) {
  StoreAtWork at_work(path());
  std::vector<int> answers;
  for (int i = 0; i < 200; ++i) {
    StoreBatch batch;
    test::put(batch, test::request(static_cast<u64>(i), kNow_ms + i));
    at_work.store->write(std::move(batch), [&answers, i](const Result<void>& result) {
      EXPECT_TRUE(result);
      answers.push_back(i);
    });
  }
  EXPECT_GT(at_work.store->waiting_bytes(), 0u);
  while (answers.size() < 200) uv_run(at_work.loop.get(), UV_RUN_ONCE);
  EXPECT_TRUE(std::is_sorted(answers.begin(), answers.end()));
  EXPECT_EQ(at_work.store->waiting_bytes(), 0u);
  EXPECT_EQ(at_work.load().all.requests, 200);
}

TEST_P(StoreTest, EmptyUntilSomethingIsStored) {
  StoreAtWork at_work(path());
  EXPECT_TRUE(at_work.store->empty());
  EXPECT_EQ(at_work.store->price_list(), "");
  ASSERT_TRUE(at_work.reprice("2026", [](std::string_view, const StoredEvent&) { return 1; }));
  EXPECT_TRUE(at_work.store->empty());
  EXPECT_EQ(at_work.store->price_list(), "2026");
  StoreBatch batch;
  test::put(batch, test::request(1, kNow_ms));
  ASSERT_TRUE(at_work.write(std::move(batch)));
  EXPECT_FALSE(at_work.store->empty());
}

// Whatever is written in whatever batches: each event once, as it was said last, and the sums are
// those of the events.
TEST_P(StoreTest, RandomBatches) {
  Random random(7);
  StoreAtWork at_work(path());
  std::map<u64, StoredEvent> want;
  for (int round = 0; round < 60; ++round) {
    StoreBatch batch;
    for (int i = 0; i < 40; ++i) {
      const u64 number = random() % 500;
      StoredEvent e = test::request(number, kNow_ms + static_cast<i64>(random() % 40) * 100'000,
                                    random() % 5, random() % 3);
      e.value = static_cast<i64>(random() % 1000);
      if (const auto old = want.find(number); old != want.end())
        batch.book(test::booking(old->second, -1));
      want[number] = e;
      test::put(batch, e);
    }
    ASSERT_TRUE(at_work.write(std::move(batch)));
  }
  const StoredState state = at_work.load();
  ASSERT_EQ(state.hot.size(), want.size());
  EXPECT_TRUE(std::is_sorted(state.hot.begin(), state.hot.end(),
                             [](const auto& a, const auto& b) { return a.at_ms < b.at_ms; }));
  std::map<std::pair<u64, u64>, const StoredEvent*> by_key;
  std::map<RollupKey, shm::Usage> sums;
  for (const auto& [number, e] : want) {
    by_key[{e.key.message, e.key.request}] = &e;
    add(sums.try_emplace(test::rollup_key(e), shm::no_usage()).first->second,
        test::booking(e).amount);
  }
  for (const StoredEvent& e : state.hot) {
    const StoredEvent* wanted = by_key[{e.key.message, e.key.request}];
    ASSERT_NE(wanted, nullptr);
    expect_same(e, *wanted);
  }
  for (const auto& [key, usage] : state.rollups)
    EXPECT_EQ(usage, sums.contains(key) ? sums[key] : shm::no_usage());
}

TEST(Store, WritesWhatWasHandedOverBeforeItGoes) {
  TempDir dir;
  const std::string path = dir.path("state/usage.db");
  {
    StoreAtWork at_work(path);
    for (u64 i = 0; i < 500; ++i) {
      StoreBatch batch;
      test::put(batch, test::request(i, kNow_ms + static_cast<i64>(i)));
      at_work.store->write(std::move(batch), [](const Result<void>&) { ADD_FAILURE(); });
    }
  }
  StoreAtWork again(path);
  EXPECT_EQ(again.load().all.requests, 500);
}

}  // namespace
}  // namespace shmeter::collector
