// SPDX-License-Identifier: MIT
// What reports ask.
#include "collector/store/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/sample.hpp"
#include "tests/store/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using shmeter::test::TempDir;
using test::kNow_ms;
using test::StoreAtWork;
using testing::ElementsAre;

class ReaderTest : public testing::Test {
 protected:
  /// Values of the events that pass.
  static std::vector<i64> values(StoreReader& reader, const EventFilter& filter) {
    std::vector<i64> all;
    const auto done = reader.events(filter, [&](const StoredEvent& e) {
      all.push_back(e.value);
      return true;
    });
    EXPECT_TRUE(done) << done.error().message;
    return all;
  }
  TempDir dir_;
  StoreAtWork at_work_{dir_.path("state/usage.db")};
};

void put_numbered(StoreBatch& batch, i64 number, EventKind kind, u32 session, u32 agent = 0,
                  bool counted = true) {
  StoredEvent e;
  e.key = {mix_bits(static_cast<u64>(number)), 0};
  e.kind = kind;
  e.session = session;
  e.agent = agent;
  e.counted = counted;
  e.at_ms = kNow_ms + number * 10;
  e.value = number;
  test::put(batch, e);
}

TEST_F(ReaderTest, Filters) {
  StoreBatch batch;
  put_numbered(batch, 1, EventKind::tokens, 1);
  put_numbered(batch, 2, EventKind::tool_call, 1, 3);
  put_numbered(batch, 3, EventKind::message, 2);
  put_numbered(batch, 4, EventKind::tokens, 1, 0, false);
  put_numbered(batch, 5, EventKind::tokens, 2, 3);
  for (const u32 number : {1u, 2u}) {
    batch.sessions.emplace_back().number = number;
    batch.sessions.back().marks.account = i64{number} + 10;
  }
  ASSERT_TRUE(at_work_.write(std::move(batch)));
  auto reader = at_work_.store->reader();
  ASSERT_TRUE(reader) << reader.error().message;
  EventFilter filter;
  EXPECT_THAT(values(**reader, filter), ElementsAre(1, 2, 3, 5));
  filter.newest_first = true;
  EXPECT_THAT(values(**reader, filter), ElementsAre(5, 3, 2, 1));
  filter.limit = 2;
  EXPECT_THAT(values(**reader, filter), ElementsAre(5, 3));
  filter = {};
  filter.from_ms = kNow_ms + 20;
  filter.until_ms = kNow_ms + 50;
  EXPECT_THAT(values(**reader, filter), ElementsAre(2, 3));
  filter = {};
  filter.kind = EventKind::tokens;
  EXPECT_THAT(values(**reader, filter), ElementsAre(1, 5));
  filter = {};
  filter.session = 1;
  EXPECT_THAT(values(**reader, filter), ElementsAre(1, 2));
  filter.session = 77;
  EXPECT_THAT(values(**reader, filter), ElementsAre());
  filter = {};
  filter.agent = 3;
  EXPECT_THAT(values(**reader, filter), ElementsAre(2, 5));
  filter = {};
  filter.account = 12;
  EXPECT_THAT(values(**reader, filter), ElementsAre(3, 5));
  int taken = 0;
  ASSERT_TRUE((*reader)->events({}, [&](const StoredEvent&) { return ++taken < 2; }));
  EXPECT_EQ(taken, 2);
}

TEST_F(ReaderTest, PicksWhatTellsHowRequestsWent) {
  StoreBatch batch;
  put_numbered(batch, 1, EventKind::tokens, 1);
  put_numbered(batch, 2, EventKind::failure, 1);
  put_numbered(batch, 3, EventKind::failure, 1, 0, false);
  const auto put_call = [&](i64 number, EventKind kind, const CallDetails& call) {
    StoredEvent e;
    e.key = {mix_bits(static_cast<u64>(number)), 0};
    e.kind = kind;
    e.at_ms = kNow_ms + number * 10;
    e.value = number;
    e.name = "a name";
    e.call = call;
    test::put(batch, e);
  };
  put_call(4, EventKind::tokens, {"", "", 0, false});
  put_call(5, EventKind::tokens, {"batches", "", kUnknown, false});
  put_call(6, EventKind::tokens, {"", "build", kUnknown, false});
  put_call(7, EventKind::tokens, {"", "", kUnknown, true});
  put_call(8, EventKind::tool_call, {"", "", 90, true});
  put_call(9, EventKind::message, {});
  ASSERT_TRUE(at_work_.write(std::move(batch)));
  auto reader = at_work_.store->reader();
  ASSERT_TRUE(reader) << reader.error().message;
  EventFilter filter;
  filter.pick = EventFilter::Pick::failures;
  EXPECT_THAT(values(**reader, filter), ElementsAre(2, 7));
  filter.pick = EventFilter::Pick::requests;
  EXPECT_THAT(values(**reader, filter), ElementsAre(1, 2, 4, 5, 6, 7));
  filter.pick = EventFilter::Pick::usage;
  EXPECT_THAT(values(**reader, filter), ElementsAre(1, 4, 5, 6, 7, 8, 9));
  filter.texts = false;
  EXPECT_THAT(values(**reader, filter), ElementsAre(1, 4, 5, 6, 7, 8, 9));
  ASSERT_TRUE((*reader)->events(filter, [](const StoredEvent& e) {
    EXPECT_EQ(e.name, "");
    EXPECT_EQ(e.call, (CallDetails{"", "", kUnknown, e.value == 7 || e.value == 8}));
    return true;
  }));
}

TEST_F(ReaderTest, AccountsOfSessions) {
  StoreBatch batch;
  batch.sessions.emplace_back().number = 4;
  batch.sessions.emplace_back().number = 2;
  batch.sessions.back().marks.account = 7;
  ASSERT_TRUE(at_work_.write(std::move(batch)));
  auto reader = at_work_.store->reader();
  ASSERT_TRUE(reader) << reader.error().message;
  const auto rows = (*reader)->session_accounts();
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].number, 2u);
  EXPECT_EQ((*rows)[0].marks.account, 7);
  EXPECT_EQ((*rows)[1].number, 4u);
  EXPECT_EQ((*rows)[1].marks.account, kUnknown);
}

// Page by page, in both directions, while events arrive: each once.
TEST_F(ReaderTest, PagesAreStableWhileEventsArrive) {
  StoreBatch batch;
  for (u64 i = 0; i < 500; ++i)  // many of one millisecond
    test::put(batch, test::request(i, kNow_ms + static_cast<i64>(i / 50)));
  ASSERT_TRUE(at_work_.write(std::move(batch)));
  auto reader = at_work_.store->reader();
  ASSERT_TRUE(reader);
  for (const bool newest_first : {true, false}) {
    std::vector<u64> seen;
    EventFilter filter;
    filter.newest_first = newest_first;
    filter.limit = 7;
    for (std::size_t before = 1; before != seen.size();) {
      before = seen.size();
      ASSERT_TRUE((*reader)->events(filter, [&](const StoredEvent& e) {
        seen.push_back(e.key.message);
        filter.behind = EventFilter::Position{e.at_ms, e.key};
        return true;
      }));
      StoreBatch more;  // newer than all when going back, older when going forward
      test::put(more, test::request(1000 + before, newest_first ? kNow_ms + 5000 : kNow_ms - 5000));
      ASSERT_TRUE(at_work_.write(std::move(more)));
      if (seen.size() > 1000) break;
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
    EXPECT_GE(seen.size(), 500u);
  }
}

TEST_F(ReaderTest, APositionWhoseEventIsGone) {
  StoreBatch batch;
  for (u64 i = 0; i < 10; ++i) test::put(batch, test::request(i, kNow_ms + static_cast<i64>(i)));
  ASSERT_TRUE(at_work_.write(std::move(batch)));
  auto reader = at_work_.store->reader();
  EventFilter filter;
  filter.behind = EventFilter::Position{kNow_ms + 5, {12345, 678}};
  EXPECT_THAT(values(**reader, filter).size(), testing::AllOf(testing::Ge(4u), testing::Le(5u)));
}

TEST_F(ReaderTest, BetweenBeginAndEndNothingMoves) {
  StoreBatch batch;
  test::put(batch, test::request(1, kNow_ms));
  ASSERT_TRUE(at_work_.write(std::move(batch)));
  auto reader = at_work_.store->reader();
  ASSERT_TRUE((*reader)->begin());
  StoreBatch more;
  test::put(more, test::request(2, kNow_ms + 1));
  ASSERT_TRUE(at_work_.write(std::move(more)));
  EXPECT_EQ(values(**reader, {}).size(), 1u);
  (*reader)->end();
  EXPECT_EQ(values(**reader, {}).size(), 2u);
}

TEST_F(ReaderTest, RollupsOfATime) {
  StoreBatch batch;
  for (i64 quarter = 0; quarter < 5; ++quarter)
    test::put(batch, test::request(static_cast<u64>(quarter), kNow_ms + quarter * 900'000, 7, 3));
  ASSERT_TRUE(at_work_.write(std::move(batch)));
  auto reader = StoreReader::open(dir_.path("state/usage.db"));
  ASSERT_TRUE(reader) << reader.error().message;
  const i64 first = kNow_ms / 900'000;
  const auto quarters = [&](i64 from, i64 until) {
    std::vector<i64> all;
    EXPECT_TRUE((*reader)->rollups(from, until, [&](const RollupKey& key, const shm::Usage& usage) {
      EXPECT_EQ(key.session, 7u);
      EXPECT_EQ(key.model, 3u);
      EXPECT_EQ(usage.requests, 1);
      all.push_back(key.quarter - first);
    }));
    return all;
  };
  EXPECT_THAT(quarters(kUnknown, kUnknown), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(quarters(first + 1, first + 3), ElementsAre(1, 2));
}

TEST_F(ReaderTest, WhatIsNotThere) {
  const auto none = StoreReader::open(dir_.path("state/other.db"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::not_found);
  shmeter::test::replace(dir_.path("state/bad.db"), std::string(9000, 'x'));
  const auto bad = StoreReader::open(dir_.path("state/bad.db"));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Errc::corrupt);
}

// The collector writes on; what the copy is told reaches no disk.
TEST_F(ReaderTest, ACopyIsItsOwn) {
  StoreBatch batch;
  test::put(batch, test::request(1, kNow_ms));
  ASSERT_TRUE(at_work_.write(std::move(batch)));
  StoreAtWork copy(":memory:");
  copy.store.reset();
  auto opened = Store::open_copy(copy.loop, dir_.path("state/usage.db"), [](const std::string&) {});
  ASSERT_TRUE(opened) << opened.error().message;
  copy.store = std::move(*opened);
  EXPECT_FALSE(copy.store->empty());
  StoreBatch more;
  test::put(more, test::request(2, kNow_ms + 1));
  ASSERT_TRUE(copy.write(std::move(more)));
  EXPECT_EQ(copy.load().hot.size(), 2u);
  EXPECT_EQ(copy.look_up({test::request(1, 0).key.message})->events.size(), 1u);
  auto reader = copy.store->reader();
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(values(**reader, {}).size(), 2u);
  EXPECT_EQ(at_work_.load().hot.size(), 1u);
}

TEST_F(ReaderTest, ACopyOfNothingIsEmpty) {
  shmeter::test::replace(dir_.path("state/bad.db"), std::string(9000, 'x'));
  for (const std::string& path :
       {std::string(), dir_.path("state/other.db"), dir_.path("state/bad.db")}) {
    StoreAtWork copy(":memory:");
    copy.store.reset();
    auto opened = Store::open_copy(copy.loop, path, [](const std::string&) {});
    ASSERT_TRUE(opened) << opened.error().message;
    copy.store = std::move(*opened);
    EXPECT_TRUE(copy.store->empty());
    copy.store->begin_bulk();
    StoreBatch batch;
    test::put(batch, test::request(1, kNow_ms));
    copy.store->write(std::move(batch), {});
    ASSERT_TRUE(copy.end_bulk());
    EXPECT_EQ(copy.load().hot.size(), 1u);
    EXPECT_FALSE(std::filesystem::exists(dir_.path("state/other.db")));
  }
}

}  // namespace
}  // namespace shmeter::collector
