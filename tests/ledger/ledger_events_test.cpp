// SPDX-License-Identifier: MIT
// Whatever is no request: each name counts once, in any order.
#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "tests/ledger/books.hpp"

namespace shmeter::collector {
namespace {

struct Bench {
  Interner sessions;
  Account books;
  Ledger ledger{Prices{}, sessions, books};
  Bench() {
    books.ledger = &ledger;
    books.sessions = &sessions;
  }
  Ledger::Outcome see(const EventSeen& seen) {
    return ledger.apply(seen, sessions.intern(seen.session_id));
  }
};

EventSeen of(EventSeen seen, std::string_view agent, Source source = Source::transcript) {
  seen.agent = agent;
  seen.source = source;
  return seen;
}

TEST(LedgerEvents, AnyOrderGivesTheSameBooks) {
  const EventKind turn = EventKind::compute;
  const i64 before = kMidnight_ms - 1;
  const struct {
    const char* name;
    std::vector<EventSeen> events;
    i64 value;  // of all
  } cases[] = {
      {"a tool call copied by a fork",
       {event(EventKind::tool_call, "t", "b"), event(EventKind::tool_call, "t", "a"),
        event(EventKind::tool_call, "u", "b")},
       2},
      {"the same id in every kind",
       {event(EventKind::tool_call, "x"), event(EventKind::message, "x"), event(turn, "x", "a", 70),
        event(EventKind::failure, "x")},
       73},
      {"a turn that grows",
       {event(turn, "p", "a", 10), event(turn, "p", "a", 500), event(turn, "p", "b", 200)},
       500},
      {"the earlier time, the smaller session, the agent, the source",
       {event(turn, "p", "a", 5), event(turn, "p", "b", 5, before),
        event(turn, "p", "a", 5, before),
        of(event(turn, "p", "a", 5, before), "Plan", Source::posted),
        of(event(turn, "p", "a", 5, before), "Plan"),
        of(event(turn, "p", "a", 5, before), "Explore", Source::hook)},
       5},
      {"nothing in it", {event(turn, "p", "a", 0), event(turn, "p", "b", 0)}, 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Account want = recount({}, c.events);
    std::vector<std::size_t> order(c.events.size());
    std::iota(order.begin(), order.end(), 0u);
    do {
      Bench bench;
      for (const std::size_t at : order) bench.see(c.events[at]);
      ASSERT_EQ(bench.books.events, want.events) << ::testing::PrintToString(order);
      for (const EventSeen& again : c.events)
        ASSERT_EQ(bench.see(again), Ledger::Outcome::unchanged);
    } while (std::next_permutation(order.begin(), order.end()));
    i64 value = 0;
    for (const auto& [name, sum] : want.events) {
      if (name.find("time") != std::string::npos && name.ends_with("value")) value += sum;
    }
    EXPECT_EQ(value, c.value);
  }
}

TEST(LedgerEvents, RefusesWhatCannotBe) {
  Bench bench;
  const auto with = [](auto change) {
    EventSeen seen = event(EventKind::compute, "p");
    change(seen);
    return seen;
  };
  const EventSeen bad[] = {
      with([](EventSeen& s) { s.kind = EventKind::tokens; }),
      with([](EventSeen& s) { s.kind = static_cast<EventKind>(77); }),
      with([](EventSeen& s) { s.id = ""; }),
      with([](EventSeen& s) { s.at_ms = kUnknown; }),
      with([](EventSeen& s) { s.at_ms = RequestLog::kMaxTime_ms; }),
      with([](EventSeen& s) { s.value = -1; }),
      with([](EventSeen& s) { s.value = kUnknown; }),
      with([](EventSeen& s) { s.value = EventLog::kMaxValue + 1; }),
  };
  for (const EventSeen& seen : bad) EXPECT_EQ(bench.see(seen), Ledger::Outcome::refused);
  EXPECT_TRUE(bench.books.events.empty());
  EXPECT_EQ(bench.see(event(EventKind::compute, "p", "a", EventLog::kMaxValue)),
            Ledger::Outcome::booked);
}

TEST(LedgerEvents, BookedAnewWithTheRest) {
  Bench bench;
  bench.see(event(EventKind::message, "p"));
  bench.see(event(EventKind::compute, "p", "a", 1234));
  const auto want = bench.books.events;
  bench.books.events.clear();
  bench.ledger.rebook(Prices{});
  EXPECT_EQ(bench.books.events, want);
}

TEST(LedgerEvents, NoMoreAgentsThanThereIsRoomFor) {
  Bench bench;
  for (u32 i = 1; i < RequestLog::kMaxAgents; ++i)
    ASSERT_EQ(bench.ledger.agent("agent-" + std::to_string(i)), i);
  EXPECT_EQ(bench.see(of(event(EventKind::message, "p"), "one more")), Ledger::Outcome::refused);
  EXPECT_EQ(bench.see(of(event(EventKind::message, "p"), "agent-65535")), Ledger::Outcome::booked);
  EXPECT_EQ(bench.see(of(event(EventKind::message, "q"), "")), Ledger::Outcome::booked);
}

}  // namespace
}  // namespace shmeter::collector
