// SPDX-License-Identifier: MIT
// The order of sessions, who lives, and what is published of them.
#include "collector/model/sessions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

namespace shmeter::collector {
namespace {

using shm::SessionStatus;

constexpr i64 kAt_ms = 1'795'295'239'000;

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

TEST(Sessions, WhatCountsFirst) {
  struct Row {
    const char* what;
    i64 messages_transcript, messages_cli, turn_ms, cli_ms, derived_ms, want_messages, want_ms;
  };
  const Row rows[] = {
      {"transcripts before CLI results", 3, 2, 0, 0, 0, 3, kUnknown},
      {"CLI results where there is no transcript", 0, 2, 0, 0, 0, 2, kUnknown},
      {"turns before CLI results", 0, 0, 30, 20, 10, kUnknown, 30},
      {"CLI results before what was derived", 0, 0, 0, 20, 10, kUnknown, 20},
      {"derived where nobody said", 0, 0, 0, 0, 10, kUnknown, 10},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    Sessions sessions;
    SessionState& state = sessions.change(0, "s");
    state.marks.has_requests = 1;
    state.marks.tool_calls_counted = 4;
    state.marks.messages_transcript = row.messages_transcript;
    state.marks.messages_cli = row.messages_cli;
    state.marks.turn_ms = row.turn_ms;
    state.marks.cli_ms = row.cli_ms;
    state.marks.derived_ms = row.derived_ms;
    sessions.publish(false);
    EXPECT_FALSE(shm::known(state.record.messages));
    EXPECT_FALSE(shm::known(state.record.tool_calls));
    sessions.publish(true);
    EXPECT_EQ(state.record.messages, row.want_messages);
    EXPECT_EQ(state.record.compute_ms, row.want_ms);
    EXPECT_EQ(state.record.tool_calls, 4);
  }
}

TEST(Sessions, WhoLivesAndWhoWaits) {
  Sessions sessions;
  const i64 now_s = kAt_ms / 1000;
  const struct {
    i64 updated_s, pid;
    shm::SessionStatus status;
    bool live;
  } rows[] = {
      {now_s, kUnknown, SessionStatus::waiting, true},
      {now_s - 600, kUnknown, SessionStatus::busy, true},
      {now_s - 601, kUnknown, SessionStatus::busy, false},
      {now_s - 601, 5, SessionStatus::waiting, true},
      {now_s, kUnknown, SessionStatus::ended, false},
      {now_s + 601, kUnknown, SessionStatus::busy, false},
  };
  shm::u32 number = 0;
  for (const auto& row : rows) {
    SessionState& state = sessions.change(number, std::to_string(number));
    state.record.updated_at_s = row.updated_s;
    state.marks.pid = row.pid;
    state.status = static_cast<i64>(row.status);
    ++number;
  }
  sessions.publish(true);
  const Sessions::Live live = sessions.look_who_lives(now_s);
  EXPECT_EQ(live.sessions, 3);
  EXPECT_EQ(live.waiting, 2);
  EXPECT_EQ(live.until_s, now_s + 1);
  for (number = 0; number < sessions.size(); ++number) {
    const auto& row = rows[number];
    const bool shown = row.live || row.status == SessionStatus::ended;
    EXPECT_EQ(sessions.at(number).record.status, shown ? static_cast<i64>(row.status) : kUnknown);
  }
  EXPECT_EQ(sessions.look_who_lives(now_s + 601).sessions, 2) << "the process, and the future's";
  EXPECT_EQ(sessions.look_who_lives(now_s + 5000).sessions, 1);
  EXPECT_EQ(sessions.look_who_lives(now_s).sessions, 3) << "the clock was put back";
}

TEST(Sessions, CountedIsUnknownUntilEverythingIsRead) {
  Sessions sessions;
  SessionState& state = sessions.change(0, "s");
  state.counted.requests = 3;
  state.marks.has_requests = 1;
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
      {"no aggregate", kUnknown, kUnknown, 100, 10, 0, false, kUnknown},
      {"an aggregate without tokens", kUnknown, 30, 100, 10, 0, false, kUnknown},
      {"a request of it belongs to another session", 300, 30, 100, 10, 0, true, kUnknown},
      {"a request of it has no price here", 300, 30, 100, 10, 50, false, kUnknown},
      {"older prices made it cheaper", 300, 5, 100, 10, 0, false, kUnknown},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    Sessions sessions;
    SessionState& state = sessions.change(0, "s");
    state.marks.has_requests = 1;
    if (shm::known(row.client_tokens))
      state.models.set_client({{{7, row.client_tokens}}, row.client_tokens});
    state.models.count(7, row.our_tokens);
    state.marks.client_cost_nanousd = row.client_cost;
    state.counted.input_tokens = row.our_tokens;
    state.counted.cost_nanousd = row.our_cost;
    state.counted.unpriced_tokens = row.unpriced;
    state.marks.owned_by_others = row.shared ? 1 : 0;
    sessions.publish(true);
    EXPECT_EQ(state.record.uncounted_cost_nanousd, row.want);
  }
}

TEST(Sessions, MoreTokensOfSomeModelThanWeCounted) {
  const auto uncounted = [](std::vector<std::pair<const char*, i64>> ours,
                            std::vector<ModelTokens> client) {
    Sessions sessions;
    SessionState& state = sessions.change(0, "s");
    state.marks.has_requests = 1;
    for (const auto& [model, tokens] : ours) {
      state.counted.input_tokens += tokens;
      state.models.count(shm::hash_text(model), tokens);
    }
    state.counted.cost_nanousd = 10;
    AggregateSeen seen;
    seen.cost_nanousd = 30;
    seen.models = client;
    take(state, seen);
    sessions.publish(true);
    EXPECT_EQ(sessions.row(0).marks.client_exceeds,
              shm::known(state.record.uncounted_cost_nanousd));
    return state.record.uncounted_cost_nanousd;
  };
  EXPECT_EQ(uncounted({{"glm-1", 100}}, {{"glm-1", 300}}), 20);
  EXPECT_EQ(uncounted({{"glm-1", 100}}, {{"glm-1", 100}}), kUnknown);
  EXPECT_EQ(uncounted({{"glm-1", 100}}, {{"GLM-1[1m]", 100}}), kUnknown) << "one model";
  EXPECT_EQ(uncounted({{"glm-1", 500}}, {{"glm-1", 100}, {"glm-2", 1}}), 20)
      << "fewer tokens in all, more of one model";
  EXPECT_EQ(uncounted({}, {{"glm-2", 1}}), 20);
}

}  // namespace
}  // namespace shmeter::collector
