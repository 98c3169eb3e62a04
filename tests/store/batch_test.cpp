// SPDX-License-Identifier: MIT
// What a batch keeps.
#include <gtest/gtest.h>

#include "tests/store/sample.hpp"

namespace shmeter::collector {
namespace {

TEST(StoreBatch, KeepsTextsOfItsOwn) {
  StoreBatch batch;
  {
    std::string text = "req_1";
    StoredEvent e = test::request(1, 5);
    e.request_id = text;
    batch.keep(e);
    text = "other";
  }
  StoreBatch moved = std::move(batch);
  ASSERT_EQ(moved.events().size(), 1u);
  EXPECT_EQ(moved.events()[0].request_id, "req_1");
}

TEST(StoreBatch, TheNewestOfAKeyAndChainStands) {
  StoreBatch batch;
  for (u64 round = 0; round < 3; ++round)
    for (u64 i = 0; i < 1000; ++i) {
      StoredEvent e = test::request(i, 5);
      e.side_chain = i % 2 == 0 && round == 2;
      e.value = static_cast<i64>(round);
      batch.keep(e);
    }
  ASSERT_EQ(batch.events().size(), 1500u);  // every second one in both chains
  for (u64 i = 0; i < 1000; ++i) EXPECT_EQ(batch.events()[i].value, i % 2 == 0 ? 1 : 2);
}

TEST(StoreBatch, SumsByQuarterHourSessionAndModel) {
  StoreBatch batch;
  EXPECT_TRUE(batch.empty());
  const StoredEvent e = test::request(1, 899'999, 3, 4);
  batch.book(test::booking(e));
  batch.book(test::booking(e));
  batch.book(test::booking(test::request(1, 900'000, 3, 4)));
  batch.book(test::booking(e, -1));
  ASSERT_EQ(batch.rollups().size(), 2u);
  EXPECT_EQ(batch.rollups().at({0, 3, 4}), test::booking(e).amount);
  EXPECT_EQ(batch.rollups().at({1, 3, 4}), test::booking(e).amount);
  EXPECT_FALSE(batch.empty());
}

TEST(StoreBatch, WeighsWhatItHolds) {
  StoreBatch batch;
  EXPECT_LT(batch.bytes(), 1000u);
  const std::size_t before = batch.bytes();
  for (u64 i = 0; i < 100; ++i) batch.keep(test::request(i, 5));
  EXPECT_GE(batch.bytes(), before + 100 * sizeof(StoredEvent));
}

TEST(StoreBatch, ClearedItIsAsNew) {
  StoreBatch batch;
  for (i64 round = 0; round < 3; ++round) {
    EXPECT_TRUE(batch.empty());
    for (u64 i = 0; i < 1000; ++i) {
      StoredEvent e = test::request(i, 5);
      e.value = round;
      const std::string id = "req_" + std::to_string(round) + "_" + std::to_string(i);
      e.request_id = id;
      test::put(batch, e);
    }
    batch.files.push_back({"/x", {}});
    ASSERT_EQ(batch.events().size(), 1000u) << "keys of the last round are free again";
    EXPECT_EQ(batch.events()[999].value, round);
    EXPECT_EQ(batch.events()[999].request_id, "req_" + std::to_string(round) + "_999");
    ASSERT_EQ(batch.rollups().size(), 1u);
    EXPECT_EQ(batch.rollups().begin()->second.requests, 1000);
    batch.clear();
  }
}

}  // namespace
}  // namespace shmeter::collector
