// SPDX-License-Identifier: MIT
// Whatever happens to events, the sums of how requests went are those of the events that are there.
#include "collector/store/outcome_sums.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/sums.hpp"
#include "tests/store/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using shmeter::test::TempDir;
using test::kNow_ms;
using test::Random;
using test::StoreAtWork;

class OutcomeSums : public testing::Test {
 protected:
  void expect_right() {
    const test::Sums stored = test::stored_sums(path_);
    EXPECT_EQ(stored, test::counted_sums(path_));
    EXPECT_EQ(test::wrong_coarse_rollups(path_), 0);
    rows_ = stored.size();
  }
  TempDir dir_;
  std::string path_ = dir_.path("state/usage.db");
  std::size_t rows_ = 0;
};

/// New ones, others in the place of old ones, some that change `counted` only, and joins.
StoreBatch changes(Random& random, u64 numbers, int count) {
  StoreBatch batch;
  for (int i = 0; i < count; ++i) {
    StoredEvent e = test::with_outcome(random, random() % numbers);
    if (random() % 5 == 0) {
      e.only_counted = true;
      e.call = {};
    }
    batch.keep(e);
    batch.book(test::booking(e, i % 3 == 0 ? -1 : 1));
    const StoredEvent from = test::request(random() % numbers, 0);
    const u64 to = random() % numbers;
    if (i % 4 == 0) batch.joined.push_back({from.key, test::request(to, 0).key, to % 7 == 0});
  }
  return batch;
}

TEST_F(OutcomeSums, AreThoseOfTheEventsAtEveryCommit) {
  Random random(1);
  StoreAtWork at_work(path_);
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    ASSERT_TRUE(at_work.write(changes(random, 300, 1 + static_cast<int>(random() % 100))));
    expect_right();
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(rows_, 300u);
}

TEST_F(OutcomeSums, StayRightOverARestart) {
  Random random(2);
  for (int round = 0; round < 5; ++round) {
    StoreAtWork at_work(path_);
    ASSERT_TRUE(at_work.write(changes(random, 100, 80)));
    at_work.store.reset();
    expect_right();
  }
  EXPECT_GT(rows_, 100u);
}

TEST_F(OutcomeSums, OfAFirstLoad) {
  for (const u64 seed : {3u, 4u}) {
    Random random(seed);
    TempDir dir;
    path_ = dir.path("state/usage.db");
    StoreAtWork at_work(path_);
    at_work.store->begin_bulk();
    for (int i = 0; i < 8; ++i) at_work.store->write(changes(random, 400, 100), {});
    ASSERT_TRUE(at_work.end_bulk());
    expect_right();
    EXPECT_GT(rows_, 300u);
    ASSERT_TRUE(at_work.write(changes(random, 400, 100)));
    expect_right();
  }
}

// Transcripts tell of failures, and of no details.
TEST_F(OutcomeSums, OfAFirstLoadWithoutDetails) {
  Random random(5);
  StoreAtWork at_work(path_);
  at_work.store->begin_bulk();
  for (int round = 0; round < 3; ++round) {
    StoreBatch batch;
    for (u64 i = 0; i < 200; ++i) {
      StoredEvent e = test::with_outcome(random, i);
      e.call = {"", "", kUnknown, e.call.failed};
      batch.keep(e);
    }
    at_work.store->write(std::move(batch), {});
  }
  ASSERT_TRUE(at_work.end_bulk());
  expect_right();
  EXPECT_GT(rows_, 60u);
}

TEST_F(OutcomeSums, WithoutWhatTheRetentionDrops) {
  Random random(6);
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.write(changes(random, 500, 400)));
  expect_right();
  const std::size_t before = rows_;
  at_work.store->set_retention(kNow_ms - 86'400'000);
  ASSERT_TRUE(at_work.write(changes(random, 500, 1)));
  at_work.store.reset();  // not before it is deleted
  at_work.open(path_);
  expect_right();
  EXPECT_LT(rows_, before);
}

TEST_F(OutcomeSums, AreNotTouchedByOtherPrices) {
  Random random(7);
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.write(changes(random, 200, 200)));
  ASSERT_TRUE(at_work.reprice("other", [](std::string_view, const StoredEvent&) { return 5; }));
  expect_right();
  EXPECT_GT(rows_, 100u);
}

// Somebody with sqlite3 deletes and changes events, and knows nothing of sums.
TEST_F(OutcomeSums, FollowOtherPrograms) {
  Random random(8);
  {
    StoreAtWork at_work(path_);
    ASSERT_TRUE(at_work.write(changes(random, 200, 200)));
  }
  ASSERT_TRUE(
      test::look_into(path_).run("DELETE FROM event WHERE id%3=0;"
                                 "UPDATE event SET session=9 WHERE id%5=0"));
  expect_right();
  EXPECT_GT(rows_, 50u);
  ASSERT_TRUE(test::look_into(path_).run("DELETE FROM event"));
  EXPECT_EQ(test::stored_sums(path_), test::Sums{});
}

/// Sums by the API over a span; of latencies all that there are.
struct Read {
  std::map<std::string, std::array<i64, 6>> by_caller;
  std::array<i64, 6> outcomes{};
  i64 timed = 0;
  i64 latency_ms = 0;
  bool operator==(const Read&) const = default;
};

std::array<i64, 6> plus(const std::array<i64, 6>& a, const OutcomeSum& b) {
  return {a[0] + b.requests,        a[1] + b.tokens, a[2] + b.failures,
          a[3] + b.failed_requests, a[4] + b.timed,  a[5] + b.latency_ms};
}

Read read(StoreReader& reader, i64 from_ms, i64 until_ms, StoreReader::Grain grain) {
  Read all;
  EXPECT_TRUE(reader.outcomes(from_ms, until_ms, [&](i64, const OutcomeSum& sum) {
    all.outcomes = plus(all.outcomes, sum);
  }));
  EXPECT_TRUE(reader.callers(from_ms, until_ms, grain, [&](const CallerSum& caller) {
    const std::string key = std::to_string(caller.session) + "/" + std::string(caller.endpoint) +
                            "/" + std::string(caller.payer);
    all.by_caller[key] = plus(all.by_caller[key], caller.sum);
  }));
  EXPECT_TRUE(reader.latencies(from_ms, until_ms, [&](const LatencySum& sum) {
    all.timed += sum.requests;
    all.latency_ms += sum.latency_ms;
  }));
  return all;
}

/// The same from events alone.
Read counted(StoreReader& reader, i64 from_ms, i64 until_ms) {
  Read all;
  EventFilter filter;
  filter.from_ms = from_ms;
  filter.until_ms = until_ms;
  filter.pick = EventFilter::Pick::requests;
  EXPECT_TRUE(reader.events(filter, [&](const StoredEvent& e) {
    if (!tells_outcome(e)) return true;
    const bool booked = e.kind == EventKind::tokens;
    const bool timed = shm::known(e.call.latency_ms);
    const OutcomeSum one{booked ? 1 : 0, booked ? e.tokens.total() : 0,
                         booked ? 0 : 1, booked && e.call.failed ? 1 : 0,
                         timed ? 1 : 0,  timed ? e.call.latency_ms : 0};
    all.outcomes = plus(all.outcomes, one);
    const std::string key = std::to_string(e.session) + "/" + std::string(e.call.endpoint) + "/" +
                            std::string(e.call.key);
    all.by_caller[key] = plus(all.by_caller[key], one);
    all.timed += one.timed;
    all.latency_ms += one.latency_ms;
    return true;
  }));
  return all;
}

// Of every span, wherever it begins and ends.
TEST_F(OutcomeSums, AreReadExactlyForEverySpan) {
  Random random(9);
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.write(changes(random, 2000, 2000)));
  auto reader = at_work.store->reader();
  ASSERT_TRUE(reader) << reader.error().message;
  const auto moment = [&](i64 unit_ms) {
    const i64 at_ms = kNow_ms - static_cast<i64>(random() % 180'000) * 1000;
    return random() % 12 == 0 ? kUnknown : at_ms / unit_ms * unit_ms;
  };
  const i64 units[] = {1, 60'000, 900'000, 3'600'000, 86'400'000};
  i64 most = 0;
  for (int i = 0; i < 400; ++i) {
    const i64 from_ms = moment(units[random() % 5]);
    const i64 until_ms = moment(units[random() % 5]);
    SCOPED_TRACE(std::to_string(from_ms) + " " + std::to_string(until_ms));
    const Read want = counted(**reader, from_ms, until_ms);
    EXPECT_EQ(read(**reader, from_ms, until_ms, StoreReader::Grain::days), want);
    EXPECT_EQ(read(**reader, from_ms, until_ms, StoreReader::Grain::hours), want);
    most = std::max(most, want.outcomes[4]);
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(most, 200);
}

// Buckets are in the order of latencies, touch, and are as narrow as is promised.
TEST_F(OutcomeSums, BucketsOfLatencies) {
  StoreAtWork at_work(path_);
  StoreBatch batch;
  std::vector<i64> latencies = {0, 1, 62, 63, 64, 65, 66, 126, 127, 128, 131, 132};
  for (i64 bits = 8; bits < 41; ++bits)
    for (const i64 beside : {-1, 0, 1}) latencies.push_back((i64{1} << bits) + beside);
  for (std::size_t i = 0; i < latencies.size(); ++i) {
    StoredEvent e = test::request(i, kNow_ms);
    e.call.latency_ms = latencies[i];
    batch.keep(e);
  }
  ASSERT_TRUE(at_work.write(std::move(batch)));
  Connection db = test::look_into(path_);
  i64 last = -1;
  for (const i64 latency_ms : latencies) {
    const i64 want = test::bucket_of(latency_ms);
    const auto there =
        db.number("SELECT requests FROM latency WHERE bucket=" + std::to_string(want));
    ASSERT_TRUE(there);
    EXPECT_GT(*there, 0) << latency_ms;
    EXPECT_GE(want, last) << latency_ms;
    last = want;
  }
  EXPECT_EQ(*db.number("SELECT sum(requests) FROM latency"), static_cast<i64>(latencies.size()));
}

}  // namespace
}  // namespace shmeter::collector
