// SPDX-License-Identifier: MIT
// The rolling week and the running blocks, held to a model that keeps everything and sums it anew.
#include "collector/model/recent.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kSecond_ms = 1000;
constexpr i64 kMinute_ms = 60 * kSecond_ms;
constexpr i64 kHour_ms = 60 * kMinute_ms;
constexpr i64 kDay_ms = 24 * kHour_ms;
constexpr i64 kNow_ms = i64{20'778} * kDay_ms + 15 * kHour_ms;  // 2026-11-21 15:00 UTC
constexpr u32 kNoAccount = 0xffffffffu;

shm::Usage priced(i64 cost) { return {1, 10, 1, 0, 0, 0, cost, 0}; }

shm::Usage minus(const shm::Usage& u) {
  return {-u.requests,
          -u.input_tokens,
          -u.output_tokens,
          -u.cache_write_5m_tokens,
          -u.cache_write_1h_tokens,
          -u.cache_read_tokens,
          -u.cost_nanousd,
          -u.unpriced_tokens};
}

/// Every session is of the account with its own number.
u32 own_number(u32 session) { return session; }

TEST(Recent, WeekIsExactToTheMillisecond) {
  Recent recent;
  recent.book(0, kNow_ms, priced(1));
  const auto cost_at = [&](i64 now_ms) {
    return recent.evaluate(now_ms, BlockMode::activity, 1, own_number)[0].week_cost_nanousd;
  };
  EXPECT_EQ(cost_at(kNow_ms), 1);
  EXPECT_EQ(cost_at(kNow_ms + Recent::kWeek_ms - 1), 1);
  EXPECT_EQ(recent.deadline_ms(), kNow_ms + Recent::kWeek_ms - 1 + kMinute_ms);
  EXPECT_EQ(cost_at(kNow_ms + Recent::kWeek_ms), 0);
  EXPECT_EQ(recent.deadline_ms(), kUnknown);
  EXPECT_EQ(cost_at(kNow_ms), 1) << "a clock put back brings it back";
}

TEST(Recent, TheFutureHasNotHappened) {
  Recent recent;
  recent.book(0, kNow_ms + Recent::kAhead_ms, priced(1));
  recent.book(0, kNow_ms + Recent::kAhead_ms + 1, priced(2));
  recent.book(0, kNow_ms + 400 * kDay_ms, priced(4));
  const auto& uses = recent.evaluate(kNow_ms, BlockMode::activity, 1, own_number);
  EXPECT_EQ(uses[0].week_cost_nanousd, 1);
  EXPECT_EQ(uses[0].block.usage.requests, 1);
  EXPECT_EQ(recent.deadline_ms(), kNow_ms + 1);
  recent.evaluate(kNow_ms + 1, BlockMode::activity, 1, own_number);
  EXPECT_EQ(uses[0].week_cost_nanousd, 3);
  EXPECT_EQ(uses[0].block.usage.requests, 2);
}

TEST(Recent, WhatIsTakenBackLeavesNothing) {
  const shm::Usage amounts[] = {priced(5),
                                {1, 0, 0, 0, 0, 0, 0, 0},
                                {1, 7, 0, 0, 0, 0, 0, 7},             // no price
                                {1, i64{1} << 40, 0, 0, 0, 0, 3, 0},  // beyond 32 bits
                                {0, 3, 0, 0, 0, 0, 3, 1},             // not a request
                                {1, 7, 0, 0, 0, 0, 9, 3}};            // a price for a part
  for (const shm::Usage& amount : amounts) {
    for (const bool back_first : {false, true}) {
      Recent recent;
      recent.book(1, kNow_ms - kHour_ms, priced(100));
      recent.book(1, kNow_ms, back_first ? minus(amount) : amount);
      recent.evaluate(kNow_ms, BlockMode::activity, 2, own_number);
      recent.book(1, kNow_ms, back_first ? amount : minus(amount));
      const auto& uses = recent.evaluate(kNow_ms, BlockMode::activity, 2, own_number);
      EXPECT_EQ(uses[1].week_cost_nanousd, 100);
      EXPECT_EQ(uses[1].week_unpriced_tokens, 0);
      EXPECT_EQ(uses[1].block.usage, priced(100));
      EXPECT_EQ(recent.size(), 1u);
    }
  }
}

TEST(Recent, ASessionTakesItsRequestsAlong) {
  Recent recent;
  u32 account = 0;
  const auto account_of = [&](u32 session) { return session == 0 ? account : kNoAccount; };
  recent.book(0, kNow_ms - kMinute_ms, priced(5));
  recent.book(1, kNow_ms, priced(7));
  const auto& uses = recent.evaluate(kNow_ms, BlockMode::activity, 2, account_of);
  EXPECT_EQ(uses[0].week_cost_nanousd, 5);
  EXPECT_EQ(uses[0].block.usage, priced(5));
  account = 1;
  recent.evaluate(kNow_ms, BlockMode::activity, 2, account_of);
  EXPECT_EQ(uses[0].week_cost_nanousd, 0);
  EXPECT_EQ(uses[0].block, shm::Block{});
  EXPECT_EQ(uses[1].week_cost_nanousd, 5);
  EXPECT_EQ(uses[1].block.usage, priced(5));
  EXPECT_EQ(uses[2].week_cost_nanousd, 12) << "those without account are of the sum";
  EXPECT_EQ(uses[2].block.usage.requests, 2);
}

TEST(Recent, ABlockFollowsTheOneBeforeIt) {
  // One request every four hours for twenty days: no pause counts, so the running block's begin
  // depends on the very first one.
  std::vector<TimedUsage> all;
  for (i64 at_ms = kNow_ms - 20 * kDay_ms + 7; at_ms <= kNow_ms; at_ms += 4 * kHour_ms)
    all.push_back({at_ms, priced(1)});
  const BlockSpan want = split_blocks(BlockMode::activity, all).back();
  const i64 floor_ms = kNow_ms - 8 * kDay_ms;
  Recent booked, noted, aged;
  booked.set_floor(floor_ms);
  noted.set_floor(floor_ms);
  std::shuffle(all.begin(), all.end(), std::mt19937_64(1));
  for (const TimedUsage& one : all) {
    booked.book(0, one.at_ms, one.usage);
    aged.book(0, one.at_ms, one.usage);
    if (one.at_ms < floor_ms)
      noted.note_before(one.at_ms, 0);
    else
      noted.book(0, one.at_ms, one.usage);
  }
  aged.evaluate(kNow_ms - kDay_ms, BlockMode::activity, 1, own_number);
  aged.set_floor(floor_ms - kDay_ms);
  aged.evaluate(kNow_ms, BlockMode::activity, 1, own_number);
  aged.set_floor(floor_ms);
  aged.clear();
  for (const TimedUsage& one : all) aged.book(0, one.at_ms, one.usage);
  for (Recent* recent : {&booked, &noted, &aged}) {
    const auto& uses = recent->evaluate(kNow_ms, BlockMode::activity, 1, own_number);
    EXPECT_EQ(uses[0].block, published(want, kNow_ms));
    EXPECT_EQ(uses[1].block, published(want, kNow_ms));
    EXPECT_LE(recent->size(), 49u) << "what is older than the floor is not kept";
  }
}

TEST(Recent, DeadlineIsWhenTheBlockEndsOrAMinuteIsOver) {
  Recent recent;
  recent.book(0, kNow_ms, priced(5));
  recent.evaluate(kNow_ms + 4 * kHour_ms + 30'000, BlockMode::activity, 1, own_number);
  EXPECT_EQ(recent.deadline_ms(), kNow_ms + 5 * kHour_ms) << "nothing to project from";
  recent.book(0, kNow_ms + kMinute_ms, priced(5));
  const i64 now_ms = kNow_ms + kMinute_ms + 30'000;
  const auto& uses = recent.evaluate(now_ms, BlockMode::activity, 1, own_number);
  const i64 cost = uses[0].block.projected_cost_nanousd;
  EXPECT_EQ(recent.deadline_ms(), kNow_ms + 2 * kMinute_ms + 1);
  recent.evaluate(recent.deadline_ms() - 1, BlockMode::activity, 1, own_number);
  EXPECT_EQ(uses[0].block.projected_cost_nanousd, cost);
  recent.evaluate(kNow_ms + 2 * kMinute_ms + 1, BlockMode::activity, 1, own_number);
  EXPECT_EQ(uses[0].block.projected_cost_nanousd, cost - 10);
}

TEST(Recent, AnHourIsOverWhenTheNextBegins) {
  Recent recent;
  recent.book(0, kNow_ms - 1, priced(5));
  recent.book(0, kNow_ms, priced(7));
  recent.book(0, kNow_ms - 23 * kHour_ms - 1, priced(9));
  recent.book(0, kNow_ms - 23 * kHour_ms, priced(11));
  const i64 now_ms = kNow_ms + kMinute_ms;
  recent.evaluate(now_ms, BlockMode::activity, 1, own_number);
  const Hours hours = recent.hours(now_ms);
  EXPECT_EQ(hours[23].cost_nanousd, 7);
  EXPECT_EQ(hours[22].cost_nanousd, 5);
  EXPECT_EQ(hours[0].cost_nanousd, 11) << "and what is older has left";
  EXPECT_EQ(hours[23].tokens, 11);
  Recent idle;
  idle.book(0, kNow_ms - 20 * kHour_ms, priced(5));
  idle.evaluate(now_ms, BlockMode::activity, 1, own_number);
  EXPECT_EQ(idle.deadline_ms(), kNow_ms + kHour_ms) << "it moves to the left though nobody works";
  idle.evaluate(kNow_ms + 4 * kHour_ms, BlockMode::activity, 1, own_number);
  EXPECT_GT(idle.deadline_ms(), kNow_ms + kDay_ms) << "until nothing is left of it";
}

TEST(Recent, SettingAnotherModeWalksAnew) {
  Recent recent;
  recent.book(0, kNow_ms - kMinute_ms, priced(5));  // 14:59
  const auto& uses = recent.evaluate(kNow_ms, BlockMode::activity, 1, own_number);
  EXPECT_EQ(uses[0].block.started_at_s, (kNow_ms - kHour_ms) / 1000);
  recent.evaluate(kNow_ms - 1, BlockMode::utc_grid, 1, own_number);
  EXPECT_EQ(uses[0].block.started_at_s, (kNow_ms - 5 * kHour_ms) / 1000);
  recent.evaluate(kNow_ms, BlockMode::utc_grid, 1, own_number);
  EXPECT_EQ(uses[0].block, shm::Block{}) << "15:00 begins another one";
}

TEST(Recent, OddAmountsDoNotPileUp) {
  Recent recent;
  const shm::Usage odd{0, 3, 0, 0, 0, 0, 3, 1};
  for (int i = 0; i < 10'000; ++i) {
    recent.book(0, kNow_ms + i, odd);
    recent.book(0, kNow_ms + i, minus(odd));
    recent.evaluate(kNow_ms + i, BlockMode::activity, 1, own_number);
  }
  EXPECT_EQ(recent.size(), 0u);
  EXPECT_LT(recent.bytes(), 64u * 1024);
}

TEST(Recent, ThirtyThousandRequestsTakeFewBytes) {
  Recent recent;
  for (u32 i = 0; i < 30'000; ++i) recent.book(i % 300, kNow_ms - i64{i} * 20'000, priced(i));
  recent.evaluate(kNow_ms, BlockMode::activity, 4, [](u32 session) { return session % 4; });
  EXPECT_LT(recent.bytes(), 30'000u * 46 + 64 * 1024);
}

// ---- The model that sums anew -------------------------------------------------------------------

struct Booked {
  u32 session;
  i64 at_ms;
  shm::Usage usage;
};

class Plain {
 public:
  void book(const Booked& one) { all_.push_back(one); }
  void take_back(const Booked& one) {
    all_.erase(std::find_if(all_.begin(), all_.end(), [&](const Booked& other) {
      return other.session == one.session && other.at_ms == one.at_ms && other.usage == one.usage;
    }));
  }
  const std::vector<Booked>& all() const { return all_; }

  RecentUse use(i64 now_ms, BlockMode mode, const std::vector<u32>& accounts, u32 account) const {
    RecentUse out;
    std::vector<TimedUsage> mine;
    for (const Booked& one : all_) {
      if (one.at_ms > now_ms + Recent::kAhead_ms) continue;
      if (account != kNoAccount && accounts[one.session] != account) continue;
      mine.push_back({one.at_ms, one.usage});
      if (one.at_ms <= now_ms - Recent::kWeek_ms) continue;
      out.week_cost_nanousd += one.usage.cost_nanousd;
      out.week_unpriced_tokens += one.usage.unpriced_tokens;
    }
    std::sort(mine.begin(), mine.end(),
              [](const TimedUsage& a, const TimedUsage& b) { return a.at_ms < b.at_ms; });
    const auto blocks = split_blocks(mode, mine);
    if (!blocks.empty()) out.block = published(blocks.back(), now_ms);
    return out;
  }

  Hours hours(i64 now_ms) const {
    Hours out;
    for (const Booked& one : all_) {
      const i64 ago = now_ms / kHour_ms - one.at_ms / kHour_ms;
      const bool ahead = one.at_ms > now_ms + Recent::kAhead_ms;
      if (ahead || ago < 0 || ago >= static_cast<i64>(out.size())) continue;
      HourUse& hour = out[out.size() - 1 - static_cast<std::size_t>(ago)];
      hour.cost_nanousd += one.usage.cost_nanousd;
      hour.unpriced_tokens += one.usage.unpriced_tokens;
      hour.tokens += one.usage.input_tokens + one.usage.output_tokens;
    }
    return out;
  }

 private:
  std::vector<Booked> all_;
};

TEST(Recent, IsWhatSummingAnewGives) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto below = [&](i64 n) { return static_cast<i64>(random() % static_cast<unsigned>(n)); };
    constexpr u32 kSessions = 12;
    const BlockMode mode = seed % 2 == 0 ? BlockMode::utc_grid : BlockMode::activity;
    std::vector<u32> accounts(kSessions);
    for (u32 i = 0; i < kSessions; ++i) accounts[i] = i % 4 == 3 ? kNoAccount : i % 4;
    Recent recent;
    Plain plain;
    i64 now_ms = kNow_ms;
    for (int turn = 0; turn < 400; ++turn) {
      for (i64 n = below(4); n > 0; --n) {
        const i64 spread_ms = below(6) == 0   ? 7 * kDay_ms
                              : below(3) == 0 ? 9 * kHour_ms
                                              : kMinute_ms;
        const i64 cost = below(100);
        const Booked one{static_cast<u32>(below(kSessions)),
                         now_ms + 3 * kMinute_ms - below(spread_ms) / 1000 * 1000,
                         below(5) == 0 ? shm::Usage{1, cost, 0, 0, 0, 0, 0, cost} : priced(cost)};
        plain.book(one);
        recent.book(one.session, one.at_ms, one.usage);
      }
      if (below(4) == 0 && !plain.all().empty()) {
        const Booked one =
            plain.all()[static_cast<std::size_t>(below(static_cast<i64>(plain.all().size())))];
        plain.take_back(one);
        recent.book(one.session, one.at_ms, minus(one.usage));
      }
      if (below(40) == 0)
        accounts[static_cast<std::size_t>(below(kSessions))] = static_cast<u32>(below(3));
      now_ms += below(10) == 0 ? below(8 * kHour_ms) : below(20 * kMinute_ms);
      if (below(100) == 0) now_ms -= kHour_ms;  // the clock is put back
      if (below(20) == 0) recent.set_floor(now_ms - 8 * kDay_ms);
      const auto& uses = recent.evaluate(now_ms, mode, 3, [&](u32 s) { return accounts[s]; });
      ASSERT_EQ(uses.size(), 4u);
      for (u32 account = 0; account < 4; ++account) {
        const RecentUse want =
            plain.use(now_ms, mode, accounts, account == 3 ? kNoAccount : account);
        ASSERT_EQ(uses[account].week_cost_nanousd, want.week_cost_nanousd) << turn;
        ASSERT_EQ(uses[account].week_unpriced_tokens, want.week_unpriced_tokens) << turn;
        ASSERT_EQ(uses[account].block, want.block) << turn << ' ' << account;
      }
      ASSERT_EQ(recent.hours(now_ms), plain.hours(now_ms)) << turn;
    }
  }
}

TEST(Recent, OrderDoesNotMatter) {
  std::mt19937_64 random(9);
  std::vector<Booked> all;
  for (int i = 0; i < 500; ++i)
    all.push_back({static_cast<u32>(random() % 5),
                   kNow_ms - static_cast<i64>(random() % static_cast<std::uint64_t>(12 * kDay_ms)),
                   priced(static_cast<i64>(random() % 9))});
  for (int i = 0; i < 200; ++i) {  // taken back, and given to another session
    all.push_back(all[static_cast<std::size_t>(i)]);
    all.back().usage = minus(all.back().usage);
    all.push_back({4, all.back().at_ms, priced(3)});
  }
  std::vector<RecentUse> first;
  for (int round = 0; round < 10; ++round) {
    Recent recent;
    recent.set_floor(kNow_ms - 8 * kDay_ms);
    for (const Booked& one : all) recent.book(one.session, one.at_ms, one.usage);
    const auto uses = recent.evaluate(kNow_ms, BlockMode::activity, 5, own_number);
    if (round == 0) first = uses;
    for (std::size_t i = 0; i < uses.size(); ++i) {
      EXPECT_EQ(uses[i].week_cost_nanousd, first[i].week_cost_nanousd);
      EXPECT_EQ(uses[i].block, first[i].block);
    }
    std::shuffle(all.begin(), all.end(), random);
  }
}

}  // namespace
}  // namespace shmeter::collector
