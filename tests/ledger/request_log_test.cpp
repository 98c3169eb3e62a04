// SPDX-License-Identifier: MIT
// What goes in comes out, through growth of every kind.
#include "collector/ledger/request_log.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "collector/ledger/event_key.hpp"

namespace shmeter::collector {
namespace {

std::vector<Line> group(const RequestLog& log, u64 message) {
  std::vector<Line> out;
  log.group(message, [&](RequestLog::Slot, const Line& line) { out.push_back(line); });
  return out;
}

TEST(RequestLog, KeepsTheExtremes) {
  constexpr i64 kMost = 0xffffffff;
  RequestLog log;
  const Line least{.message = 1};
  const Line most{.message = ~u64{0},
                  .request = ~u64{0},
                  .session = RequestLog::kMaxSessions - 1,
                  .model = RequestLog::kMaxModels - 1,
                  .agent = RequestLog::kMaxAgents - 1,
                  .source = Source::session_file,
                  .cost_by = CostBy::sender,
                  .at_ms = RequestLog::kMaxTime_ms - 1,
                  .side_chain = true,
                  .fast = true,
                  .has_speed = true,
                  .us_inference = true,
                  .batch = true,
                  .tokens = {kMost, kMost, kMost, kMost, kMost, kMost},
                  .cost_nanousd = std::numeric_limits<i64>::max() - 1};
  ASSERT_TRUE(log.add(least));
  ASSERT_TRUE(log.add(most));
  EXPECT_EQ(group(log, 1), std::vector{least});
  EXPECT_EQ(group(log, ~u64{0}), std::vector{most});
  EXPECT_TRUE(group(log, 2).empty());
}

TEST(RequestLog, AgainstAMap) {
  std::mt19937_64 random(7);
  RequestLog log;
  std::map<std::pair<u64, u64>, Line> want;
  for (int i = 0; i < 60'000; ++i) {
    Line line{.message = mix_bits(random() % 20'000), .request = random() % 3};
    line.at_ms = static_cast<i64>(random() % (u64{1} << 44));
    line.session = static_cast<u32>(random() % 2000);
    line.model = static_cast<u32>(random() % 300);
    line.fast = random() % 2 == 0;
    line.tokens.output = static_cast<i64>(random() >> (32 + random() % 32));
    line.tokens.read = static_cast<i64>(random() >> (32 + random() % 32));
    if (random() % 3 == 0) line.agent = static_cast<u32>(random() % 300);
    if (random() % 5 == 0) line.source = static_cast<Source>(1 + random() % 9);
    if (random() % 4 == 0) {
      line.cost_by = random() % 2 == 0 ? CostBy::sender : CostBy::stored;
      line.cost_nanousd = random() % 3 == 0 ? kUnknown : static_cast<i64>(random() >> 20);
    }
    line.tokens.web_searches = static_cast<i64>(random() % 4 == 0 ? random() % 9 : 0);
    bool found = false;
    RequestLog::Slot slot = 0;
    log.group(line.message, [&](RequestLog::Slot at, const Line& kept) {
      if (kept.request == line.request) found = true, slot = at;
    });
    ASSERT_EQ(found, want.contains({line.message, line.request}));
    ASSERT_TRUE(found ? log.replace(slot, line) : log.add(line));
    want[{line.message, line.request}] = line;
  }
  ASSERT_EQ(log.size(), want.size());
  std::map<u64, std::size_t> groups;
  for (const auto& [key, line] : want) {
    ++groups[key.first];
    const auto kept = group(log, key.first);
    EXPECT_NE(std::find(kept.begin(), kept.end(), line), kept.end());
  }
  for (const auto& [message, n] : groups) EXPECT_EQ(group(log, message).size(), n);
  const auto stays = [](const Line& line) { return line.session % 3 != 0; };
  log.keep_only(stays);
  std::erase_if(want, [&](const auto& entry) { return !stays(entry.second); });
  ASSERT_EQ(log.size(), want.size());
  groups.clear();
  for (const auto& [key, line] : want) {
    ++groups[key.first];
    const auto kept = group(log, key.first);
    EXPECT_NE(std::find(kept.begin(), kept.end(), line), kept.end());
  }
  std::size_t messages = 0;
  log.each_message([&](u64 message) {
    ++messages;
    EXPECT_TRUE(groups.contains(message));
  });
  EXPECT_EQ(messages, groups.size());
}

TEST(RequestLog, PlacesGivenBackAreUsedAgain) {
  RequestLog log;
  ASSERT_TRUE(log.add({.message = 5}));
  const std::size_t before = log.bytes();
  for (i64 i = 0; i < 100'000; ++i) {
    log.group(5, [&](RequestLog::Slot slot, const Line&) {
      ASSERT_TRUE(
          log.replace(slot, {.message = 5, .tokens = {.output = i % 2 == 0 ? 1 : 1'000'000}}));
    });
  }
  EXPECT_EQ(log.bytes(), before);
}

TEST(RequestLog, IsSmall) {
  RequestLog log;
  std::mt19937_64 random(3);
  for (u64 i = 0; i < 170'000; ++i) {
    ASSERT_TRUE(log.add({.message = mix_bits(i),
                         .request = random(),
                         .session = static_cast<u32>(i % 1500),
                         .at_ms = 1'795'295'239'255 + static_cast<i64>(i),
                         .has_speed = true,
                         .tokens = {.input = static_cast<i64>(random() % 4000),
                                    .output = static_cast<i64>(random() % 3000),
                                    .write_1h = static_cast<i64>(random() % 40'000),
                                    .read = static_cast<i64>(random() % 400'000)}}));
  }
  EXPECT_LT(log.bytes(), 170'000u * 45);
  RecordProperty("bytes_per_request", std::to_string(static_cast<double>(log.bytes()) / 170'000));
}

}  // namespace
}  // namespace shmeter::collector
