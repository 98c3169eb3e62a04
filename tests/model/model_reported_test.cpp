// SPDX-License-Identifier: MIT
// SET_USAGE, sums of the running period, and when only a store can tell.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "collector/store/rows.hpp"
#include "tests/model/observed.hpp"

namespace shmeter::collector {
namespace {

ReportedSeen reported(std::string_view session, i64 at_ms, i64 output) {
  ReportedSeen seen;
  seen.session_id = session;
  seen.at_ms = at_ms;
  seen.output_tokens = output;
  return seen;
}

struct Fixture : ::testing::Test {
  Config config = utc();
  Model model{config};
  u32 account = model.account("/home/ann/.claude");
  i64 now = kNoon_ms;

  void see(const Observation& seen) { model.apply(seen, account, now); }
  const shm::Picture& picture() {
    model.set_scan(1, 1, shm::Completeness::complete);
    return model.picture(now);
  }
  const shm::Summary& summary() { return picture().summary; }
};
using ReportedTest = Fixture;
using PeriodTest = Fixture;
using ReloadTest = Fixture;

TEST_F(ReportedTest, CountsOnTheDayOfTheLastOne) {
  now -= kDay_ms;
  ReportedSeen seen = reported("script", now, 500);
  seen.input_tokens = 40;
  seen.cache_creation_tokens = 7;
  seen.cost_nanousd = 9'000;
  seen.messages = 3;
  seen.tool_calls = 2;
  seen.compute_ms = 1500;
  seen.rate_limit_remaining = 98;
  seen.rate_limit_limit = 100;
  see(seen);
  EXPECT_EQ(summary().today.output_tokens, 500);
  EXPECT_EQ(summary().today.input_tokens, 40);
  EXPECT_EQ(summary().today.cache_write_5m_tokens, 7);
  EXPECT_EQ(summary().today.cost_nanousd, 9'000);
  EXPECT_EQ(summary().today.requests, 0) << "nobody said how many";
  const shm::Session& session = *picture().sessions[0];
  EXPECT_EQ(session.usage, summary().all);
  EXPECT_EQ(session.messages, 3);
  EXPECT_EQ(session.tool_calls, 2);
  EXPECT_EQ(session.compute_ms, 1500);
  EXPECT_EQ(session.rate_limit_remaining, 98);
  EXPECT_EQ(session.rate_limit_limit, 100);
  ASSERT_EQ(picture().models.size(), 1u);
  EXPECT_EQ(picture().models[0].model.view(), "reported");

  now += kDay_ms;
  EXPECT_EQ(summary().today, shm::no_usage());
  ReportedSeen more = reported("script", now, 600);
  more.model = "My-Model";
  see(more);
  EXPECT_EQ(summary().today.output_tokens, 600);
  EXPECT_EQ(summary().today.input_tokens, 40) << "what it does not say stays";
  EXPECT_EQ(summary().all.output_tokens, 600);
  ASSERT_EQ(picture().models.size(), 1u) << "taken back from the other one";
  EXPECT_EQ(picture().models[0].model.view(), "my-model");
  EXPECT_EQ(picture().accounts[0].period.output_tokens, 600);
  EXPECT_EQ(picture().accounts[0].weekly_used_nanousd, 9'000);
}

TEST_F(ReportedTest, WithoutACostItIsUnpriced) {
  see(reported("script", now, 500));
  EXPECT_EQ(summary().all.cost_nanousd, 0);
  EXPECT_EQ(summary().all.unpriced_tokens, 500);
}

TEST_F(ReportedTest, RateLimitsAloneAreNoUsage) {
  ReportedSeen seen = reported("script", now, kUnknown);
  seen.rate_limit_remaining = 5;
  see(seen);
  EXPECT_EQ(summary().all, shm::no_usage());
  EXPECT_FALSE(shm::known(picture().sessions[0]->usage));
  EXPECT_EQ(picture().sessions[0]->rate_limit_remaining, 5);
}

TEST_F(ReportedTest, OfAMeasuredSessionOnlyTheRateLimitsInAnyOrder) {
  ReportedSeen said = reported("s", now, 99'999);
  said.rate_limit_remaining = 7;
  said.messages = 50;
  said.model = "claimed";
  SessionSeen line;
  line.session_id = "s";
  line.at_ms = now - 5;
  line.model = "claude-opus-5-5";
  const std::vector<Observation> seen = {request("m", "s", now - 9), said, line,
                                         event(EventKind::message, "p", "s", now - 10),
                                         request("m2", "s", now - 3)};
  std::vector<std::size_t> order(seen.size());
  std::iota(order.begin(), order.end(), 0u);
  std::optional<Copy> want;
  do {
    Model fresh(utc());
    const u32 number = fresh.account("/home/ann/.claude");
    for (const std::size_t at : order) fresh.apply(seen[at], number, now);
    fresh.set_scan(1, 1, shm::Completeness::complete);
    const Copy got = copy(fresh.picture(now));
    if (!want) want = got;
    ASSERT_TRUE(got == *want) << ::testing::PrintToString(order);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(want->summary.all.output_tokens, 200);
  EXPECT_EQ(want->sessions[0].messages, 1);
  EXPECT_EQ(want->sessions[0].model.view(), "claude-opus-5-5");
  EXPECT_EQ(want->sessions[0].rate_limit_remaining, 7);
  EXPECT_EQ(want->models.size(), 1u);
}

TEST_F(ReportedTest, AbsurdNumbersAreRefused) {
  for (const i64 absurd : {i64{-1}, i64{1} << 60, std::numeric_limits<i64>::max()}) {
    ReportedSeen seen = reported("script", now, absurd);
    see(seen);
    seen = reported("script", now, 1);
    seen.cost_nanousd = absurd;
    see(seen);
  }
  EXPECT_EQ(summary().damaged_lines, 6);
  EXPECT_EQ(summary().all, shm::no_usage());
}

TEST_F(ReportedTest, AnotherConfigurationBooksItAnew) {
  see(reported("script", now, 500));
  see(request("m", "s", now));
  see(event(EventKind::message, "p", "s", now));
  config.prices = {{.model = "claude-opus-5-5", .rates = {.output = 10'000}}};
  model.reconfigure(config, now);
  EXPECT_EQ(summary().all.output_tokens, 600);
  EXPECT_EQ(summary().all.cost_nanousd, 100 * 1000);
  EXPECT_EQ(picture().sessions[0]->messages, 1);
}

TEST_F(PeriodTest, RunsWithTheConfiguredPeriod) {
  config.accounts = {account_config("work", "/home/ann/.claude")};
  config.accounts[0].input_tokens_limit = 1000;
  const struct {
    UsagePeriod period;
    i64 requests, began_s;
  } rows[] = {
      {UsagePeriod::day, 1, kNoon_ms / 1000 - 43'200},
      {UsagePeriod::week, 2, kNoon_ms / 1000 - 43'200 - 5 * 86'400},
      {UsagePeriod::month, 3, kNoon_ms / 1000 - 43'200 - 20 * 86'400},
      {UsagePeriod::block, 1, kNoon_ms / 1000},
  };
  see(request("m1", "s", now));
  see(request("m2", "s", now - kDay_ms));
  see(request("m3", "s", now - 9 * kDay_ms));
  see(request("m4", "s", now - 40 * kDay_ms));
  for (const auto& row : rows) {
    SCOPED_TRACE(row.requests);
    config.usage_period = row.period;
    model.reconfigure(config, now);
    const shm::Account& record = picture().accounts[0];
    EXPECT_EQ(record.period.requests, row.requests);
    EXPECT_EQ(record.period_started_at_s, row.began_s);
    EXPECT_EQ(record.input_tokens_limit, 1000);
    EXPECT_FALSE(shm::known(record.output_tokens_limit));
  }
}

TEST_F(PeriodTest, ASessionTakesItsUseAlongToAnotherAccount) {
  const u32 other = model.account("/home/ann/.work");
  see(request("m1", "s", now));
  see(request("m2", "t", now - 1));
  model.apply(status("s", now), other, now);
  EXPECT_EQ(picture().accounts[account].period.requests, 1);
  EXPECT_EQ(picture().accounts[other].period.requests, 1);
  EXPECT_EQ(picture().accounts[account].last_session_id.view(), "t");
  EXPECT_EQ(picture().accounts[other].last_session_id.view(), "s");
  EXPECT_EQ(picture().accounts[other].block.usage.requests, 1);
  see(request("m3", "s", now));
  EXPECT_EQ(picture().accounts[other].period.requests, 2);
}

TEST_F(PeriodTest, RollsOverWithWhatWasDatedAhead) {
  config.usage_period = UsagePeriod::day;
  model.reconfigure(config, now);
  see(request("m1", "s", now));
  see(request("m2", "s", now + kDay_ms));
  see(request("m3", "s", now + 2 * kDay_ms));
  see(request("m3", "s", now + 2 * kDay_ms, 500));  // taken back and booked anew
  EXPECT_EQ(picture().accounts[0].period.requests, 1);
  now += kDay_ms;
  see(request("m4", "s", now));
  EXPECT_EQ(picture().accounts[0].period.requests, 2);
  now += kDay_ms;
  model.tick(now);
  EXPECT_EQ(picture().accounts[0].period.requests, 1);
  EXPECT_EQ(picture().accounts[0].period.output_tokens, 500);
  now -= 2 * kDay_ms;
  EXPECT_EQ(picture().accounts[0].period.requests, 1) << "the clock was put back";
}

struct Nothing final : Journal {
  void name(NameTable, u32, std::string_view) override {}
  void keep(const StoredEvent&) override {}
  void book(const Booking&) override {}
  void join(const Joined&) override {}
};

TEST_F(ReloadTest, OnlyWhatMemoryDoesNotHaveNeedsTheStore) {
  Nothing journal;
  const auto needs = [&](Config next, i64 at_ms) {
    Model fresh(utc());
    fresh.set_journal(&journal);
    fresh.apply(request("m", "s", now), fresh.account("/home/ann/.claude"), now);
    if (at_ms == now) fresh.reconfigure(next, now);
    fresh.tick(at_ms);
    return fresh.needs_reload();
  };
  EXPECT_FALSE(needs(utc(), now));
  Config berlin = utc();
  berlin.week_start = Weekday::sunday;
  EXPECT_FALSE(needs(berlin, now));
  Config prices = utc();
  prices.prices = {{.model = "glm-1", .rates = {.output = 1}}};
  EXPECT_TRUE(needs(prices, now));
  Config daily = utc();
  daily.usage_period = UsagePeriod::day;
  EXPECT_TRUE(needs(daily, now));
  EXPECT_FALSE(needs(utc(), now + 40 * kDay_ms)) << "time passes";
  EXPECT_FALSE(needs(utc(), now - kHour_ms)) << "a clock put back a little";
  EXPECT_TRUE(needs(utc(), now - 30 * kDay_ms));

  Model memory(utc());
  memory.apply(request("m", "s", now), memory.account("/home/ann/.claude"), now);
  memory.reconfigure(prices, now);
  memory.tick(now - 30 * kDay_ms);
  EXPECT_FALSE(memory.needs_reload()) << "everything is in memory";
}

TEST_F(ReloadTest, RememberedProcessesThatAreNotListedHaveEnded) {
  StoredState stored;
  stored.session_names = {"a", "b"};
  stored.agent_names = {"main"};
  for (u32 number = 0; number < 2; ++number) {
    SessionRow row;
    row.number = number;
    row.record.updated_at_s = now / 1000 - 9000;
    row.record.status = static_cast<i64>(shm::SessionStatus::busy);
    row.marks.pid = 7 + number;
    stored.sessions.push_back(row);
  }
  Model fresh(utc());
  fresh.restore(std::move(stored), now);
  EXPECT_EQ(fresh.picture(now).summary.active_sessions, 2) << "as it was";
  LiveSeen live;
  live.session_id = "a";
  live.pid = 7;
  live.seen_at_ms = now;
  fresh.apply(live, Model::kNoAccount, now);
  fresh.live_sessions_listed(now);
  EXPECT_EQ(fresh.picture(now).summary.active_sessions, 1);
  EXPECT_EQ(fresh.find_session("b")->status, static_cast<i64>(shm::SessionStatus::ended));
  fresh.live_sessions_listed(now);
  EXPECT_EQ(fresh.picture(now).summary.active_sessions, 1);
}

}  // namespace
}  // namespace shmeter::collector
