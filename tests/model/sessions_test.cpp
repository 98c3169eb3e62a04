// SPDX-License-Identifier: MIT
// What lines and status lines say of a session, in any order, and the order of sessions.
#include "collector/model/sessions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

namespace shmeter::collector {
namespace {

constexpr i64 kAt_ms = 1'795'295'239'000;

SessionSeen line(i64 at_ms, std::string_view cwd, std::string_view model = "",
                 i64 context = kUnknown) {
  SessionSeen seen;
  seen.session_id = "s";
  seen.at_ms = at_ms;
  seen.cwd = cwd;
  seen.model = model;
  seen.context_used_tokens = context;
  return seen;
}

StatusLineSeen status(i64 at_ms) {
  StatusLineSeen seen;
  seen.session.session_id.assign("s");
  seen.received_at_ms = at_ms;
  return seen;
}

TEST(SessionTake, LinesInAnyOrder) {
  const std::vector<SessionSeen> lines = {
      line(kAt_ms, "/a", "claude-opus-5-5", 100), line(kAt_ms + 1, "/b", "", 90),
      line(kAt_ms + 1, "/c", "claude-opus-5-5-20260922", 95), line(kAt_ms - 5000, "/d", "glm-1"),
      line(kAt_ms + 1, "", "claude-opus-5-5")};
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), 0u);
  do {
    SessionState state;
    for (const std::size_t at : order) take(state, lines[at]);
    ASSERT_EQ(state.record.cwd.view(), "/c");
    ASSERT_EQ(state.record.cwd_hash, shm::hash_text("/c"));
    ASSERT_EQ(state.record.model.view(), "claude-opus-5-5-20260922");
    ASSERT_EQ(state.record.context_used_tokens, 95);
    ASSERT_EQ(state.record.started_at_s, kAt_ms / 1000 - 5);
    ASSERT_EQ(state.record.updated_at_s, kAt_ms / 1000);
    for (const SessionSeen& again : lines) ASSERT_FALSE(take(state, again)) << "nothing new";
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(SessionTake, TheStatusLineSaysWhatOnlyItKnows) {
  SessionState state;
  take(state, line(kAt_ms, "/a", "claude-opus-5-5", 5000));
  StatusLineSeen seen = status(kAt_ms + 300);
  seen.session.name.assign("fix");
  seen.session.model.assign("claude-opus-5-5[1m]");
  seen.session.model_name.assign("Opus 5.5");
  seen.session.context_used_tokens = 6000;
  seen.session.context_size_tokens = 1'000'000;
  seen.session.context_used_ppm = 10'000;
  seen.session.pr = 7;
  seen.session.cost_nanousd = 5;
  const std::string whole_path(300, 'x');
  seen.cwd = whole_path;
  EXPECT_TRUE(take(state, seen));
  EXPECT_EQ(state.record.model.view(), "claude-opus-5-5[1m]");
  EXPECT_EQ(state.record.cwd_hash, shm::hash_text(seen.cwd)) << "of the whole path";
  EXPECT_EQ(state.record.context_used_tokens, 6000);
  EXPECT_EQ(state.record.cost_nanousd, 5);

  // A line about the same model changes no name; a newer context counts against the known size.
  take(state, line(kAt_ms + 2000, "", "claude-opus-5-5", 500'000));
  EXPECT_EQ(state.record.model.view(), "claude-opus-5-5[1m]");
  EXPECT_EQ(state.record.model_name.view(), "Opus 5.5");
  EXPECT_EQ(state.record.context_used_tokens, 500'000);
  EXPECT_EQ(state.record.context_used_ppm, 500'000);
  take(state, line(kAt_ms + 3000, "", "claude-haiku-5-5"));
  EXPECT_EQ(state.record.model.view(), "claude-haiku-5-5");
  EXPECT_EQ(state.record.model_name.view(), "");

  // What the newest status line leaves out is no more: the name was taken away, the pull request
  // closed, the context emptied.
  StatusLineSeen later = status(kAt_ms + 9000);
  later.session.context_size_tokens = 1'000'000;
  EXPECT_TRUE(take(state, later));
  EXPECT_EQ(state.record.name.view(), "");
  EXPECT_FALSE(shm::known(state.record.pr));
  EXPECT_FALSE(shm::known(state.record.context_used_tokens));
  EXPECT_FALSE(take(state, seen)) << "an older one says nothing";
  EXPECT_EQ(state.record.name.view(), "");
}

TEST(SessionTake, AResponseShowsInTheClientsFigures) {
  SessionState state;
  StatusLineSeen seen = status(kAt_ms);
  seen.session.cost_nanousd = 5;
  take(state, seen);
  EXPECT_EQ(state.response_ms, kUnknown) << "the first one proves nothing";
  seen.received_at_ms = kAt_ms + 1000;
  take(state, seen);
  EXPECT_EQ(state.response_ms, kUnknown);
  seen.received_at_ms = kAt_ms + 2000;
  seen.session.cost_nanousd = 6;
  take(state, seen);
  EXPECT_EQ(state.response_ms, kAt_ms + 2000);
}

TEST(SessionTake, TheGreatestCostStateInAnyOrder) {
  std::vector<CostStateSeen> seen = {{"s", 100, 1000, 10, 5, kUnknown},
                                     {"s", 300, 3000, 30, 4, kUnknown},
                                     {"s", 200, 2000, kUnknown, kUnknown, 2}};
  std::vector<int> order = {0, 1, 2};
  do {
    SessionState state;
    for (const int at : order) take(state, seen[static_cast<std::size_t>(at)]);
    EXPECT_EQ(state.client_tokens, 3000);
    EXPECT_EQ(state.record.cost_nanousd, 300);
    EXPECT_EQ(state.record.api_ms, 30);
    EXPECT_EQ(state.record.lines_added, 5);
    EXPECT_EQ(state.record.lines_removed, 2);
  } while (std::next_permutation(order.begin(), order.end()));
}

void expect_sorted(const Sessions& sessions) {
  const auto& order = sessions.newest_first();
  ASSERT_EQ(order.size(), sessions.size());
  for (std::size_t i = 1; i < order.size(); ++i) {
    const bool newer = order[i - 1]->updated_at_s > order[i]->updated_at_s;
    const bool tie = order[i - 1]->updated_at_s == order[i]->updated_at_s;
    ASSERT_TRUE(newer || (tie && order[i - 1]->session_id.view() < order[i]->session_id.view()));
  }
}

TEST(Sessions, NewestFirstHoweverFewOrManyChange) {
  std::mt19937 random(3);
  Sessions sessions;
  for (shm::u32 made = 0, round = 0; round < 300; ++round) {
    const shm::u32 changes = random() % 40 == 0 ? 60 : random() % 4;
    for (shm::u32 i = 0; i < changes; ++i) {
      const bool fresh = random() % 3 == 0 || made == 0;
      const shm::u32 number = fresh ? made++ : static_cast<shm::u32>(random() % made);
      SessionState& state = sessions.change(number, "session-" + std::to_string(number));
      saw_at(state, kAt_ms + 1000 * static_cast<i64>(random() % 50));
    }
    sessions.publish(true);
    expect_sorted(sessions);
    EXPECT_FALSE(sessions.any_changed());
  }
}

TEST(Sessions, CountedIsUnknownUntilEverythingIsRead) {
  Sessions sessions;
  SessionState& state = sessions.change(0, "s");
  state.counted.requests = 3;
  state.has_requests = true;
  sessions.change(1, "only-status-lines");
  sessions.publish(false);
  EXPECT_FALSE(shm::known(state.record.usage));
  sessions.publish(true);
  EXPECT_EQ(state.record.usage.requests, 3);
  EXPECT_FALSE(shm::known(sessions.at(1).record.usage)) << "used what nobody told us";
  sessions.publish(false);
  EXPECT_FALSE(shm::known(state.record.usage));
}

TEST(Sessions, WhatTheClientCountedBeyondUs) {
  const struct {
    const char* what;
    i64 client_tokens, client_cost, our_tokens, our_cost, unpriced;
    bool shared;
    i64 want;
  } rows[] = {
      {"two requests we never saw", 300, 30, 100, 10, 0, false, 20},
      {"nothing more than we", 100, 30, 100, 10, 0, false, kUnknown},
      {"no cost-state", kUnknown, kUnknown, 100, 10, 0, false, kUnknown},
      {"a cost-state without tokens", kUnknown, 30, 100, 10, 0, false, kUnknown},
      {"a request of it belongs to another session", 300, 30, 100, 10, 0, true, kUnknown},
      {"a request of it has no price here", 300, 30, 100, 10, 50, false, kUnknown},
      {"older prices made it cheaper", 300, 5, 100, 10, 0, false, kUnknown},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    Sessions sessions;
    SessionState& state = sessions.change(0, "s");
    state.has_requests = true;
    state.client_tokens = row.client_tokens;
    state.client_cost_nanousd = row.client_cost;
    state.counted.input_tokens = row.our_tokens;
    state.counted.cost_nanousd = row.our_cost;
    state.counted.unpriced_tokens = row.unpriced;
    state.owned_by_others = row.shared ? 1 : 0;
    sessions.publish(true);
    EXPECT_EQ(state.record.uncounted_cost_nanousd, row.want);
  }
}

}  // namespace
}  // namespace shmeter::collector
