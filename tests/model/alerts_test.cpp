// SPDX-License-Identifier: MIT
// When an alert tells: crossings as tables of values over time, then everything that makes one
// crossing differ from another.
#include "tests/model/alerts_world.hpp"

namespace shmeter::collector {
namespace {

TEST(Alerts, RiseAndFall) {
  constexpr i64 kNobodyKnows = -1;
  const struct {
    const char* what;
    std::string alert;
    std::vector<i64> percents;
    const char* want;  // one letter for each: ! tells, . does not
  } rows[] = {
      {"once per crossing", alert("five_hour >= 80"), {79, 80, 85, 100}, ".!.."},
      {"already over at first sight", alert("five_hour >= 80"), {90, 95}, "!."},
      {"strictly above", alert("five_hour > 80"), {80, 81, 80, 81}, ".!.!"},
      {"again after it went back", alert("five_hour >= 80"), {80, 79, 80}, "!.!"},
      {"not back far enough", alert("five_hour >= 80", "hysteresis = 5"), {80, 75, 80}, "!.."},
      {"back far enough", alert("five_hour >= 80", "hysteresis = 5"), {80, 74, 79, 80}, "!..!"},
      {"strictly, with hysteresis", alert("five_hour > 80", "hysteresis = 5"), {81, 75, 81}, "!.!"},
      {"falling", alert("five_hour.left < 30"), {70, 71, 72, 70, 71}, ".!..!"},
      {"falling to", alert("five_hour.left <= 30"), {69, 70, 71, 69, 70}, ".!..!"},
      {"falling, with hysteresis",
       alert("five_hour.left < 30", "hysteresis = 5"),
       {71, 66, 71, 65, 71},
       "!...!"},
      {"unknown neither tells nor puts back",
       alert("five_hour >= 80"),
       {kNobodyKnows, 80, kNobodyKnows, 80},
       ".!.."},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    const Config config = config_with(row.alert);
    Alerts alerts(config);
    World world;
    std::string got;
    for (const i64 percent : row.percents) {
      world.five_hour(percent);
      if (percent == kNobodyKnows) world.accounts[0].five_hour = {};
      got += judge(alerts, world).empty() ? '.' : '!';
    }
    EXPECT_EQ(got, row.want);
  }
}

TEST(Alerts, AnotherWindowIsAnotherCrossing) {
  Alerts alerts(config_with(alert("five_hour >= 80")));
  World world;
  const i64 reset_s = kNow_s + 600;
  world.five_hour(80, reset_s);
  EXPECT_EQ(judge(alerts, world), "work");
  world.five_hour(90, reset_s + 60);
  EXPECT_EQ(judge(alerts, world), "") << "the same reset, told less exactly";
  EXPECT_EQ(judge(alerts, world, reset_s + 61), "") << "past its reset it is unknown";
  world.five_hour(81, reset_s + 5 * 3600);
  EXPECT_EQ(judge(alerts, world, reset_s + 120), "work");
  EXPECT_EQ(judge(alerts, world, reset_s + 121), "");
  world.five_hour(10, reset_s + 10 * 3600);
  EXPECT_EQ(judge(alerts, world, reset_s + 6 * 3600), "");
  world.five_hour(80, reset_s + 10 * 3600);
  EXPECT_EQ(judge(alerts, world, reset_s + 7 * 3600), "work") << "armed by the new window";
}

TEST(Alerts, AWindowWhoseResetIsToldLater) {
  Alerts alerts(config_with(alert("spend.share >= 80")));
  World world;
  world.accounts[0].spend_limit.used_ppm = 90 * kPercent;
  EXPECT_EQ(judge(alerts, world), "work");
  world.accounts[0].spend_limit.resets_at_s = kNow_s + 600;
  EXPECT_EQ(judge(alerts, world), "") << "it may be the same";
  EXPECT_TRUE(alerts.changed());
  world.accounts[0].spend_limit.resets_at_s = kNow_s + 86'400;
  EXPECT_EQ(judge(alerts, world, kNow_s + 700), "work");
}

TEST(Alerts, DaysWeeksAndMonthsAreWindowsInLocalTime) {
  const struct {
    const char* when;
    i64 offset_s, first_s, same_s, next_s;
  } rows[] = {
      {"today.cost > 20", 0, kNow_s, kMonday_s + 86'399, kMonday_s + 86'400},
      {"today.cost > 20", 3600, kNow_s, kMonday_s + 82'799, kMonday_s + 82'800},
      {"week.cost > 20", 0, kNow_s, kMonday_s + 7 * 86'400 - 1, kMonday_s + 7 * 86'400},
      {"month.cost > 20", 0, kNow_s, kMonday_s + 8 * 86'400 - 1, kMonday_s + 8 * 86'400},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.when);
    Alerts alerts(config_with(alert(row.when)));
    World world;
    world.summary.utc_offset_s = row.offset_s;
    const auto told_at = [&](i64 now_s) {
      world.today(21, now_s);
      world.summary.week = world.summary.month = world.summary.today;
      return judge(alerts, world, now_s);
    };
    EXPECT_EQ(told_at(row.first_s), "totals");
    EXPECT_EQ(told_at(row.same_s), "");
    EXPECT_EQ(told_at(row.next_s), "totals");
  }
}

TEST(Alerts, ACostThatIsALowerBound) {
  Alerts above(config_with(alert("today.cost > 20")));
  Alerts below(config_with(alert("today.cost < 20")));
  World world;
  world.today(19, kNow_s, 5);
  EXPECT_EQ(judge(above, world), "");
  EXPECT_EQ(judge(below, world), "") << "it may be more";
  world.today(21, kNow_s, 5);
  EXPECT_EQ(judge(above, world), "totals");
  EXPECT_TRUE(above.told().size() == 1 && below.told().empty());
}

TEST(Alerts, EachAccountByItself) {
  Alerts each(config_with(alert("five_hour >= 80")));
  Alerts one(config_with(alert("five_hour >= 80", "account = \"home\"")));
  World world;
  world.five_hour(85);
  world.five_hour(20, kNow_s + 3600, 1);
  EXPECT_EQ(judge(each, world), "work");
  EXPECT_EQ(judge(one, world), "");
  world.five_hour(90, kNow_s + 3600, 1);
  EXPECT_EQ(judge(each, world), "home");
  EXPECT_EQ(judge(one, world), "home");
  world.five_hour(10);
  EXPECT_EQ(judge(each, world), "");
  world.five_hour(80);
  EXPECT_EQ(judge(each, world), "work");
}

TEST(Alerts, TheTightestWindowMayChange) {
  Alerts alerts(config_with(alert("tightest >= 80")));
  World world;
  const auto set = [&](i64 five, i64 seven) {
    world.five_hour(five);
    world.accounts[0].seven_day = {seven * kPercent, kNow_s + 86'400, kNow_s, 1};
  };
  set(82, 81);
  EXPECT_EQ(judge(alerts, world), "work");
  set(82, 83);
  EXPECT_EQ(judge(alerts, world), "work") << "another limit";
  set(84, 83);
  EXPECT_EQ(judge(alerts, world), "") << "told before";
}

TEST(Alerts, BudgetsNobodySetTellNothing) {
  const struct {
    const char* when;
    bool of_block;
  } rows[] = {{"weekly >= 80", false}, {"health < 30", false}, {"block_used >= 80", true}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.when);
    Alerts alerts(config_with(alert(row.when)));
    World world;
    shm::Account& account = world.accounts[0];
    account.weekly_budget_nanousd = 400 * kDollar;
    account.block_budget_nanousd = 20 * kDollar;
    account.budget_source = static_cast<i64>(shm::BudgetSource::preset);
    account.weekly_ppm = account.block_ppm = 90 * kPercent;
    account.health_ppm = 10 * kPercent;
    EXPECT_EQ(judge(alerts, world), "");
    if (row.of_block)
      account.block_budget_nanousd = 5 * kDollar;
    else
      account.budget_source = static_cast<i64>(shm::BudgetSource::config);
    EXPECT_EQ(judge(alerts, world), "work");
  }
}

TEST(Alerts, EachLiveSessionByItself) {
  Alerts alerts(config_with(alert("session.context >= 90")));
  World world;
  shm::Session& one = world.add_session("s1", 0, 95);
  shm::Session& two = world.add_session("s2", 1, 10);
  EXPECT_EQ(judge(alerts, world), "s1");
  two.context_used_ppm = 92 * kPercent;
  EXPECT_EQ(judge(alerts, world), "s2");
  one.context_used_ppm = 20 * kPercent;
  two.status = static_cast<i64>(shm::SessionStatus::ended);
  EXPECT_EQ(judge(alerts, world), "");
  one.context_used_ppm = 90 * kPercent;
  EXPECT_EQ(judge(alerts, world), "s1") << "compacted, and full again";

  Alerts of_home(config_with(alert("session.context >= 90", "account = \"home\"")));
  EXPECT_EQ(judge(of_home, world), "") << "the one of home has ended";
  two.status = static_cast<i64>(shm::SessionStatus::unknown);
  two.updated_at_s = kNow_s - shm::kActiveWithin_s - 1;
  EXPECT_EQ(judge(of_home, world), "") << "nothing was heard of it for long";
  two.updated_at_s = kNow_s - shm::kActiveWithin_s;
  EXPECT_EQ(judge(of_home, world), "s2");
}

TEST(Alerts, ASessionThatVanishesAndComesBackIsRemembered) {
  Alerts alerts(config_with(alert("session.context >= 90")));
  World world;
  world.add_session("s1", 0, 95);
  EXPECT_EQ(judge(alerts, world), "s1");
  const auto there = std::exchange(world.pointers, {});
  EXPECT_EQ(judge(alerts, world), "");
  world.pointers = there;
  EXPECT_EQ(judge(alerts, world), "");
}

TEST(Alerts, QuietHours) {
  const struct {
    const char* quiet;
    i64 offset_s, change_at_s, offset_after_s;
    const char* at;  // UTC, HH:MM
    bool tells;
  } rows[] = {
      {"22:00-07:00", 0, kUnknown, 0, "21:59", true},
      {"22:00-07:00", 0, kUnknown, 0, "22:00", false},
      {"22:00-07:00", 0, kUnknown, 0, "00:00", false},
      {"22:00-07:00", 0, kUnknown, 0, "06:59", false},
      {"22:00-07:00", 0, kUnknown, 0, "07:00", true},
      {"12:00-13:00", 0, kUnknown, 0, "11:59", true},
      {"12:00-13:00", 0, kUnknown, 0, "12:30", false},
      {"12:00-13:00", 0, kUnknown, 0, "13:00", true},
      {"22:00-07:00", 3600, kUnknown, 0, "21:00", false},
      {"22:00-07:00", 3600, kUnknown, 0, "06:00", true},
      {"22:00-07:00", -5 * 3600, kUnknown, 0, "02:59", true},
      {"22:00-07:00", -5 * 3600, kUnknown, 0, "03:00", false},
      // Clocks go forward at 01:00 UTC, from 02:00 to 03:00; and back, from 03:00 to 02:00.
      {"02:30-05:30", 3600, kMonday_s + 3600, 7200, "00:59", true},
      {"02:30-05:30", 3600, kMonday_s + 3600, 7200, "01:00", false},
      {"02:30-05:30", 3600, kMonday_s + 3600, 7200, "03:29", false},
      {"02:30-05:30", 3600, kMonday_s + 3600, 7200, "03:30", true},
      {"02:30-05:30", 7200, kMonday_s + 3600, 3600, "00:30", false},
      {"02:30-05:30", 7200, kMonday_s + 3600, 3600, "01:00", true},
      {"02:30-05:30", 7200, kMonday_s + 3600, 3600, "01:30", false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.quiet) + " at " + row.at);
    Alerts alerts(
        config_with(alert("five_hour >= 80", "quiet = \"" + std::string(row.quiet) + "\"")));
    World world;
    world.summary.utc_offset_s = row.offset_s;
    world.summary.utc_change_at_s = row.change_at_s;
    world.summary.utc_offset_after_s = row.offset_after_s;
    world.five_hour(90, kMonday_s + 2 * 86'400);
    const i64 now_s = kMonday_s + std::stoi(row.at) * 3600 + std::stoi(row.at + 3) * 60;
    EXPECT_EQ(judge(alerts, world, now_s), row.tells ? "work" : "");
  }
}

TEST(Alerts, WhatStillHoldsAfterQuietHoursIsToldThen) {
  Alerts alerts(config_with(alert("five_hour >= 80", "quiet = \"22:00-07:00\"")));
  World world;
  const i64 reset_s = kMonday_s + 2 * 86'400;
  const auto told_at = [&](i64 hour, i64 percent) {
    world.five_hour(percent, reset_s);
    return judge(alerts, world, kMonday_s + hour * 3600);
  };
  EXPECT_EQ(told_at(21, 90), "work");
  EXPECT_EQ(told_at(23, 70), "") << "put back while all is quiet";
  EXPECT_EQ(told_at(26, 90), "");
  EXPECT_EQ(told_at(30, 90), "");
  EXPECT_EQ(told_at(31, 90), "work");
  EXPECT_EQ(told_at(32, 90), "");
  EXPECT_EQ(told_at(40, 70), "");
  EXPECT_EQ(told_at(47, 90), "");
  EXPECT_EQ(told_at(47, 70), "") << "it no longer holds";
}

TEST(Alerts, ACollectorThatWasSilentTellsForHowLong) {
  Alerts alerts(config_with(alert("age >= 60")));
  const World world;
  const auto told = [&](i64 silence_s) {
    const auto firings = alerts.judge(world.picture(), kNow_s, silence_s);
    return firings.empty() ? -1 : firings.front().value;
  };
  EXPECT_EQ(told(0), -1);
  EXPECT_EQ(told(59), -1);
  EXPECT_EQ(told(61), 61);
  EXPECT_EQ(told(0), -1);
  EXPECT_EQ(told(3600), 3600) << "another silence";
}

}  // namespace
}  // namespace shmeter::collector
