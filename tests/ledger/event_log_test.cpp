// SPDX-License-Identifier: MIT
// What goes in comes out, and what is dropped is gone with its memory.
#include "collector/ledger/event_log.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "collector/ledger/event_key.hpp"

namespace shmeter::collector {
namespace {

TEST(EventLog, KeepsTheExtremes) {
  EventLog log;
  const Event least{.key = 0};
  const Event most{.key = ~u64{0},
                   .kind = EventKind::failure,
                   .source = Source::session_file,
                   .session = RequestLog::kMaxSessions - 1,
                   .agent = RequestLog::kMaxAgents - 1,
                   .at_ms = RequestLog::kMaxTime_ms - 1,
                   .value = EventLog::kMaxValue};
  EXPECT_FALSE(log.find(0));
  ASSERT_TRUE(log.add(least));
  ASSERT_TRUE(log.add(most));
  EXPECT_EQ(log.at(*log.find(0)), least);
  EXPECT_EQ(log.at(*log.find(~u64{0})), most);
  EXPECT_FALSE(log.find(1));
}

TEST(EventLog, AgainstAMap) {
  std::mt19937_64 random(11);
  EventLog log;
  std::map<u64, Event> want;
  for (int i = 0; i < 40'000; ++i) {
    Event event{.key = mix_bits(random() % 8000),
                .kind = static_cast<EventKind>(2 + random() % 4),
                .session = static_cast<u32>(random() % 2000),
                .agent = static_cast<u32>(random() % 30),
                .at_ms = static_cast<i64>(random() % (u64{1} << 44)),
                .value = static_cast<i64>(random() >> (32 + random() % 32))};
    const auto place = log.find(event.key);
    ASSERT_EQ(place.has_value(), want.contains(event.key));
    if (place)
      log.replace(*place, event);
    else
      ASSERT_TRUE(log.add(event));
    want[event.key] = event;
    if (i % 9000 == 8999) {
      const auto stays = [](const Event& kept) { return kept.session % 3 != 0; };
      log.keep_only(stays);
      std::erase_if(want, [&](const auto& entry) { return !stays(entry.second); });
    }
  }
  ASSERT_EQ(log.size(), want.size());
  std::size_t visited = 0;
  log.each([&](const Event& event) {
    ++visited;
    EXPECT_EQ(want.at(event.key), event);
  });
  EXPECT_EQ(visited, want.size());
  for (const auto& [key, event] : want) ASSERT_EQ(log.at(log.find(key).value()), event);
}

TEST(EventLog, IsSmallAndGivesMemoryBack) {
  EventLog log;
  for (u64 i = 0; i < 200'000; ++i)
    ASSERT_TRUE(log.add({.key = mix_bits(i), .at_ms = static_cast<i64>(i)}));
  RecordProperty("bytes_per_event", std::to_string(static_cast<double>(log.bytes()) / 200'000));
  EXPECT_LT(log.bytes(), 200'000u * 33);
  log.keep_only([](const Event& event) { return event.at_ms >= 199'000; });
  EXPECT_EQ(log.size(), 1000u);
  EXPECT_LT(log.bytes(), 40'000u);
  EXPECT_TRUE(log.find(mix_bits(199'999)));
  EXPECT_FALSE(log.find(mix_bits(198'999)));
}

}  // namespace
}  // namespace shmeter::collector
