// SPDX-License-Identifier: MIT
// The running period, history and stats: their sums are those of what was put in.
#include <gmock/gmock.h>

#include <random>

#include "tests/report/api_sample.hpp"

namespace shmeter::collector {
namespace {

using sample::Answer;
using sample::Parameters;
using sample::utc_s;

class ApiUsage : public sample::ApiTest {
 protected:
  void expect_usage(const Answer& answer, const std::string& list, const shm::Usage& want) {
    EXPECT_EQ(answer.sum(list, "requests"), want.requests);
    EXPECT_EQ(answer.sum(list, "input_tokens"), want.input_tokens);
    EXPECT_EQ(answer.sum(list, "output_tokens"), want.output_tokens);
    EXPECT_EQ(answer.sum(list, "cache_creation_1h_tokens"), want.cache_write_1h_tokens);
    EXPECT_EQ(answer.sum(list, "cache_read_tokens"), want.cache_read_tokens);
    EXPECT_EQ(answer.sum(list, "total_tokens"), shm::total_tokens(want));
    EXPECT_EQ(answer.sum(list, "unpriced_tokens"), want.unpriced_tokens);
  }
};

TEST_F(ApiUsage, Empty) {
  EXPECT_EQ(ask(ApiRoute::usage).text(),
            R"({"current_period":"2026-11-01","period":"month","tier":null,"input_tokens_used":0,)"
            R"("output_tokens_used":0,"input_tokens_limit":null,"output_tokens_limit":null,)"
            R"("remaining_input":null,"remaining_output":null,"cache_creation_tokens":0,)"
            R"("cache_read_tokens":0,"estimated_cost":0,"windows":[],"accounts":[]})");
  EXPECT_EQ(ask(ApiRoute::history).text(), R"({"periods":[]})");
  EXPECT_EQ(ask(ApiRoute::stats).text(),
            R"({"total_tokens":0,"total_cost":0,"requests":0,"messages":0,"tool_calls":0,)"
            R"("compute_seconds":0,"by_agent":[],"by_session":[],"by_model":[]})");
}

shm::Account used(const char* name, i64 began_s, i64 input, i64 output) {
  shm::Account account;
  account.name.assign(name);
  account.period_started_at_s = began_s;
  account.period = {1, input, output, 300, 40, 5000, 1'500'000'000, 0};
  return account;
}

TEST_F(ApiUsage, OfOneAccount) {
  accounts_ = {used("work", utc_s(2026, 11, 1), 1200, 34)};
  accounts_[0].tier.assign("max");
  accounts_[0].input_tokens_limit = 5000;
  accounts_[0].output_tokens_limit = 30;
  const i64 now_s = now_ms_ / 1000;
  accounts_[0].five_hour = {425'000, now_s + 60, now_s - 5, 1};
  accounts_[0].seven_day = {425'000, now_s, now_s - 5, 1};  // over
  const Answer answer = ask(ApiRoute::usage);
  for (const std::string at : {"", "/accounts/0"}) {
    EXPECT_EQ(answer.word(at + "/current_period"), "2026-11-01");
    EXPECT_EQ(answer.word(at + "/tier"), "max");
    EXPECT_EQ(answer.number(at + "/input_tokens_used"), 1200);
    EXPECT_EQ(answer.number(at + "/output_tokens_used"), 34);
    EXPECT_EQ(answer.number(at + "/remaining_input"), 3800);
    EXPECT_EQ(answer.number(at + "/remaining_output"), 0) << "never less";
    EXPECT_EQ(answer.number(at + "/cache_creation_tokens"), 340);
    EXPECT_EQ(answer.number(at + "/cache_read_tokens"), 5000);
    EXPECT_EQ(answer.real(at + "/estimated_cost"), 1.5);
    EXPECT_EQ(answer.size(at + "/windows"), 1u);
    EXPECT_EQ(answer.word(at + "/windows/0/name"), "five_hour");
    EXPECT_EQ(answer.real(at + "/windows/0/used_percentage"), 42.5);
  }
  EXPECT_EQ(answer.word("/accounts/0/name"), "work");
}

TEST_F(ApiUsage, OfSeveralAccounts) {
  accounts_ = {used("work", utc_s(2026, 11, 1), 1200, 34),
               used("home", utc_s(2026, 11, 1), 100, 6)};
  accounts_[0].tier.assign("max");
  accounts_[0].input_tokens_limit = 5000;
  const Answer all = ask(ApiRoute::usage);
  EXPECT_EQ(all.number("/input_tokens_used"), 1300);
  EXPECT_EQ(all.number("/cache_read_tokens"), 10'000);
  EXPECT_EQ(all.real("/estimated_cost"), 3.0);
  EXPECT_EQ(all.words("/accounts", "name"), (std::vector<std::string>{"work", "home"}));
  EXPECT_TRUE(all.is_null("/tier")) << "not all the same";
  EXPECT_TRUE(all.is_null("/input_tokens_limit")) << "one of them is not known";
  accounts_[1].tier.assign("max");
  accounts_[1].input_tokens_limit = 500;
  EXPECT_EQ(ask(ApiRoute::usage).word("/tier"), "max");
  EXPECT_EQ(ask(ApiRoute::usage).number("/remaining_input"), 4200);

  const Answer home = ask(ApiRoute::usage, {{"account", "home"}});
  EXPECT_EQ(home.size("/accounts"), 1u);
  EXPECT_EQ(home.number("/input_tokens_used"), 100);
  const auto none = try_ask(ApiRoute::usage, {{"account", "hom"}});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ApiError::Code::not_found);
  EXPECT_EQ(none.error().field, "account");
}

TEST_F(ApiUsage, WhatIsNotKnownYetIsNull) {
  accounts_ = {used("work", utc_s(2026, 11, 1), 1200, 34),
               used("home", utc_s(2026, 11, 1), 100, 6)};
  accounts_[1].period = shm::Usage{};
  accounts_[0].input_tokens_limit = accounts_[1].input_tokens_limit = 5000;
  const Answer all = ask(ApiRoute::usage);
  for (const char* const member :
       {"/input_tokens_used", "/cache_read_tokens", "/remaining_input", "/estimated_cost"})
    EXPECT_TRUE(all.is_null(member)) << member;
  EXPECT_EQ(all.number("/accounts/0/input_tokens_used"), 1200);
}

TEST_F(ApiUsage, PeriodsBeginOnTheZonesDay) {
  const struct {
    UsagePeriod period;
    const char* zone;
    const char* begin;
    i64 begin_s;
  } rows[] = {
      {UsagePeriod::day, "UTC", "2026-11-21", utc_s(2026, 11, 21)},
      {UsagePeriod::week, "UTC", "2026-11-16", utc_s(2026, 11, 16)},
      {UsagePeriod::month, "America/New_York", "2026-11-01", utc_s(2026, 11, 1, 4)},
      {UsagePeriod::day, "Pacific/Auckland", "2026-11-22", utc_s(2026, 11, 21, 11)},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.zone);
    config_.usage_period = row.period;
    zone(row.zone);
    accounts_.clear();
    EXPECT_EQ(ask(ApiRoute::usage).word("/current_period"), row.begin);
    accounts_ = {used("work", row.begin_s, 1, 2)};
    EXPECT_EQ(ask(ApiRoute::usage).word("/current_period"), row.begin);
  }
}

TEST_F(ApiUsage, BlocksAreEachAccountsOwn) {
  config_.usage_period = UsagePeriod::block;
  EXPECT_TRUE(ask(ApiRoute::usage).is_null("/current_period"));
  accounts_ = {used("work", utc_s(2026, 11, 21, 17), 14, 1),
               used("home", utc_s(2026, 11, 20, 16), 13, 1), used("idle", kUnknown, 0, 0)};
  const Answer answer = ask(ApiRoute::usage);
  EXPECT_EQ(answer.word("/period"), "block");
  EXPECT_EQ(answer.word("/current_period"), "2026-11-20") << "the first of them";
  EXPECT_EQ(answer.word("/accounts/0/current_period"), "2026-11-21");
  EXPECT_TRUE(answer.is_null("/accounts/2/current_period"));
  EXPECT_EQ(answer.number("/input_tokens_used"), 27);
}

TEST_F(ApiUsage, HistoryAddsUp) {
  put_sample();
  for (const char* name : {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}) {
    for (const char* granularity : {"day", "week", "month"}) {
      SCOPED_TRACE(std::string(name) + " " + granularity);
      zone(name, Weekday::sunday);
      const Answer answer = ask(ApiRoute::history, {{"granularity", granularity}});
      expect_usage(answer, "/periods", sample::all_usage());
      const auto begins = answer.words("/periods", "period_start");
      EXPECT_TRUE(std::is_sorted(begins.begin(), begins.end()));
    }
  }
}

TEST_F(ApiUsage, HistoryOverAClockChange) {
  put_sample();
  zone("Europe/Berlin");
  const Answer days = ask(ApiRoute::history, {{"after", "2026-10-25"}, {"before", "2026-10-26"}});
  ASSERT_EQ(days.size("/periods"), 1u);
  EXPECT_EQ(days.word("/periods/0/period_start"), "2026-10-25T00:00:00+02:00");
  EXPECT_EQ(days.word("/periods/0/period_end"), "2026-10-26T00:00:00+01:00");
  EXPECT_EQ(days.number("/periods/0/requests"), 4);
  const Answer month = ask(ApiRoute::history, {{"granularity", "month"}});
  EXPECT_EQ(month.word("/periods/1/period_start"), "2026-11-01T00:00:00+01:00");
}

// Spans that cut quarter hours are exact all the same.
TEST_F(ApiUsage, AnySpanIsExact) {
  StoreBatch batch = sample::names_batch();
  std::mt19937 random(5);
  const i64 start_s = utc_s(2026, 11, 20);
  std::vector<StoredEvent> all;
  for (std::uint64_t i = 0; i < 300; ++i) {
    all.push_back(event(i, start_s + static_cast<i64>(random() % 7200)));
    put(batch, all.back());
  }
  write(std::move(batch));
  for (int i = 0; i < 200; ++i) {
    i64 after_s = start_s + static_cast<i64>(random() % 7200);
    i64 before_s = start_s + static_cast<i64>(random() % 7200);
    if (i % 3 == 0) after_s -= after_s % 900;
    if (i % 5 == 0) before_s -= before_s % 900;
    const Parameters span = {{"after", std::to_string(after_s)},
                             {"before", std::to_string(before_s)}};
    const auto want = std::count_if(all.begin(), all.end(), [&](const StoredEvent& one) {
      return one.at_ms >= after_s * 1000 && one.at_ms < before_s * 1000;
    });
    EXPECT_EQ(ask(ApiRoute::history, span).sum("/periods", "requests"), want);
    EXPECT_EQ(ask(ApiRoute::stats, span).number("/requests"), want);
    EXPECT_EQ(ask(ApiRoute::summary, span).number("/summary/totalRequests"), want);
  }
}

class ApiStats : public ApiUsage {
 protected:
  StoredEvent told(EventKind kind, i64 value, Source source, u32 session, u32 agent = 0) {
    StoredEvent one = event(1000 + ++told_, utc_s(2026, 11, 21, 14), kind);
    one.value = value;
    one.source = source;
    one.session = session;
    one.agent = agent;
    return one;
  }

 private:
  std::uint64_t told_ = 0;
};

TEST_F(ApiStats, AddsUp) {
  put_sample();
  StoreBatch batch;
  put(batch, told(EventKind::tool_call, 1, Source::transcript, sample::kFerry));
  put(batch, told(EventKind::tool_call, 1, Source::transcript, sample::kFerry, 1));
  put(batch, told(EventKind::message, 3, Source::transcript, sample::kFerry));
  put(batch, told(EventKind::message, 50, Source::cli, sample::kFerry));  // told already
  put(batch, told(EventKind::message, 5, Source::cli, sample::kWide));
  put(batch, told(EventKind::compute, 1500, Source::derived, sample::kWide));
  put(batch, told(EventKind::failure, 1, Source::transcript, sample::kWide));
  StoredEvent agent = event(1, utc_s(2026, 11, 21, 14));
  agent.agent = 1;
  put(batch, agent);
  write(std::move(batch));
  const Answer answer = ask(ApiRoute::stats);
  shm::Usage all = sample::all_usage();
  add(all, usage_of(agent));
  for (const char* list : {"/by_agent", "/by_session", "/by_model"})
    expect_usage(answer, list, all);
  EXPECT_EQ(answer.number("/total_tokens"), shm::total_tokens(all));
  EXPECT_NEAR(answer.real("/total_cost"), static_cast<double>(all.cost_nanousd) / 1e9, 1e-9);
  EXPECT_EQ(answer.number("/requests"), all.requests);
  EXPECT_EQ(answer.number("/messages"), 8);
  EXPECT_EQ(answer.number("/tool_calls"), 2);
  EXPECT_EQ(answer.real("/compute_seconds"), 1.5);
  for (const char* list : {"/by_agent", "/by_session"}) {
    EXPECT_EQ(answer.sum(list, "messages"), 8) << list;
    EXPECT_EQ(answer.sum(list, "tool_calls"), 2) << list;
  }
  EXPECT_EQ(answer.words("/by_agent", "agent_name"),
            (std::vector<std::string>{"main", "code-reviewer"}));
}

TEST_F(ApiStats, Filters) {
  put_sample();
  put(told(EventKind::tool_call, 1, Source::transcript, sample::kWide, 1));
  const auto requests = [&](const Parameters& words) {
    return ask(ApiRoute::stats, words).number("/requests");
  };
  EXPECT_EQ(requests({{"sessionId", "nightly.build"}}), 2);
  EXPECT_EQ(requests({{"account", ".claude-home"}}), 3);
  EXPECT_EQ(requests({{"agentName", "main"}}), sample::all_usage().requests);
  EXPECT_EQ(requests({{"agentName", "code-reviewer"}}), 0);
  EXPECT_EQ(requests({{"agentName", "nobody"}}), 0);
  EXPECT_EQ(requests({{"eventType", "tool_call"}}), 0);
  EXPECT_EQ(requests({{"eventType", "tokens"}}), sample::all_usage().requests);
  EXPECT_EQ(ask(ApiRoute::stats, {{"eventType", "tool_call"}}).number("/tool_calls"), 1);
  EXPECT_EQ(ask(ApiRoute::stats, {{"eventType", "tokens"}}).number("/tool_calls"), 0);
}

TEST_F(ApiStats, WhatHasNoPriceHasNoCost) {
  StoreBatch batch = sample::names_batch();
  StoredEvent one = event(1, utc_s(2026, 11, 21, 14));
  one.cost_nanousd = kUnknown;
  put(batch, one);
  write(std::move(batch));
  EXPECT_TRUE(ask(ApiRoute::stats).is_null("/total_cost"));
}

// What somebody only said is booked, and has no event.
TEST_F(ApiStats, ASessionKnownByItsBookingOnlyCounts) {
  StoreBatch batch = sample::names_batch();
  shm::Usage said = shm::no_usage();
  said.input_tokens = 77;
  batch.book({sample::kFerry, sample::kOpus, utc_s(2026, 11, 21, 14) * 1000, said});
  write(std::move(batch));
  const Answer answer = ask(ApiRoute::stats);
  EXPECT_EQ(answer.number("/total_tokens"), 77);
  EXPECT_EQ(answer.sum("/by_session", "input_tokens"), 77);
  EXPECT_EQ(ask(ApiRoute::summary).number("/summary/totalInputTokens"), 77);
  EXPECT_EQ(ask(ApiRoute::timeline).sum("/timeline", "inputTokens"), 77);
}

}  // namespace
}  // namespace shmeter::collector
