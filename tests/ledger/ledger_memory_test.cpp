// SPDX-License-Identifier: MIT
// The ledger with a store: what waits, what is dropped, what is taken back from the store.
#include <gtest/gtest.h>

#include "tests/ledger/process.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kNow_ms = kMidnight_ms + 8 * kDay_ms;
constexpr i64 kOld_ms = kMidnight_ms - 3 * kDay_ms;

TEST(LedgerMemory, WithoutAJournalNothingWaitsAndNothingIsDropped) {
  Interner sessions;
  Account books;
  Ledger ledger(Prices{}, sessions, books);
  books.ledger = &ledger;
  books.sessions = &sessions;
  ledger.set_hot_since(kNow_ms);
  const u32 a = sessions.intern("a");
  EXPECT_EQ(ledger.apply(line("m", "r", 5), a), Ledger::Outcome::booked);
  EXPECT_EQ(ledger.apply(event(EventKind::message, "p"), a), Ledger::Outcome::booked);
  ledger.cool(kNow_ms);
  EXPECT_EQ(ledger.size(), 1u);
  EXPECT_EQ(ledger.event_count(), 1u);
  EXPECT_EQ(ledger.waiting(), 0u);
}

TEST(LedgerMemory, AForkOfAnOldConversationCountsNothing) {
  MemoryStore store;
  Process process(store, {}, kAllHot_ms);
  process.see(line("m", "r", 5, "old", kOld_ms));
  process.see(event(EventKind::tool_call, "t", "old", 1, kOld_ms));
  store.commit();
  process.ledger.cool(kMidnight_ms);
  EXPECT_EQ(process.ledger.size() + process.ledger.event_count(), 0u);
  const auto rows = process.books.rows;
  const auto events = process.books.events;

  EXPECT_EQ(process.see(line("m", "r", 5, "zfork", kOld_ms)), Ledger::Outcome::waits);
  EXPECT_EQ(process.see(event(EventKind::tool_call, "t", "zfork", 1, kOld_ms)),
            Ledger::Outcome::waits);
  EXPECT_EQ(process.see(line("m2", "r2", 5, "zfork", kNow_ms)), Ledger::Outcome::booked)
      << "nothing else waits for them";
  EXPECT_EQ(process.ledger.waiting(), 2u);
  process.ask(store);
  EXPECT_EQ(process.ledger.waiting(), 0u);
  process.books.post_all(
      "zfork", "claude-sonnet-5-5", kNow_ms,
      {-1, -10, -5, -100, 0, -1000,
       -*cost_nanousd(
           Prices{}.of("claude-sonnet-5-5"),
           {.at_ms = kNow_ms, .tokens = {.input = 10, .output = 5, .write_5m = 100, .read = 1000}}),
       0});
  EXPECT_EQ(process.books.rows, rows);
  EXPECT_EQ(process.books.events, events);
  EXPECT_EQ(process.books.shared, (std::map<std::string, int>{{"zfork", 1}}));
}

TEST(LedgerMemory, WhatTheStoreNeverHadCountsAsEver) {
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  process.see(line("m", "r", 5, "a", kOld_ms));
  process.see(line("m", "r", 500, "a", kOld_ms));
  process.see(event(EventKind::compute, "p", "a", 9, kOld_ms));
  EXPECT_TRUE(process.books.rows.empty());
  process.ask(store);
  EXPECT_EQ(process.books.rows.at("all").output_tokens, 500);
  EXPECT_EQ(process.books.events.at("kind 4 value"), 9);
  EXPECT_EQ(process.see(line("m", "r", 700, "a", kOld_ms)), Ledger::Outcome::booked)
      << "asked already";
}

TEST(LedgerMemory, EachMessageIsAskedForOnce) {
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  for (int i = 0; i < 5; ++i) {
    process.see(line("m1", "r", 5, "a", kOld_ms));
    process.see(line("m2", "r", 5 + i, "a", kOld_ms));
    process.see(line("m2", "", 5, "b", kOld_ms));
    process.see(event(EventKind::message, "p", "a", 1, kOld_ms));
  }
  const auto wanted = process.ledger.take_wanted();
  EXPECT_EQ(std::set<u64>(wanted.begin(), wanted.end()).size(), 4u) << "telemetry of r, too";
  EXPECT_EQ(wanted.size(), 4u);
  EXPECT_TRUE(process.ledger.take_wanted().empty());
  process.see(line("m1", "r", 6, "a", kOld_ms));
  EXPECT_TRUE(process.ledger.take_wanted().empty()) << "on its way";
  process.ledger.thaw(std::span(wanted).first(1), {});
  EXPECT_TRUE(process.books.rows.empty()) << "telemetry may have told of it";
  process.ledger.thaw(std::span(wanted).subspan(1, 1), {});
  EXPECT_EQ(process.books.rows.at("all").requests, 1) << "the rest goes on waiting";
  process.ledger.thaw(std::span(wanted).subspan(2), {});
  EXPECT_EQ(process.ledger.waiting(), 0u);
  EXPECT_EQ(process.books.rows.at("all").requests, 2);
}

// A gateway that gives every response the same id.
TEST(LedgerMemory, OneMessageMayHaveThousandsOfRequests) {
  constexpr int kRequests = 1000;
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  for (int i = 0; i < kRequests; ++i) {
    const std::string request = "r" + std::to_string(i);
    process.see(told(request, 5, "a", kNow_ms));
    process.see(line("m", request, i % 2 == 0 ? 5 : 4, "a", kNow_ms));
  }
  store.commit();
  EXPECT_EQ(process.books.rows.at("all").requests, kRequests);
  EXPECT_EQ(process.books.rows.at("all").output_tokens, 5 * kRequests);
  EXPECT_EQ(store.counted().rows, process.books.rows);
}

TEST(LedgerMemory, LinesThatSayTheSameWaitAsOne) {
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  for (int i = 0; i < 1000; ++i) process.see(line("m", "r", i / 100, "a", kOld_ms));
  EXPECT_EQ(process.ledger.waiting(), 1u);
  process.ask(store);
  EXPECT_EQ(process.books.rows.at("all").output_tokens, 9);
}

TEST(LedgerMemory, LinesOfSeveralSessionsWaitEach) {
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  for (const std::string_view session : {"c", "a", "b"})
    process.see(line("m", "r", 5, session, kOld_ms));
  EXPECT_EQ(process.ledger.waiting(), 3u);
  process.ask(store);
  EXPECT_EQ(process.books.shared, (std::map<std::string, int>{{"b", 1}, {"c", 1}}));
}

TEST(LedgerMemory, NothingIsDroppedUntilTheStoreHasAnswered) {
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  process.see(line("m", "r", 5, "a", kMidnight_ms - 1));
  const auto wanted = process.ledger.take_wanted();
  const auto found = store.look_up(wanted);  // nothing yet
  process.see(line("m", "r", 7, "a", kMidnight_ms));
  store.commit();
  process.ledger.cool(kMidnight_ms + 3 * kDay_ms);
  ASSERT_TRUE(found.empty());
  process.ledger.thaw(wanted, {});
  EXPECT_EQ(process.books.rows.at("all").requests, 1);
  EXPECT_EQ(process.books.rows.at("all").output_tokens, 7);
}

TEST(LedgerMemory, TakesBackWhatWasBookedThoughPricesChanged) {
  MemoryStore store;
  Account carried;
  {
    Process process(store, {}, kMidnight_ms);
    process.see(line("m", "r", 5, "a", kNow_ms));
    process.see(of_model(line("m2", "r2", 5, "a", kNow_ms), "glm-5.2"));
    process.see(costing(line("m3", "r3", 5, "a", kNow_ms), 3));
    store.commit();
    carried = process.books;
  }
  const Prices dearer({{.model = "claude-sonnet-5-5", .rates = {.output = 10'000}},
                       {.model = "glm-5-2", .rates = {.output = 10'000}}});
  Process process(store, carried, kMidnight_ms, dearer);
  process.see(line("m", "r", 6, "a", kNow_ms));
  process.see(of_model(line("m2", "r2", 6, "a", kNow_ms), "glm-5.2"));
  process.see(costing(line("m3", "r3", 6, "a", kNow_ms), 4));
  const shm::Usage all = process.books.rows.at("all");
  EXPECT_EQ(all.requests, 3);
  EXPECT_EQ(all.cost_nanousd, 6000 + 6000 + 4);
  EXPECT_EQ(all.unpriced_tokens, 0);
  EXPECT_TRUE(process.books.never_negative());
}

TEST(LedgerMemory, PassesOverStoredRowsThatCannotBe) {
  Interner sessions;
  sessions.intern("a");
  Account books;
  Ledger ledger(Prices{}, sessions, books);
  const std::vector<std::string> models = {"claude-opus-5-5"};
  StoredEvent good;
  good.key = {1, 2};
  good.model = 0;
  good.at_ms = 5;
  std::vector<StoredEvent> rows;
  const auto with = [&](auto change) {
    rows.push_back(good);
    rows.back().key.message = rows.size();
    change(rows.back());
  };
  with([](StoredEvent& e) { e.session = 1; });
  with([](StoredEvent& e) { e.model = 1; });
  with([](StoredEvent& e) { e.model = kNone; });
  with([](StoredEvent& e) { e.agent = 1; });
  with([](StoredEvent& e) { e.at_ms = -1; });
  with([](StoredEvent& e) { e.at_ms = RequestLog::kMaxTime_ms; });
  with([](StoredEvent& e) { e.tokens.input = -1; });
  with([](StoredEvent& e) { e.tokens.read = i64{1} << 32; });
  with([](StoredEvent& e) { e.cost_nanousd = -1; });
  with([](StoredEvent& e) { e.kind = EventKind::message, e.value = -1; });
  with([](StoredEvent& e) { e.kind = EventKind::message, e.value = EventLog::kMaxValue + 1; });
  ledger.restore(models, {}, 1, rows);
  EXPECT_EQ(ledger.size() + ledger.event_count(), 0u);
  const StoredEvent twice[] = {good, good};
  ledger.thaw({}, twice);
  EXPECT_EQ(ledger.size(), 1u);
  EXPECT_TRUE(books.rows.empty());
}

TEST(LedgerMemory, CoolingGivesMemoryBack) {
  MemoryStore store;
  Process process(store, {}, kAllHot_ms);
  std::string id;
  for (int i = 0; i < 10'000; ++i) {
    id = std::to_string(i);
    process.see(line(id, id, 5, "a", kMidnight_ms + i * kDay_ms / 500));
    process.see(event(EventKind::tool_call, id, "a", 1, kMidnight_ms + i * kDay_ms / 500));
  }
  const std::size_t before = process.ledger.bytes();
  store.commit();
  process.ledger.cool(kMidnight_ms + 19 * kDay_ms);
  EXPECT_EQ(process.ledger.size(), 1000u);
  EXPECT_EQ(process.ledger.event_count(), 1000u);
  EXPECT_LT(process.ledger.bytes(), before / 5);
}

}  // namespace
}  // namespace shmeter::collector
