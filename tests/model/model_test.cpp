// SPDX-License-Identifier: MIT
// The model from outside: observations in, pictures out, with the clock in our hand.
#include "collector/model/model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>
#include <string>

#include "tests/model/observed.hpp"

namespace shmeter::collector {
namespace {

struct Fixture : ::testing::Test {
  Model model{utc()};
  shm::u32 account = model.account("/home/ann/.claude");
  i64 now = kNoon_ms;

  void see(const Observation& seen) { model.apply(seen, account, now); }
  void complete() { model.set_scan(9, 9, shm::Completeness::complete); }
  const shm::Picture& picture() { return model.picture(now); }
  const shm::Summary& summary() { return picture().summary; }
};
using ModelTest = Fixture;

TEST_F(ModelTest, NothingIsKnownBeforeItIsRead) {
  see(request("m1", "s", now - kMinute_ms));
  see(request("m2", "s", now - 3 * kDay_ms));
  model.set_scan(0, 9, shm::Completeness::nothing_yet);
  EXPECT_FALSE(shm::known(summary().today));
  EXPECT_FALSE(shm::known(summary().all));
  model.set_scan(4, 9, shm::Completeness::today_only);
  EXPECT_EQ(summary().today.requests, 1);
  EXPECT_FALSE(shm::known(summary().all));
  EXPECT_FALSE(shm::known(summary().week));
  EXPECT_FALSE(shm::known(summary().month));
  EXPECT_TRUE(picture().models.empty());
  EXPECT_FALSE(shm::known(picture().sessions[0]->usage));
  EXPECT_EQ(summary().files_read, 4);
  EXPECT_EQ(summary().files_known, 9);
  complete();
  EXPECT_EQ(summary().all.requests, 2);
  EXPECT_EQ(summary().week.requests, 2);
  EXPECT_EQ(summary().month.requests, 2);
  EXPECT_EQ(summary().all.cost_nanousd, 2 * 100 * 20'000);
  EXPECT_EQ(picture().models.size(), 1u);
  EXPECT_EQ(picture().sessions[0]->usage.requests, 2);
}

TEST_F(ModelTest, WhatWasTakenInIsCountedWithItsCopies) {
  see(request("m1", "s", now));
  see(request("m1", "s", now));
  see(event(EventKind::failure, "f1", "s", now));
  see(event(EventKind::failure, "f1", "s", now));
  see(event(EventKind::tool_call, "t1", "s", now, 1, Source::posted));
  see(status("s", now));
  const auto of = [&](Source source, EventKind kind) {
    return model.taken_in()
        .events[static_cast<std::size_t>(source)][static_cast<std::size_t>(kind)];
  };
  EXPECT_EQ(of(Source::transcript, EventKind::tokens), 2u);
  EXPECT_EQ(of(Source::transcript, EventKind::failure), 2u);
  EXPECT_EQ(of(Source::posted, EventKind::tool_call), 1u);
  EXPECT_EQ(model.taken_in().repeated, 2u);
  EXPECT_EQ(model.taken_in().failures, 1u);
  EXPECT_EQ(model.taken_in().observations[Observation(StatusLineSeen{}).index()], 1u);
  EXPECT_EQ(model.taken_in().observations[Observation(RequestSeen{}).index()], 2u);
  EXPECT_EQ(summary().damaged_lines, 0);
}

TEST_F(ModelTest, HowRequestsWentIsCountedOnceForEach) {
  RequestSeen told = request("", "s", now);
  told.message_id = told.uuid = "";
  told.request_id = "r1";
  told.source = Source::telemetry;
  told.call = {"main", "", 1500, false};
  RequestSeen written = request("m1", "s", now);
  written.request_id = "r1";
  see(written);
  see(told);
  see(told);
  told.request_id = "r2";
  told.call.latency_ms = 2001;
  see(told);
  EventSeen failure = event(EventKind::failure, "f1", "s", now);
  failure.call = {"compact", "", 3, true};
  see(failure);
  see(failure);
  see(event(EventKind::failure, "f2", "s", now));
  EventSeen tool = event(EventKind::tool_call, "t1", "s", now);
  tool.call = {"", "", 9, true};
  see(tool);
  const CallFigures& calls = model.taken_in().calls;
  EXPECT_EQ(calls.took, (std::array<std::uint64_t, 11>{1, 0, 0, 1, 1}));
  EXPECT_EQ(calls.took_ms, 3504u);
  EXPECT_EQ(calls.failed, (decltype(calls.failed){{"compact", 1}, {"messages", 1}}));
  EXPECT_EQ(model.taken_in().repeated, 2u);
}

TEST(CallFigures, HasOneNameForAllThatAreTooMany) {
  CallFigures calls;
  for (int i = 0; i < 100; ++i) calls.add_failure("endpoint " + std::to_string(i));
  calls.add_failure("endpoint 3");
  EXPECT_EQ(calls.failed.size(), CallFigures::kMostEndpoints + 1);
  EXPECT_EQ(calls.failed.at("other"), 100 - CallFigures::kMostEndpoints);
  EXPECT_EQ(calls.failed.at("endpoint 3"), 2u);
  calls.add_time(0);
  calls.add_time(250);
  calls.add_time(160'001);
  EXPECT_EQ(calls.took.front(), 2u);
  EXPECT_EQ(calls.took.back(), 1u);
}

TEST_F(ModelTest, WhatNobodyToldIsUnknown) {
  see(request("m1", "s", now));
  complete();
  EXPECT_FALSE(shm::known(summary().fleet));
  EXPECT_EQ(summary().waiting_sessions, 0);
  EXPECT_EQ(summary().block.usage.requests, 1);
  const shm::Account& account_record = picture().accounts[0];
  EXPECT_EQ(account_record.weekly_used_nanousd, 100 * 20'000);
  EXPECT_EQ(account_record.budget_source, static_cast<i64>(shm::BudgetSource::preset));
  EXPECT_TRUE(shm::known(account_record.health_ppm));
  EXPECT_FALSE(shm::known(account_record.input_tokens_limit));
  EXPECT_FALSE(shm::known(picture().sessions[0]->messages)) << "no prompt was seen";
  EXPECT_FALSE(shm::known(picture().sessions[0]->compute_ms));
  EXPECT_EQ(picture().sessions[0]->tool_calls, 0) << "its transcript has none";
}

TEST_F(ModelTest, DaysRollOverAndComeBack) {
  complete();
  see(request("m1", "s", kNoon_ms));
  see(request("m2", "s", kNoon_ms + 13 * kHour_ms));  // tomorrow: Sunday
  see(request("m3", "s", kNoon_ms + 2 * kDay_ms));    // Monday: next week
  see(request("m4", "s", kNoon_ms + 10 * kDay_ms));   // December
  const struct {
    const char* what;
    i64 now, today, week, month;
  } rows[] = {
      {"Saturday", kNoon_ms, 1, 2, 3},
      {"its last millisecond", kNoon_ms + 12 * kHour_ms - 1, 1, 2, 3},
      {"Sunday", kNoon_ms + 12 * kHour_ms, 1, 2, 3},
      {"Monday", kNoon_ms + 2 * kDay_ms, 1, 1, 3},
      {"Tuesday", kNoon_ms + 3 * kDay_ms, 0, 1, 3},
      {"December", kNoon_ms + 10 * kDay_ms, 1, 1, 1},
      {"the clock was wrong: Saturday again", kNoon_ms, 1, 2, 3},
      {"a month ago", kNoon_ms - 30 * kDay_ms, 0, 0, 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    now = row.now;
    EXPECT_EQ(summary().today.requests, row.today);
    EXPECT_EQ(summary().week.requests, row.week);
    EXPECT_EQ(summary().month.requests, row.month);
    EXPECT_EQ(summary().all.requests, 4);
  }
  now = kNoon_ms;
  picture();
  see(request("m5", "s", kNoon_ms + kDay_ms));
  now = kNoon_ms + kDay_ms;
  EXPECT_EQ(summary().today.requests, 2) << "booked ahead, found when its day comes";
}

TEST_F(ModelTest, ALaterLineMovesARequestOverMidnight) {
  complete();
  see(request("m", "s", kNoon_ms - 13 * kHour_ms, 1));
  EXPECT_EQ(summary().today.requests, 0);
  see(request("m", "s", kNoon_ms - 11 * kHour_ms, 50));
  EXPECT_EQ(summary().today.requests, 1);
  EXPECT_EQ(summary().today.output_tokens, 50);
  EXPECT_EQ(summary().all.requests, 1);
}

TEST_F(ModelTest, DirtyOnlyWhenThePictureDiffers) {
  EXPECT_TRUE(model.dirty());
  complete();
  see(request("m", "s", now));
  EXPECT_TRUE(model.dirty());
  picture();
  EXPECT_FALSE(model.dirty());
  see(request("m", "s", now));
  EXPECT_FALSE(model.dirty()) << "the same line again";
  complete();
  model.set_troubles({});
  EXPECT_EQ(model.account("/home/ann/.claude/"), account);
  EXPECT_FALSE(model.dirty());
  model.tick(now + 5 * kSecond_ms);
  EXPECT_FALSE(model.dirty()) << "time alone changes nothing yet";
  model.tick(now + 10 * kMinute_ms + kSecond_ms);
  EXPECT_TRUE(model.dirty()) << "the session is not live any more";
  now += 10 * kMinute_ms + kSecond_ms;
  EXPECT_EQ(summary().active_sessions, 0);
  model.tick(kNoon_ms + 12 * kHour_ms);
  EXPECT_TRUE(model.dirty()) << "midnight";
  picture();
  model.tick(now - kSecond_ms);
  EXPECT_TRUE(model.dirty()) << "the clock was set back";
  picture();
  model.set_troubles({.damaged_lines = 1});
  EXPECT_TRUE(model.dirty());
  EXPECT_EQ(summary().damaged_lines, 1);
}

TEST_F(ModelTest, WhatTheLedgerRefusesIsADamagedLine) {
  see(request("m", "s", -5));
  complete();
  EXPECT_EQ(summary().damaged_lines, 1);
  EXPECT_EQ(summary().all.requests, 0);
}

TEST_F(ModelTest, ExpiredWindowsAreUnknown) {
  const i64 reset_s = now / 1000 + 3600;
  see(status("s", now, 42, reset_s));
  EXPECT_EQ(picture().accounts[0].five_hour.used_ppm, 420'000);
  model.tick(reset_s * 1000 - 1);
  EXPECT_EQ(model.picture(reset_s * 1000 - 1).accounts[0].five_hour.used_ppm, 420'000);
  model.tick(reset_s * 1000);
  EXPECT_TRUE(model.dirty());
  EXPECT_EQ(model.picture(reset_s * 1000).accounts[0].five_hour, shm::Window{});
}

TEST_F(ModelTest, ASmallerShareStandsFiveMinutesAfterAResponse) {
  const i64 reset_s = now / 1000 + 3600;
  see(status("s", now, 77, reset_s));
  now += kMinute_ms;
  see(status("idle", now, 50, reset_s));
  now += 6 * kMinute_ms;
  EXPECT_EQ(picture().accounts[0].five_hour.used_ppm, 770'000) << "it may be an old value";
  see(request("m", "s", now));
  see(status("s", now + 300, 50, reset_s));
  EXPECT_EQ(picture().accounts[0].five_hour.used_ppm, 770'000);
  model.tick(now + 300 + 5 * kMinute_ms);
  EXPECT_TRUE(model.dirty());
  now += 300 + 5 * kMinute_ms;
  EXPECT_EQ(picture().accounts[0].five_hour.used_ppm, 500'000);
}

TEST_F(ModelTest, LimitHits) {
  const i64 reset_s = now / 1000 + 3600;
  see(LimitHitSeen{"s", "seven_day", reset_s, now});
  see(LimitHitSeen{"s", "seven_day_opus", reset_s + 500, now});
  see(LimitHitSeen{"s", "seven_day_overage_included", reset_s + 600, now});
  see(LimitHitSeen{"s", "five_hour", kUnknown, now});
  EXPECT_EQ(picture().accounts[0].seven_day.used_ppm, 1'000'000);
  EXPECT_EQ(picture().accounts[0].seven_day.resets_at_s, reset_s);
  EXPECT_EQ(picture().accounts[0].five_hour, shm::Window{});
  EXPECT_EQ(picture().accounts[0].scoped_1.label.view(), "Opus");
  EXPECT_EQ(picture().accounts[0].scoped_1.window.resets_at_s, reset_s + 500);
  EXPECT_TRUE(picture().accounts[0].scoped_2.label.empty());
}

TEST_F(ModelTest, SpendLimitsEndAtTheirReset) {
  StatusLineSeen seen = status("s", now, 1, now / 1000 + 60);
  seen.spend_limit.used_ppm = 1'200'000;
  seen.spend_limit.resets_at_s = now / 1000 + 60;
  see(seen);
  EXPECT_EQ(picture().accounts[0].spend_limit.used_ppm, 1'200'000);
  now += kMinute_ms;
  EXPECT_FALSE(shm::known(picture().accounts[0].spend_limit.used_ppm));
}

TEST_F(ModelTest, LiveWithinTenMinutes) {
  see(request("m1", "now", now));
  see(request("m2", "just", now - 10 * kMinute_ms));
  see(request("m3", "gone", now - 10 * kMinute_ms - kSecond_ms));
  see(request("m4", "tomorrow", now + kDay_ms));
  EXPECT_EQ(summary().active_sessions, 2);
  EXPECT_EQ(summary().sessions_known, 4);
  const auto sessions = picture().sessions;
  ASSERT_EQ(sessions.size(), 4u);
  EXPECT_EQ(sessions[0]->session_id.view(), "tomorrow");
  EXPECT_EQ(sessions[3]->session_id.view(), "gone");
}

TEST_F(ModelTest, OffsetsForReadersWithoutTimeZones) {
  Config config;
  config.timezone = "Europe/Berlin";
  model.reconfigure(config, now);
  EXPECT_EQ(summary().utc_offset_s, 3600);
  EXPECT_EQ(summary().utc_offset_after_s, 7200);
  EXPECT_EQ(summary().utc_change_at_s, 1'806'195'600);  // 2027-03-28 01:00 UTC
  model.tick(1'806'195'600'000);
  EXPECT_TRUE(model.dirty());
}

TEST_F(ModelTest, AnotherConfigurationDatesAndPricesAnew) {
  complete();
  see(request("m1", "s", kNoon_ms - 12 * kHour_ms - kMinute_ms));  // yesterday in UTC
  auto glm = request("m2", "s", kNoon_ms);
  glm.model = "glm-5.2";
  see(glm);
  EXPECT_EQ(summary().today.requests, 1);
  EXPECT_EQ(summary().all.unpriced_tokens, 100);
  Config config;
  config.timezone = "Europe/Berlin";
  config.prices = {{.model = "glm-5-2", .rates = {.output = 10'000}}};
  config.accounts = {account_config("work", "/home/ann/.claude", "max")};
  config.formats = {{"tmux", "{a}"}, {"plain", "bc"}};
  model.reconfigure(config, now);
  EXPECT_EQ(summary().today.requests, 2);
  EXPECT_EQ(summary().all.unpriced_tokens, 0);
  EXPECT_EQ(summary().all.cost_nanousd, 100 * 20'000 + 100 * 1000);
  EXPECT_EQ(picture().sessions[0]->usage, summary().all);
  EXPECT_EQ(picture().accounts[0].name.view(), "work");
  EXPECT_EQ(picture().accounts[0].tier.view(), "max");
  config.theme = "glyphs ascii\n";
  model.reconfigure(config, now);
  ASSERT_EQ(picture().formats.size(), 3u);
  const struct {
    std::string_view target, text;
  } wanted[] = {{shm::kThemeFormat, "glyphs ascii\n"}, {"tmux", "{a}"}, {"plain", "bc"}};
  for (std::size_t i = 0; i < std::size(wanted); ++i) {
    const shm::Format& format = picture().formats[i];
    EXPECT_EQ(format.target.view(), wanted[i].target);
    EXPECT_EQ(picture().format_text.substr(format.offset, format.length), wanted[i].text);
    EXPECT_EQ(format.offset % sizeof(shm::u64), 0u) << "one read";
  }
}

TEST_F(ModelTest, ManyModels) {
  complete();
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back("m" + std::to_string(i));
  for (int i = 0; i < 32; ++i) {
    auto seen = request(names[static_cast<std::size_t>(i)], "s", now, 1000 - i);
    seen.model = names[static_cast<std::size_t>(i)];
    see(seen);
  }
  ASSERT_EQ(picture().models.size(), 32u);
  EXPECT_EQ(picture().models[0].model.view(), "m0");
  EXPECT_EQ(picture().models[31].model.view(), "m31");
  for (int i = 32; i < 40; ++i) {
    auto seen = request(names[static_cast<std::size_t>(i)], "s", now, 1000 - i);
    seen.model = names[static_cast<std::size_t>(i)];
    see(seen);
  }
  const auto models = picture().models;
  ASSERT_EQ(models.size(), 32u);
  EXPECT_EQ(models[31].model.view(), "other");
  EXPECT_EQ(models[31].usage.requests, 9);
  i64 requests = 0;
  for (const shm::Model& entry : models) requests += entry.usage.requests;
  EXPECT_EQ(requests, summary().all.requests);
}

TEST_F(ModelTest, AccountsOfSessionsInSeveralPlaces) {
  const shm::u32 copy = model.account("/backup/.claude");
  const struct { shm::u32 first, second; } rows[] = {{account, copy}, {copy, account}};
  int n = 0;
  for (const auto& row : rows) {
    const std::string id = "s" + std::to_string(n++);
    model.apply(request(id, id, now), row.first, now);
    model.apply(request(id, id, now), row.second, now);
  }
  for (const shm::Session* session : picture().sessions) EXPECT_EQ(session->account, i64{copy});
  // A status line knows better than where a transcript lies, before and after.
  model.apply(status("s0", now, 1, now / 1000 + 9), account, now);
  model.apply(request("s0", "s0", now), copy, now);
  EXPECT_EQ(picture().sessions[0]->account, i64{account});
  EXPECT_EQ(picture().accounts[account].last_session_id.view(), "s0");
}

TEST_F(ModelTest, WithoutAnAccountStillCounted) {
  complete();
  model.apply(request("m", "s", now), Model::kNoAccount, now);
  model.apply(status("s", now, 50, now / 1000 + 9), Model::kNoAccount, now);
  EXPECT_EQ(summary().all.requests, 1);
  EXPECT_FALSE(shm::known(picture().sessions[0]->account));
  EXPECT_EQ(picture().accounts[0].five_hour, shm::Window{});
}

TEST_F(ModelTest, AForkKeepsItsOwnerAndSaysNothingOfTheRest) {
  complete();
  see(request("m1", "base", now - kMinute_ms));
  see(request("m1", "fork", now - kMinute_ms));
  see(request("m2", "fork", now));
  const ModelTokens models[] = {{"claude-opus-5-5", 1000}};
  see(aggregate("base", 5'000'000, models));
  see(aggregate("fork", 5'000'000, models));
  const auto sessions = picture().sessions;
  ASSERT_EQ(sessions[0]->session_id.view(), "fork");
  EXPECT_EQ(sessions[0]->usage.requests, 1);
  EXPECT_EQ(sessions[0]->cost_nanousd, 5'000'000);
  EXPECT_FALSE(shm::known(sessions[0]->uncounted_cost_nanousd));
  EXPECT_EQ(sessions[1]->usage.requests, 1);
  EXPECT_EQ(sessions[1]->uncounted_cost_nanousd, 5'000'000 - 2'000'000);
}

TEST_F(ModelTest, TheSamePictureInAnyOrder) {
  const auto session = [&](std::string_view id, i64 at_ms, std::string_view cwd) {
    SessionSeen seen;
    seen.session_id = id;
    seen.at_ms = at_ms;
    seen.cwd = cwd;
    return seen;
  };
  auto side = request("m1", "b", now, 900);
  side.side_chain = true;
  const ModelTokens models[] = {{"claude-opus-5-5", 700}};
  AggregateSeen sum = aggregate("a", 9'000'000, models);
  sum.api_ms = 1;
  sum.lines_added = 2;
  const std::vector<std::pair<Observation, bool>> all = {
      {request("m1", "a", now - kDay_ms, 5), true},
      {request("m1", "a", now - kDay_ms + 1, 50), true},
      {side, true},
      {request("m1", "c", now - kDay_ms + 1, 50), false},
      {session("a", now, "/x"), true},
      {session("a", now, "/y"), false},
      {sum, true},
  };
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), 0u);
  std::optional<Copy> want;
  do {
    Model fresh(utc());
    const shm::u32 accounts[] = {fresh.account("/p"), fresh.account("/q")};
    for (const std::size_t at : order)
      fresh.apply(all[at].first, accounts[all[at].second ? 1 : 0], now);
    fresh.set_scan(1, 1, shm::Completeness::complete);
    const shm::Picture& got = fresh.picture(now);
    if (!want) want = copy(got);
    ASSERT_TRUE(copy(got) == *want) << ::testing::PrintToString(order);
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace shmeter::collector
