// SPDX-License-Identifier: MIT
// Budgets, health and where a limit window leads, as tables.
#include "collector/model/judgement.hpp"

#include <gtest/gtest.h>

namespace shmeter::collector {
namespace {

constexpr i64 kDollar = 1'000'000'000;
constexpr i64 kCent = kDollar / 100;
constexpr i64 kNow_s = 1'795'273'200;
constexpr i64 kPercent = 10'000;

TEST(Judgement, BudgetOfAnAccount) {
  const struct {
    i64 weekly, block;
    Budget want;
  } rows[] = {
      {kUnknown, kUnknown, {456 * kDollar, 2280 * kCent, shm::BudgetSource::preset}},
      {100 * kDollar, kUnknown, {100 * kDollar, 5 * kDollar, shm::BudgetSource::config}},
      {100 * kDollar, 7 * kDollar, {100 * kDollar, 7 * kDollar, shm::BudgetSource::config}},
      {kUnknown, 7 * kDollar, {456 * kDollar, 7 * kDollar, shm::BudgetSource::preset}},
      {1, kUnknown, {1, 1, shm::BudgetSource::config}},
  };
  for (const auto& row : rows) {
    AccountConfig account;
    account.weekly_budget_nanousd = row.weekly;
    account.block_budget_nanousd = row.block;
    const Budget got = budget_of(&account);
    EXPECT_EQ(got.weekly_nanousd, row.want.weekly_nanousd);
    EXPECT_EQ(got.block_nanousd, row.want.block_nanousd);
    EXPECT_EQ(got.source, row.want.source);
  }
  EXPECT_EQ(budget_of(nullptr).weekly_nanousd, 456 * kDollar);
}

TEST(Judgement, Health) {
  const struct {
    i64 weekly, block, overrun, want;
  } rows[] = {
      {0, 0, 0, 1'000'000},
      {767'544, 548'246, kUnknown, 451'754},  // 350 of 456, a block of 12.50: 45.2
      {767'544, 548'246, 500'000, 351'754},
      {1'000'000, 1'000'000, 1'000'000, 0},
      {1'000'000, 1'000'000, 0, 200'000},
      {9'000'000, 0, 0, 0},  // never below 0
      {1'000'000'000'000, 1'000'000'000'000, 9'000'000, 0},
      {1, 0, 0, 1'000'000},  // half a millionth, half up
      {3, 0, 0, 999'999},
      {kUnknown, 0, 0, kUnknown},
      {0, kUnknown, 0, kUnknown},
  };
  for (const auto& row : rows)
    EXPECT_EQ(health_ppm(row.weekly, row.block, row.overrun), row.want)
        << row.weekly << ' ' << row.block << ' ' << row.overrun;
}

RecentUse used(i64 week_cost, i64 block_cost) {
  RecentUse use;
  use.week_cost_nanousd = week_cost;
  use.block.started_at_s = kNow_s;
  use.block.usage = {1, 1, 1, 0, 0, 0, block_cost, 0};
  return use;
}

TEST(Judgement, TheCheckValue) {
  shm::Account account;
  const RecentUse use = used(350 * kDollar, 1250 * kCent);
  judge(account, budget_of(nullptr), &use);
  EXPECT_EQ(account.weekly_budget_nanousd, 456 * kDollar);
  EXPECT_EQ(account.budget_source, static_cast<i64>(shm::BudgetSource::preset));
  EXPECT_EQ(account.weekly_used_nanousd, 350 * kDollar);
  EXPECT_EQ(account.weekly_ppm, 767'544);
  EXPECT_EQ(account.block_budget_nanousd, 2280 * kCent);
  EXPECT_EQ(account.block_ppm, 548'246);
  EXPECT_EQ(account.block, use.block);
  EXPECT_EQ((account.health_ppm + 500) / 1000, 452) << "45.2";
  account.seven_day_projected_ppm = 1'500'000;
  judge(account, budget_of(nullptr), &use);
  EXPECT_EQ(account.health_ppm, 351'754) << "an overrun of 50 % costs ten";
  account.seven_day_projected_ppm = 900'000;
  judge(account, budget_of(nullptr), &use);
  EXPECT_EQ(account.health_ppm, 451'754);
}

TEST(Judgement, WhatIsNotKnownGivesNoShare) {
  shm::Account account;
  judge(account, budget_of(nullptr), nullptr);
  EXPECT_EQ(account.weekly_budget_nanousd, 456 * kDollar);
  for (const i64 number : {account.weekly_used_nanousd, account.weekly_ppm, account.block_ppm,
                           account.health_ppm, account.weekly_unpriced_tokens})
    EXPECT_EQ(number, kUnknown);
  EXPECT_EQ(account.block, shm::Block{});

  RecentUse use = used(5 * kDollar, kDollar);
  use.week_unpriced_tokens = 1;
  judge(account, budget_of(nullptr), &use);
  EXPECT_EQ(account.weekly_used_nanousd, 5 * kDollar) << "at least";
  EXPECT_EQ(account.weekly_ppm, kUnknown);
  EXPECT_NE(account.block_ppm, kUnknown);
  EXPECT_EQ(account.health_ppm, kUnknown);

  use = used(5 * kDollar, kDollar);
  use.block.usage.unpriced_tokens = 1;
  judge(account, budget_of(nullptr), &use);
  EXPECT_EQ(account.block_ppm, kUnknown);

  use = {};
  judge(account, budget_of(nullptr), &use);
  EXPECT_EQ(account.weekly_ppm, 0);
  EXPECT_EQ(account.block_ppm, 0) << "no block runs: nothing of it is used";
  EXPECT_EQ(account.health_ppm, 1'000'000);
}

TEST(Judgement, HugeAndHostileSums) {
  shm::Account account;
  for (const i64 cost : {std::numeric_limits<i64>::max(), std::numeric_limits<i64>::min() + 1}) {
    const RecentUse use = used(cost, cost);
    judge(account, {1, 1, shm::BudgetSource::config}, &use);
    EXPECT_GE(account.weekly_ppm, 0);
    EXPECT_GE(account.health_ppm, 0);
    EXPECT_LE(account.health_ppm, 1'000'000);
  }
}

shm::Window sample(i64 percent, i64 after_min, i64 resets_in_min = 300) {
  return {percent * kPercent, kNow_s + resets_in_min * 60, kNow_s + after_min * 60, 1};
}

TEST(WindowSlope, LeadsToTheReset) {
  const struct {
    const char* what;
    std::vector<shm::Window> samples;
    i64 want;
  } rows[] = {
      {"nothing said", {}, kUnknown},
      {"one sample has no slope", {sample(10, 0)}, kUnknown},
      {"too close", {sample(10, 0), sample(20, 9)}, kUnknown},
      {"ten minutes will do", {sample(10, 0), sample(12, 10)}, 70 * kPercent},
      {"no growth says nothing", {sample(10, 0), sample(10, 100)}, kUnknown},
      {"from first to newest",
       {sample(10, 0), sample(90, 1), sample(90, 2), sample(100, 150)},
       190 * kPercent},
      {"idle time counts", {sample(10, 0), sample(20, 30), sample(20, 100)}, 40 * kPercent},
      {"the reset moves a little",
       {sample(10, 0), {20 * kPercent, kNow_s + 300 * 60 + 59, kNow_s + 50 * 60, 1}},
       701'967},
      {"at the reset", {sample(10, 0), sample(20, 300)}, 20 * kPercent},
      {"another window begins anew",
       {sample(10, 0), sample(50, 60), sample(5, 301, 600)},
       kUnknown},
      {"and has its own slope",
       {sample(10, 0), sample(50, 60), sample(5, 301, 601), sample(6, 401, 601)},
       8 * kPercent},
      {"a smaller share begins anew", {sample(10, 0), sample(50, 60), sample(20, 70)}, kUnknown},
      {"and leads on from there", {sample(50, 0), sample(20, 60), sample(40, 180)}, 60 * kPercent},
      {"an unknown window changes nothing",
       {sample(10, 0), sample(20, 100), shm::Window{}},
       40 * kPercent},
      {"told late", {sample(20, 100), sample(30, 200)}, 40 * kPercent},
      {"not beyond ten times the whole",
       {sample(0, 0, 10'000), sample(90, 10, 10'000)},
       1000 * kPercent},
      {"newest before first", {sample(10, 100), sample(20, 0)}, kUnknown},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    WindowSlope slope;
    for (const shm::Window& window : row.samples) slope.see(window);
    EXPECT_EQ(slope.projected_ppm(kFiveHour_s), row.want);
  }
}

TEST(WindowSlope, SevenDaysNeedLonger) {
  WindowSlope slope;
  const i64 resets_in_min = 4 * 24 * 60;
  slope.see(sample(10, 0, resets_in_min));
  slope.see(sample(11, 335, resets_in_min));
  EXPECT_EQ(slope.projected_ppm(kSevenDay_s), kUnknown);
  slope.see(sample(12, 336, resets_in_min));
  EXPECT_EQ(slope.projected_ppm(kSevenDay_s), 120'000 + (20'000 * (5760 - 336) + 168) / 336);
}

TEST(WindowSlope, GoesOnFromWhatTheStoreKept) {
  WindowSlope before, after;
  before.see(sample(10, 0));
  before.see(sample(20, 50));
  after.restore(before.first());
  EXPECT_EQ(after.projected_ppm(kFiveHour_s), kUnknown);
  after.see(sample(20, 50));
  EXPECT_EQ(after.projected_ppm(kFiveHour_s), before.projected_ppm(kFiveHour_s));
}

}  // namespace
}  // namespace shmeter::collector
