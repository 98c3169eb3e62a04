// SPDX-License-Identifier: MIT
// The counting rules, held against a second, naive reading of them that sees all lines at once:
// every permutation of small sets that are known to be hard, and large random sets, shuffled.
#include "collector/ledger/ledger.hpp"

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
  Ledger::Outcome see(const RequestSeen& seen) {
    const auto outcome = ledger.apply(seen, sessions.intern(seen.session_id));
    EXPECT_TRUE(books.never_negative());
    return outcome;
  }
};

struct Case {
  const char* name;
  std::vector<RequestSeen> lines;
  i64 requests;  // what a person would say
};

std::vector<Case> cases() {
  const i64 before = kMidnight_ms - 1;
  return {
      {"one line per block, all the same",
       {line("m", "r", 50), line("m", "r", 50), line("m", "r", 50)},
       1},
      {"growing placeholders", {line("m", "r", 1), line("m", "r", 8), line("m", "r", 500)}, 1},
      {"placeholder before midnight, answer after it",
       {line("m", "r", 1, "a", before), line("m", "r", 500), line("m", "r", 500, "a", before)},
       1},
      {"a fork copies with another session id",
       {line("m", "r", 5, "b"), line("m", "r", 5, "a"), line("m", "r", 5, "c", before),
        line("m2", "r2", 5, "b"), line("m2", "r2", 5, "a")},
       2},
      {"a side chain replays a message of the main chain",
       {line("m", "r1", 5), side(line("m", "r2", 9)), side(line("m", "", 900)), line("m", "r1", 6)},
       1},
      {"a side chain alone",
       {side(line("m", "r1", 5)), side(line("m", "r2", 9)), side(line("m", "", 1))},
       2},
      {"the same request in both chains",
       {side(line("m", "r", 90)), line("m", "r", 5), line("m", "r", 4, "b")},
       1},
      {"with and without request id",
       {line("m", "", 50), line("m", "r", 50), line("m", "r", 5)},
       1},
      {"without request id the greatest",
       {line("m", "", 500, "b"), line("m", "r", 50), line("m", "", 2)},
       1},
      {"two requests and one that is said to belong to none",
       {line("m", "r1", 5), line("m", "r2", 6), line("m", "", 7), line("m", "", 3, "b"),
        line("m", "r2", 1)},
       2},
      {"different request ids are different requests",
       {line("m", "r1", 5), line("m", "r2", 5), line("m", "r3", 5, "b")},
       3},
      {"no message id: alone under the uuid",
       {with_uuid(line("", "r", 5), "u1"), with_uuid(line("", "r", 5), "u2"),
        with_uuid(line("", "r", 5, "b"), "u1"), with_uuid(line("", "", 6), "u2")},
       2},
      {"the price decides between equal sums",
       {of_model(line("m", "r", 5), "claude-haiku-4-5"),
        of_model(line("m", "r", 5), "claude-opus-5-5"), of_model(line("m", "r", 5), "glm-5.2")},
       1},
      {"then the speed, then the time",
       {no_speed(line("m", "r", 5, "a", before)), line("m", "r", 5),
        line("m", "r", 5, "b", before)},
       1},
      {"equal in all but what it was spent on",
       {kinds(line("m", "r", 0), {.input = 3, .output = 0}),
        of_model(kinds(line("m", "r", 0), {.input = 3}), "glm-1"),
        of_model(kinds(line("m", "r", 0), {.read = 3}), "glm-2"),
        of_model(kinds(line("m", "r", 0), {.output = 3}), "glm-2")},
       1},
      {"what the sender says it cost decides between equal sums",
       {costing(line("m", "r", 5), 7), line("m", "r", 5), costing(line("m", "r", 5), 0),
        costing(line("m", "r", 5, "b"), 1'000'000'000)},
       1},
      {"the same said by several agents and sources",
       {line("m", "r", 5), by_agent(line("m", "r", 5), "Plan"),
        by_agent(line("m", "r", 5), "Explore")},
       1},
      {"an unknown model",
       {of_model(line("m1", "r1", 5), "claude-opus-5-7"),
        of_model(line("m1", "r1", 50), "claude-opus-5-7"), line("m2", "r2", 5)},
       2},
      {"a side chain before and after it is known to be a replay, over forks",
       {side(line("m", "r1", 5, "b")), side(line("m", "r2", 9, "a", before)),
        line("m", "r3", 1, "c"), line("m", "", 70, "d", before), side(line("m", "", 900, "e"))},
       1},
      {"telemetry alone, and said again",
       {told("r", 5), told("r", 5), told("r", 6), told("q", 5)},
       2},
      {"telemetry and the transcript's lines",
       {told("r", 50, "a", before), line("m", "r", 50), line("m", "r", 1), line("m", "r", 50, "b")},
       1},
      {"telemetry knows more than a placeholder",
       {told("r", 50, "a", before), line("m", "r", 1), line("m", "r", 8, "b")},
       1},
      {"telemetry of a side chain's replay",
       {told("r2", 900), side(line("m", "r2", 9)), line("m", "r1", 5), told("r1", 5)},
       1},
      {"telemetry and a line without request id",
       {told("r", 50, "b"), line("m", "", 70), line("m", "r", 5, "c"), told("q", 3)},
       2},
      {"telemetry of a request that two messages claim",
       {told("r", 50, "b"), line("m1", "r", 5), line("m2", "r", 60, "c"), line("m3", "r", 7, "c")},
       3},
  };
}

TEST(Ledger, AnyOrderGivesTheSameBooks) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const Account reference = recount(c.lines);
    const auto& want = reference.rows;
    ASSERT_EQ(want.at("all").requests, c.requests);
    std::vector<std::size_t> order(c.lines.size());
    std::iota(order.begin(), order.end(), 0u);
    do {
      Bench bench;
      for (const std::size_t at : order) bench.see(c.lines[at]);
      ASSERT_EQ(bench.books.rows, want) << ::testing::PrintToString(order);
      ASSERT_EQ(bench.books.shared, reference.shared) << ::testing::PrintToString(order);
      for (const RequestSeen& again : c.lines)
        ASSERT_EQ(bench.see(again), Ledger::Outcome::unchanged);
      ASSERT_EQ(bench.books.rows, want);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(Ledger, LinesWithoutAnyIdAreOneWhenTheyAreOne) {
  Bench bench;
  EXPECT_EQ(bench.see(line("", "", 5)), Ledger::Outcome::booked);
  EXPECT_EQ(bench.see(line("", "", 5)), Ledger::Outcome::unchanged);
  EXPECT_EQ(bench.see(line("", "", 6)), Ledger::Outcome::booked);
  EXPECT_EQ(bench.see(line("", "", 6, "b")), Ledger::Outcome::booked);
  EXPECT_EQ(bench.books.rows.at("all").requests, 3);
}

TEST(Ledger, DatesAndOwnsByTheWinner) {
  Bench bench;
  bench.see(line("m", "r", 1, "old", kMidnight_ms - 1));
  EXPECT_TRUE(bench.books.rows.contains("day 19999"));
  bench.see(line("m", "r", 500, "new", kMidnight_ms));
  EXPECT_FALSE(bench.books.rows.contains("day 19999"));
  EXPECT_FALSE(bench.books.rows.contains("session old"));
  EXPECT_EQ(bench.books.rows.at("day 20000").output_tokens, 500);
  EXPECT_EQ(bench.books.rows.at("session new").requests, 1);
}

TEST(Ledger, RefusesWhatCannotBe) {
  constexpr i64 kMost = 0xffffffff;
  Bench bench;
  auto bad = line("m", "r", 5);
  bad.at_ms = kUnknown;
  EXPECT_EQ(bench.see(bad), Ledger::Outcome::refused);
  bad.at_ms = RequestLog::kMaxTime_ms;
  EXPECT_EQ(bench.see(bad), Ledger::Outcome::refused);
  EXPECT_EQ(bench.see(line("m", "r", -1)), Ledger::Outcome::refused);
  EXPECT_EQ(bench.see(costing(line("m", "r", 1), -1)), Ledger::Outcome::refused);
  EXPECT_EQ(bench.see(costing(line("m", "r", 1), 1'000'000'000'000'001)), Ledger::Outcome::refused);
  EXPECT_EQ(bench.see(line("m", "r", kMost + 1)), Ledger::Outcome::refused);
  EXPECT_TRUE(bench.books.rows.empty());
  EXPECT_EQ(bench.see(line("m", "r", kMost)), Ledger::Outcome::booked);
}

TEST(Ledger, TellsWhoseRequestsAnotherOwns) {
  const std::vector<RequestSeen> lines = {line("m1", "r1", 5, "fork"), line("m1", "r1", 5, "base"),
                                          line("m2", "r2", 5, "fork"), line("m3", "r3", 5, "base"),
                                          side(line("m3", "r4", 5, "agent"))};
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), 0u);
  do {
    Bench bench;
    for (const std::size_t at : order) bench.see(lines[at]);
    ASSERT_EQ(bench.books.shared, (std::map<std::string, int>{{"agent", 1}, {"fork", 1}}));
  } while (std::next_permutation(order.begin(), order.end()));
}

/// Some thousand lines about some hundred messages, with every irregularity at once.
std::vector<RequestSeen> random_lines(std::mt19937_64& random, std::size_t n) {
  static const std::string_view kMessages[] = {"", "m"};
  static const std::string_view kModels[] = {"claude-sonnet-5-5", "claude-opus-5-5[1m]", "glm-1",
                                             "claude-haiku-5-5"};
  static const std::string_view kSessions[] = {"s1", "s2", "s3", "s4"};
  static const std::string_view kRequests[] = {"", "r1", "r2", "r3"};
  static const std::string_view kTold[] = {"r1", "r2", "r4", "id-1", "id-2", "id-3", "id-4"};
  static const std::string_view kAgents[] = {"", "", "Explore", "Plan"};
  static std::vector<std::string> ids = [] {
    std::vector<std::string> out;
    for (int i = 0; i < 300; ++i) out.push_back("id-" + std::to_string(i));
    return out;
  }();
  const auto any = [&](const auto& list) -> std::string_view {
    return list[random() % std::size(list)];
  };
  std::vector<RequestSeen> lines;
  for (std::size_t i = 0; i < n; ++i) {
    RequestSeen seen = line(any(kMessages), any(kRequests), static_cast<i64>(random() % 4),
                            any(kSessions), kMidnight_ms + static_cast<i64>(random() % 4) - 2);
    if (!seen.message_id.empty()) seen.message_id = any(ids);
    seen.uuid = any(ids);
    seen.model = any(kModels);
    seen.side_chain = random() % 3 == 0;
    seen.has_speed = random() % 2 == 0;
    seen.fast = random() % 4 == 0;
    seen.us_inference = random() % 5 == 0;
    seen.batch = random() % 6 == 0;
    seen.agent = any(kAgents);
    if (random() % 8 == 0) seen.source = Source::posted;
    if (random() % 8 == 0) seen.cost_nanousd = static_cast<i64>(random() % 3) * 1'000'000;
    seen.tokens.input += static_cast<i64>(random() % 2) * 200'000;
    if (random() % 4 == 0) seen.request_id = any(ids);
    if (random() % 8 == 0) {
      seen.source = Source::telemetry;
      seen.message_id = seen.uuid = "";
      seen.request_id = random() % 2 == 0 ? any(ids) : any(kTold);
    }
    lines.push_back(seen);
  }
  return lines;
}

TEST(Ledger, LargeSetsInAnyOrder) {
  std::mt19937_64 random(20261121);
  for (int round = 0; round < 8; ++round) {
    auto lines = random_lines(random, 3000);
    const Account reference = recount(lines);
    const auto& want = reference.rows;
    ASSERT_GT(want.at("all").requests, 400);
    for (int shuffle = 0; shuffle < 3; ++shuffle) {
      std::shuffle(lines.begin(), lines.end(), random);
      Bench bench;
      for (const RequestSeen& seen : lines)
        bench.ledger.apply(seen, bench.sessions.intern(seen.session_id));
      ASSERT_EQ(bench.books.rows, want);
      ASSERT_EQ(bench.books.shared, reference.shared);
      bench.books.rows.clear();
      bench.ledger.rebook(Prices{});
      ASSERT_EQ(bench.books.rows, want) << "booked anew from what is kept";
    }
  }
}

TEST(Ledger, RebooksAtOtherPrices) {
  Bench bench;
  bench.see(of_model(line("m1", "r1", 5), "glm-5.2"));
  EXPECT_EQ(bench.books.rows.at("all").unpriced_tokens, 1115);
  bench.books.rows.clear();
  bench.ledger.rebook(Prices({{.model = "glm-5-2", .rates = {.output = 10'000}}}));
  EXPECT_EQ(bench.books.rows.at("all").unpriced_tokens, 0);
  EXPECT_EQ(bench.books.rows.at("all").cost_nanousd, 5000);
}

TEST(Ledger, NoPriceListChangesWhatTheSenderSaid) {
  Bench bench;
  bench.see(costing(of_model(line("m1", "r1", 5), "glm-5.2"), 42));
  bench.see(costing(line("m2", "r2", 5), 0));
  EXPECT_EQ(bench.books.rows.at("all").cost_nanousd, 42);
  EXPECT_EQ(bench.books.rows.at("all").unpriced_tokens, 0);
  bench.books.rows.clear();
  bench.ledger.rebook(Prices({{.model = "glm-5-2", .rates = {.output = 10'000}}}));
  EXPECT_EQ(bench.books.rows.at("all").cost_nanousd, 42);
}

TEST(Ledger, AgentsHaveNumbers) {
  Bench bench;
  EXPECT_EQ(bench.ledger.agent(""), 0u);
  EXPECT_EQ(bench.ledger.agent("main"), 0u);
  EXPECT_EQ(bench.ledger.agent("Explore"), 1u);
  EXPECT_EQ(bench.ledger.agent_name(0), "main");
  EXPECT_EQ(bench.ledger.agent_name(1), "Explore");
  EXPECT_EQ(bench.ledger.agent_count(), 2u);
}

}  // namespace
}  // namespace shmeter::collector
