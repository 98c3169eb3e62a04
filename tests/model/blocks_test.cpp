// SPDX-License-Identifier: MIT
// Five-hour blocks as tables: where they begin, what is exactly at an edge, gaps, rates.
#include "collector/model/blocks.hpp"

#include <gtest/gtest.h>

#include <string>

namespace shmeter::collector {
namespace {

constexpr i64 kMinute_ms = 60'000;
constexpr i64 kHour_ms = 3'600'000;
constexpr i64 kDay_ms = 24 * kHour_ms;
constexpr i64 kDollar = 1'000'000'000;
constexpr i64 kMidnight_ms = i64{20'778} * kDay_ms;  // 2026-11-21

/// `9:30`, `9:30+1` (ms), `33:00` = the next day's 9:00.
i64 at(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t plus = std::min(text.find('+'), text.size());
  const auto number = [](std::string_view digits) { return std::stoll(std::string(digits)); };
  return kMidnight_ms + number(text.substr(0, colon)) * kHour_ms +
         number(text.substr(colon + 1, plus - colon - 1)) * kMinute_ms +
         (plus < text.size() ? number(text.substr(plus + 1)) : 0);
}

std::string clock(i64 at_ms) {
  const i64 ms = at_ms - kMidnight_ms;
  const i64 minute = ms / kMinute_ms % 60;
  std::string text = std::to_string(ms / kHour_ms) + (minute < 10 ? ":0" : ":");
  text += std::to_string(minute);
  if (ms % kMinute_ms != 0) text += '+' + std::to_string(ms % kMinute_ms);
  return text;
}

/// `9:00-14:00 x2 (9:30..9:31)` for a block with two requests, `[14:31-16:00]` for a gap.
std::string shown(const std::vector<BlockSpan>& blocks) {
  std::string text;
  for (const BlockSpan& block : blocks) {
    if (!text.empty()) text += ' ';
    const std::string span = clock(block.begin_ms) + '-' + clock(block.end_ms);
    if (block.is_gap) {
      text += '[' + span + ']';
      continue;
    }
    text += span + " x" + std::to_string(block.usage.requests) + " (" + clock(block.first_ms) +
            ".." + clock(block.last_ms) + ')';
  }
  return text;
}

std::vector<TimedUsage> requests(std::string_view times) {
  std::vector<TimedUsage> out;
  while (!times.empty()) {
    const std::size_t end = std::min(times.find(' '), times.size());
    out.push_back({at(times.substr(0, end)), {1, 10, 1, 0, 0, 0, 5, 0}});
    times.remove_prefix(std::min(end + 1, times.size()));
  }
  return out;
}

TEST(Blocks, ByActivity) {
  const struct {
    std::string_view times;
    std::string_view want;
  } rows[] = {
      {"", ""},
      {"9:30", "9:00-14:00 x1 (9:30..9:30)"},
      {"9:00", "9:00-14:00 x1 (9:00..9:00)"},
      {"9:59+59999", "9:00-14:00 x1 (9:59+59999..9:59+59999)"},
      {"9:30 9:30 9:31", "9:00-14:00 x3 (9:30..9:31)"},
      // Exactly at the end it still belongs to the old block; a millisecond more opens one.
      {"9:30 13:00 14:00", "9:00-14:00 x3 (9:30..14:00)"},
      {"9:30 13:00 14:00+1", "9:00-14:00 x2 (9:30..13:00) 14:00-19:00 x1 (14:00+1..14:00+1)"},
      // A pause of exactly five hours is none that counts; the block may be over all the same.
      {"9:00 14:00", "9:00-14:00 x2 (9:00..14:00)"},
      {"9:30 14:30", "9:00-14:00 x1 (9:30..9:30) 14:00-19:00 x1 (14:30..14:30)"},
      {"9:30 14:30+1",
       "9:00-14:00 x1 (9:30..9:30) [14:30-14:30+1] 14:00-19:00 x1 (14:30+1..14:30+1)"},
      {"9:00 14:00+1",
       "9:00-14:00 x1 (9:00..9:00) [14:00-14:00+1] 14:00-19:00 x1 (14:00+1..14:00+1)"},
      {"9:30 20:10", "9:00-14:00 x1 (9:30..9:30) [14:30-20:10] 20:00-25:00 x1 (20:10..20:10)"},
      // A block that ended with a request exactly at its end is followed from there.
      {"9:00 14:00 14:30", "9:00-14:00 x2 (9:00..14:00) 14:00-19:00 x1 (14:30..14:30)"},
      {"9:00 14:00 19:00+1",
       "9:00-14:00 x2 (9:00..14:00) [19:00-19:00+1] 19:00-24:00 x1 (19:00+1..19:00+1)"},
      // Without a pause one block follows another, each from its own first hour.
      {"9:30 12:00 14:20 17:00 19:40",
       "9:00-14:00 x2 (9:30..12:00) 14:00-19:00 x2 (14:20..17:00) 19:00-24:00 x1 (19:40..19:40)"},
      {"9:30 12:00 16:50 17:00", "9:00-14:00 x2 (9:30..12:00) 16:00-21:00 x2 (16:50..17:00)"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.times);
    EXPECT_EQ(shown(split_blocks(BlockMode::activity, requests(row.times))), row.want);
  }
}

TEST(Blocks, OnTheUtcGrid) {
  const struct {
    std::string_view times;
    std::string_view want;
  } rows[] = {
      {"9:30", "5:00-10:00 x1 (9:30..9:30)"},
      {"0:00", "0:00-5:00 x1 (0:00..0:00)"},
      {"4:59+59999 5:00", "0:00-5:00 x1 (4:59+59999..4:59+59999) 5:00-10:00 x1 (5:00..5:00)"},
      // The last block of a day has four hours.
      {"20:00 23:59", "20:00-24:00 x2 (20:00..23:59)"},
      {"23:59 24:00", "20:00-24:00 x1 (23:59..23:59) 24:00-29:00 x1 (24:00..24:00)"},
      {"0:10 15:00", "0:00-5:00 x1 (0:10..0:10) [5:00-15:00] 15:00-20:00 x1 (15:00..15:00)"},
      {"0:10 9:59", "0:00-5:00 x1 (0:10..0:10) 5:00-10:00 x1 (9:59..9:59)"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.times);
    EXPECT_EQ(shown(split_blocks(BlockMode::utc_grid, requests(row.times))), row.want);
  }
}

BlockSpan block(std::string_view first, std::string_view last, const shm::Usage& usage) {
  return {at("9:00"), at("14:00"), at(first), at(last), false, usage};
}

TEST(Blocks, Active) {
  const struct {
    std::string_view last, now;
    bool want;
  } rows[] = {{"9:30", "9:30", true},   {"9:30", "13:59+59999", true}, {"9:30", "14:00", false},
              {"14:00", "13:59", true}, {"14:00", "14:00", false},     {"9:30", "30:00", false},
              {"9:30", "9:29", true}};  // its clock is a minute ahead of ours
  for (const auto& row : rows)
    EXPECT_EQ(is_active(block("9:10", row.last, shm::no_usage()), at(row.now)), row.want)
        << row.last << ' ' << row.now;
  EXPECT_FALSE(is_active({at("9:00"), at("14:00"), at("9:00"), at("14:00"), true}, at("10:00")));
}

TEST(Blocks, BurnRate) {
  const struct {
    std::string_view first, last;
    shm::Usage usage;
    BurnRate want;
  } rows[] = {
      {"9:30", "9:30", {1, 9, 0, 0, 0, 0, 7, 0}, {}},  // one moment has no rate
      {"9:00", "10:00", {2, 100, 200, 300, 0, 600, 3 * kDollar, 0}, {20, 3 * kDollar}},
      {"9:00", "9:01", {2, 10, 0, 0, 0, 0, 7, 0}, {10, 420}},
      {"9:00", "9:02", {2, 3, 0, 0, 0, 0, 0, 0}, {2, 0}},  // 1.5, half up
      {"9:00", "9:00+1", {2, 1, 0, 0, 0, 0, 1, 0}, {60'000, 3'600'000}},
      {"9:00", "10:00", {2, 60, 0, 0, 0, 0, 0, 60}, {1, kUnknown}},  // no price is known
      {"9:00", "10:00", {2, 60, 0, 0, 0, 0, 9, 30}, {1, 9}},         // of a part
  };
  for (const auto& row : rows)
    EXPECT_EQ(burn_rate(block(row.first, row.last, row.usage)), row.want)
        << row.first << ' ' << row.last;
}

TEST(Blocks, ProjectionCountsWholeMinutes) {
  const shm::Usage usage{2, 600, 0, 0, 0, 0, 60 * kDollar, 0};  // 10 tokens and 1 $ a minute
  const struct {
    std::string_view now;
    i64 tokens, dollars;
  } rows[] = {{"10:00", 600 + 2400, 60 + 240}, {"13:00", 1200, 120},     {"12:59+59999", 1200, 120},
              {"13:00+1", 1190, 119},          {"13:59+59999", 600, 60}, {"13:59", 610, 61}};
  for (const auto& row : rows) {
    const BlockProjection got = projection(block("9:00", "10:00", usage), at(row.now));
    EXPECT_EQ(got.tokens, row.tokens) << row.now;
    EXPECT_EQ(got.cost_nanousd, row.dollars * kDollar) << row.now;
  }
  EXPECT_EQ(projection(block("9:00", "10:00", usage), at("14:00")).tokens, kUnknown);
  EXPECT_EQ(projection(block("9:00", "9:00", usage), at("10:00")).tokens, kUnknown);
}

TEST(Blocks, AsPublished) {
  const shm::Usage usage{2, 600, 0, 0, 0, 0, 60 * kDollar, 0};
  const shm::Block got = published(block("9:00", "10:00", usage), at("13:00"));
  EXPECT_EQ(got.started_at_s, at("9:00") / 1000);
  EXPECT_EQ(got.ends_at_s, at("14:00") / 1000);
  EXPECT_EQ(got.first_request_at_s, at("9:00") / 1000);
  EXPECT_EQ(got.burn_rate_tokens_per_min, 10);
  EXPECT_EQ(got.burn_rate_nanousd_per_hour, 60 * kDollar);
  EXPECT_EQ(got.projected_cost_nanousd, 120 * kDollar);
  EXPECT_EQ(got.usage, usage);
  EXPECT_EQ(published(block("9:00", "10:00", usage), at("14:00")), shm::Block{});
}

TEST(Blocks, HugeNumbersStayNumbers) {
  constexpr i64 kHuge = std::numeric_limits<i64>::max() / 8;
  const shm::Usage usage{2, kHuge, kHuge, kHuge, kHuge, kHuge, std::numeric_limits<i64>::max(), 0};
  EXPECT_GT(burn_rate(block("9:00", "9:00+1", usage)).tokens_per_min, 0);
  EXPECT_GT(projection(block("9:00", "9:00+1", usage), at("9:01")).cost_nanousd, 0);
}

}  // namespace
}  // namespace shmeter::collector
