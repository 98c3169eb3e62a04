// SPDX-License-Identifier: MIT
// What lines, status lines, hooks and SET_USAGE say of a session, in any order.
#include "collector/model/sessions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

namespace shmeter::collector {
namespace {

constexpr i64 kAt_ms = 1'795'295'239'000;
constexpr i64 kDayAgo_ms = 86'400'000;

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
  EXPECT_EQ(state.marks.response_ms, kUnknown) << "the first one proves nothing";
  seen.received_at_ms = kAt_ms + 1000;
  take(state, seen);
  EXPECT_EQ(state.marks.response_ms, kUnknown);
  seen.received_at_ms = kAt_ms + 2000;
  seen.session.cost_nanousd = 6;
  take(state, seen);
  EXPECT_EQ(state.marks.response_ms, kAt_ms + 2000);
}

TEST(SessionTake, TheGreatestAggregateInAnyOrder) {
  const ModelTokens small[] = {{"claude-opus-5-5", 1000}};
  const ModelTokens large[] = {
      {"claude-opus-5-5[1m]", 1000}, {"claude-haiku-5-5", 1500}, {"claude-opus-5-5", 500}};
  const ModelTokens other[] = {{"claude-haiku-5-5", 3000}};
  std::vector<AggregateSeen> seen(4);
  seen[0].models = small;
  seen[0].cost_nanousd = 500;  // dearer, but of fewer tokens
  seen[0].api_ms = 10;
  seen[0].lines_added = 5;
  seen[1].models = large;
  seen[1].cost_nanousd = 300;
  seen[1].api_ms = 30;
  seen[2].models = other;  // as many, cheaper
  seen[2].cost_nanousd = 299;
  seen[2].lines_removed = 2;
  seen[3].cost_nanousd = 900;  // no tokens said
  std::vector<int> order = {0, 1, 2, 3};
  do {
    SessionState state;
    for (const int at : order) take(state, seen[static_cast<std::size_t>(at)]);
    ASSERT_EQ(state.marks.client_tokens, 3000);
    ASSERT_EQ(state.record.cost_nanousd, 300);
    ASSERT_EQ(state.models.client(), client_models(large).entries);
    ASSERT_EQ(state.models.client().size(), 2u);
    ASSERT_EQ(state.record.api_ms, 30);
    ASSERT_EQ(state.record.lines_added, 5);
    ASSERT_EQ(state.record.lines_removed, 2);
    for (const AggregateSeen& again : seen) ASSERT_FALSE(take(state, again)) << "nothing new";
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(SessionTake, ACompactionEmptiesTheContextUntilTheNextResponse) {
  SessionSeen cleared = line(kAt_ms, "");
  cleared.context_cleared = true;
  std::vector<SessionSeen> lines = {line(kAt_ms - 1, "", "", 500), cleared};
  for (int i = 0; i < 2; ++i, std::swap(lines[0], lines[1])) {
    SessionState state;
    for (const SessionSeen& seen : lines) take(state, seen);
    EXPECT_FALSE(shm::known(state.record.context_used_tokens));
    take(state, line(kAt_ms + 1, "", "", 70));
    EXPECT_EQ(state.record.context_used_tokens, 70);
    take(state, cleared);
    EXPECT_EQ(state.record.context_used_tokens, 70);
  }
}

using shm::SessionStatus;

HookSeen hook(HookEvent event, i64 at_ms, std::string_view notification = "") {
  HookSeen seen;
  seen.event = event;
  seen.received_at_ms = at_ms;
  seen.notification_type = notification;
  return seen;
}

LiveSeen alive(SessionStatus status, i64 at_ms, i64 pid = 7) {
  LiveSeen seen;
  seen.pid = pid;
  seen.status = status;
  seen.status_at_ms = at_ms;
  seen.seen_at_ms = at_ms + 100;
  return seen;
}

LiveSeen gone(i64 at_ms, i64 pid = 7) {
  LiveSeen seen;
  seen.alive = false;
  seen.pid = pid;
  seen.seen_at_ms = at_ms;
  return seen;
}

TEST(SessionTake, AHookSaysInWhichPaneItIs) {
  SessionState state;
  HookSeen seen = hook(HookEvent::other, kAt_ms);
  seen.pane = "%3";
  EXPECT_TRUE(take(state, seen));
  EXPECT_EQ(state.record.pane.view(), "%3");
  seen.pane = {};
  take(state, seen);
  EXPECT_EQ(state.record.pane.view(), "%3") << "nothing said is nothing new";
  seen.pane = "%4";
  EXPECT_TRUE(take(state, seen));
  EXPECT_EQ(state.record.pane.view(), "%4");
}

TEST(SessionStatus, WhatHooksMean) {
  const struct {
    HookSeen seen;
    SessionStatus want;
  } rows[] = {
      {hook(HookEvent::session_start, kAt_ms), SessionStatus::idle},
      {hook(HookEvent::user_prompt_submit, kAt_ms), SessionStatus::busy},
      {hook(HookEvent::post_tool_use, kAt_ms), SessionStatus::busy},
      {hook(HookEvent::stop, kAt_ms), SessionStatus::idle},
      {hook(HookEvent::stop_failure, kAt_ms), SessionStatus::idle},
      {hook(HookEvent::session_end, kAt_ms), SessionStatus::ended},
      {hook(HookEvent::notification, kAt_ms, "permission_prompt"), SessionStatus::waiting},
      {hook(HookEvent::notification, kAt_ms, "agent_needs_input"), SessionStatus::waiting},
      {hook(HookEvent::notification, kAt_ms, "elicitation_dialog"), SessionStatus::waiting},
      {hook(HookEvent::notification, kAt_ms, "idle_prompt"), SessionStatus::idle},
  };
  for (const auto& row : rows) {
    SessionState state;
    EXPECT_TRUE(take(state, row.seen));
    EXPECT_EQ(state.status, static_cast<i64>(row.want)) << row.seen.notification_type;
    EXPECT_EQ(state.record.updated_at_s, kAt_ms / 1000);
  }
  for (const HookSeen& seen :
       {hook(HookEvent::subagent_stop, kAt_ms), hook(HookEvent::other, kAt_ms),
        hook(HookEvent::notification, kAt_ms, "auth_success")}) {
    SessionState state;
    EXPECT_TRUE(take(state, seen)) << "it was seen";
    EXPECT_FALSE(shm::known(state.status)) << "nothing is said of what it does";
  }
}

TEST(SessionStatus, TheNewestIsBelievedInAnyOrder) {
  const auto take_all = [](std::vector<int> order) {
    SessionState state;
    for (const int at : order) {
      if (at == 0) take(state, hook(HookEvent::user_prompt_submit, kAt_ms));
      if (at == 1) take(state, alive(SessionStatus::waiting, kAt_ms));
      if (at == 2) take(state, alive(SessionStatus::idle, kAt_ms - 500));
      if (at == 3) take(state, hook(HookEvent::stop, kAt_ms - 1));
    }
    return state;
  };
  std::vector<int> order = {0, 1, 2, 3};
  do {
    const SessionState state = take_all(order);
    ASSERT_EQ(state.status, static_cast<i64>(SessionStatus::waiting)) << "the file wins a tie";
    ASSERT_EQ(state.marks.pid, 7);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(SessionStatus, Ends) {
  const i64 now_s = kAt_ms / 1000;
  SessionState state;
  EXPECT_FALSE(take(state, gone(kAt_ms))) << "it was never known to live";
  take(state, alive(SessionStatus::busy, kAt_ms - kDayAgo_ms));
  EXPECT_TRUE(is_live(state, now_s)) << "however long it has said nothing";
  EXPECT_FALSE(take(state, gone(kAt_ms, 8))) << "another process";
  EXPECT_TRUE(take(state, gone(kAt_ms)));
  EXPECT_EQ(state.status, static_cast<i64>(SessionStatus::ended));
  EXPECT_FALSE(is_live(state, now_s));
  EXPECT_FALSE(take(state, alive(SessionStatus::busy, kAt_ms - 1))) << "its file is still there";
  EXPECT_FALSE(is_live(state, now_s));
  EXPECT_TRUE(take(state, alive(SessionStatus::unknown, kAt_ms + 1, 9))) << "resumed";
  EXPECT_FALSE(shm::known(state.status));
  EXPECT_TRUE(is_live(state, now_s));

  take(state, hook(HookEvent::session_end, kAt_ms + 2));
  EXPECT_FALSE(is_live(state, now_s));
  take(state, status(kAt_ms + 3));
  EXPECT_TRUE(is_live(state, now_s)) << "a status line came after its end";
  EXPECT_FALSE(is_live(state, now_s + 601));
}

TEST(SessionTake, TheFilesNameStandsWhereNoStatusLineSaysOne) {
  SessionState state;
  LiveSeen live = alive(SessionStatus::idle, kAt_ms);
  live.name = "from the file";
  live.cwd = "/w";
  live.version = "2.1.330";
  EXPECT_TRUE(take(state, live));
  EXPECT_EQ(state.record.name.view(), "from the file");
  EXPECT_EQ(state.record.cwd.view(), "/w");
  EXPECT_EQ(state.record.version.view(), "2.1.330");
  take(state, status(kAt_ms + 1));
  EXPECT_EQ(state.record.name.view(), "from the file");
  StatusLineSeen named = status(kAt_ms + 2);
  named.session.name.assign("mine");
  take(state, named);
  take(state, live);
  EXPECT_EQ(state.record.name.view(), "mine");
}

TEST(SessionTake, ReportedValuesStayUntilTheyAreSaidAnew) {
  SessionState state;
  ReportedSeen first;
  first.at_ms = kAt_ms;
  first.input_tokens = 100;
  first.rate_limit_remaining = 98;
  first.model = "my-model";
  ReportedSeen second;
  second.at_ms = kAt_ms + 5;
  second.output_tokens = 7;
  second.cost_nanousd = 9;
  EXPECT_TRUE(take(state, first));
  EXPECT_TRUE(take(state, second));
  const shm::Usage usage = reported_usage(state.marks);
  EXPECT_EQ(usage.input_tokens, 100);
  EXPECT_EQ(usage.output_tokens, 7);
  EXPECT_EQ(usage.cost_nanousd, 9);
  EXPECT_EQ(usage.unpriced_tokens, 0);
  EXPECT_EQ(state.record.rate_limit_remaining, 98);
  EXPECT_EQ(state.record.model.view(), "my-model");
  EXPECT_EQ(state.marks.reported_ms, kAt_ms + 5);
  take(state, line(kAt_ms - 99, "", "claude-opus-5-5"));
  EXPECT_EQ(state.record.model.view(), "claude-opus-5-5") << "a line knows better";
  EXPECT_FALSE(take(state, second));
  EXPECT_EQ(state.record.model.view(), "claude-opus-5-5");
}

}  // namespace
}  // namespace shmeter::collector
