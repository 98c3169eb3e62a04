// SPDX-License-Identifier: MIT
// Keys that came many at once are as good as those that are at home.
#include <gtest/gtest.h>

#include <thread>

#include "tests/store/keys.hpp"
#include "tests/store/sample.hpp"
#include "tests/store/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using shmeter::test::TempDir;
using test::kNow_ms;
using test::StoreAtWork;

constexpr u64 kMany = 1000;

StoreBatch many(u64 first, i64 at_ms, i64 value) {
  StoreBatch batch;
  for (u64 i = first; i < first + kMany; ++i) {
    StoredEvent e = test::request(i, at_ms + static_cast<i64>(i % 7));
    e.value = value;
    batch.keep(e);
  }
  return batch;
}

std::vector<u64> messages(u64 first) {
  std::vector<u64> all;
  for (u64 i = first; i < first + kMany; ++i) all.push_back(test::request(i, 0).key.message);
  return all;
}

void wait_until_at_home(const std::string& path) {
  while (test::count(path, "new_key") != 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

class KeyTest : public testing::Test {
 protected:
  /// All are found, once each, with this value.
  void expect_found(StoreAtWork& at_work, u64 first, i64 value) {
    const auto found = at_work.look_up(messages(first));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->events.size(), kMany);
    for (const StoredEvent& e : found->events) ASSERT_EQ(e.value, value);
    test::expect_every_key_once(path_);
  }
  TempDir dir_;
  std::string path_ = dir_.path("state/usage.db");
};

TEST_F(KeyTest, AreFoundAndReplacedBeforeTheyAreAtHome) {
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.write(many(0, kNow_ms, 1)));
  expect_found(at_work, 0, 1);
  ASSERT_TRUE(at_work.write(many(0, kNow_ms, 2))) << "in place";
  expect_found(at_work, 0, 2);
  ASSERT_TRUE(at_work.write(many(0, kNow_ms + 5000, 3))) << "at another time";
  ASSERT_TRUE(at_work.write(many(kMany / 2, kNow_ms, 4))) << "half of them new";
  expect_found(at_work, kMany / 2, 4);
  EXPECT_EQ(at_work.load().hot.size(), kMany + kMany / 2);
}

TEST_F(KeyTest, AreFoundAndReplacedAtHome) {
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.write(many(0, kNow_ms, 1)));
  wait_until_at_home(path_);
  expect_found(at_work, 0, 1);
  ASSERT_TRUE(at_work.write(many(0, kNow_ms - 5000, 2)));
  expect_found(at_work, 0, 2);
  ASSERT_TRUE(at_work.write(many(kMany, kNow_ms, 3)));
  wait_until_at_home(path_);
  expect_found(at_work, kMany, 3);
  EXPECT_EQ(at_work.load().hot.size(), 2 * kMany);
}

TEST_F(KeyTest, AreKnownToTheNextCollector) {
  {
    StoreAtWork at_work(path_);
    ASSERT_TRUE(at_work.write(many(0, kNow_ms, 1)));
  }
  EXPECT_EQ(test::count(path_, "new_key"), static_cast<i64>(kMany)) << "it had no time for them";
  {
    StoreAtWork at_work(path_);
    expect_found(at_work, 0, 1);
    ASSERT_TRUE(at_work.write(many(0, kNow_ms + 9, 2)));
    expect_found(at_work, 0, 2);
  }
  StoreAtWork at_work(path_);
  wait_until_at_home(path_);  // also when nothing is ever written
  expect_found(at_work, 0, 2);
}

TEST_F(KeyTest, AFewAmongThemAndWhatCountsNoMore) {
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.write(many(0, kNow_ms, 1)));
  StoredEvent only = test::request(5, kNow_ms);
  only.only_counted = true;
  only.counted = false;
  StoredEvent other_chain = test::request(6, kNow_ms);
  other_chain.side_chain = true;
  StoreBatch batch;
  batch.keep(only);
  batch.keep(other_chain);
  ASSERT_TRUE(at_work.write(std::move(batch)));
  const auto found = at_work.look_up({only.key.message, other_chain.key.message});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->events.size(), 3u);
  for (const StoredEvent& e : found->events)
    EXPECT_EQ(e.counted, e.key.message != only.key.message);
  test::expect_every_key_once(path_);
}

TEST_F(KeyTest, GoWithTheirEvents) {
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.write(many(0, kNow_ms, 1)));
  wait_until_at_home(path_);
  ASSERT_TRUE(at_work.write(many(kMany, kNow_ms, 1)));
  ASSERT_TRUE(at_work.write(many(2 * kMany, kNow_ms + 100, 1)));
  at_work.store->set_retention(kNow_ms + 50);
  while (at_work.load().hot.size() > kMany) ASSERT_TRUE(at_work.write({}));
  test::expect_every_key_once(path_);
}

// A position in a list of events is named by a key.
TEST_F(KeyTest, ArePositions) {
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.write(many(0, kNow_ms, 1)));
  const auto reader = at_work.store->reader();
  ASSERT_TRUE(reader);
  EventFilter filter;
  filter.limit = 1;
  std::size_t seen = 0;
  for (bool more = true; more; seen += more ? 1 : 0) {
    more = false;
    ASSERT_TRUE((*reader)->events(filter, [&](const StoredEvent& e) {
      filter.behind = {e.at_ms, e.key};
      return more = true;
    }));
  }
  EXPECT_EQ(seen, kMany);
}

}  // namespace
}  // namespace shmeter::collector
