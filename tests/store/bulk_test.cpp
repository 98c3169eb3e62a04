// SPDX-License-Identifier: MIT
// The first load gives what writing one by one gives, or nothing.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "collector/store/event_rows.hpp"
#include "collector/store/sqlite.hpp"
#include "tests/store/sample.hpp"
#include "tests/store/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using shmeter::test::TempDir;
using test::kNow_ms;
using test::Random;
using test::StoreAtWork;

/// Batches with first and later versions of events, across batches, at other times.
std::vector<StoreBatch> batches() {
  Random random(11);
  std::vector<StoreBatch> all(30);
  std::map<u64, StoredEvent> last;
  for (StoreBatch& batch : all) {
    for (int i = 0; i < 200; ++i) {
      const u64 number = random() % 4000;
      StoredEvent e = test::request(number, kNow_ms + static_cast<i64>(random() % 5000) * 7,
                                    random() % 9, random() % 3);
      e.value = static_cast<i64>(random() % 100);
      e.side_chain = number % 10 == 0;
      if (const auto old = last.find(number); old != last.end())
        batch.book(test::booking(old->second, -1));
      last[number] = e;
      test::put(batch, e);
      batch.keep(test::tool_call(number, e.at_ms, e.session));
    }
    batch.files.push_back({"/x/" + std::to_string(random() % 5), {1, 2, random(), 0, 0, 0}});
  }
  return all;
}

/// All that is stored, as text, in an order of its own.
std::multiset<std::string> everything(StoreAtWork& at_work) {
  std::multiset<std::string> all;
  const StoredState state = at_work.load();
  for (const StoredEvent& e : state.hot)
    all.insert(std::to_string(e.key.message) + " " + std::to_string(e.side_chain) + " " +
               std::to_string(e.at_ms) + " " + std::to_string(e.value));
  for (const auto& [key, usage] : state.rollups)
    all.insert(std::to_string(key.quarter) + " " + std::to_string(key.session) + " " +
               std::to_string(key.model) + " " + std::to_string(usage.requests) + " " +
               std::to_string(usage.cost_nanousd));
  for (const FileRow& file : state.files)
    all.insert(file.path + std::to_string(file.cursor.offset));
  all.insert(std::to_string(state.all.input_tokens));
  return all;
}

TEST(BulkLoad, GivesWhatOneByOneGives) {
  TempDir dir;
  StoreAtWork natural(dir.path("a/usage.db"));
  for (StoreBatch& batch : batches()) ASSERT_TRUE(natural.write(std::move(batch)));
  StoreAtWork bulk(dir.path("b/usage.db"));
  bulk.store->begin_bulk();
  int answers = 0;
  for (StoreBatch& batch : batches())
    bulk.store->write(std::move(batch),
                      [&](const Result<void>& result) { answers += result ? 1 : 0; });
  ASSERT_TRUE(bulk.end_bulk());
  EXPECT_EQ(answers, 30);
  EXPECT_FALSE(bulk.store->empty());
  EXPECT_EQ(everything(bulk), everything(natural));
  StoreBatch more;  // and it goes on as usual
  test::put(more, test::request(1, kNow_ms + 1));
  ASSERT_TRUE(bulk.write(std::move(more)));
  EXPECT_EQ(bulk.look_up({test::request(1, 0).key.message})->events.size(), 1u);
}

TEST(BulkLoad, OnlyCountedChangesWhatWasLoadedBefore) {
  TempDir dir;
  StoreAtWork at_work(dir.path("state/usage.db"));
  at_work.store->begin_bulk();
  StoredEvent e = test::request(1, kNow_ms);
  e.request_id = "req_1";
  for (const bool only : {false, true}) {
    e.only_counted = only;
    e.counted = !only;
    if (only) e.request_id = {};
    StoreBatch batch;
    batch.keep(e);
    at_work.store->write(std::move(batch), {});
  }
  ASSERT_TRUE(at_work.end_bulk());
  const auto found = at_work.look_up({e.key.message});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->events.size(), 1u);
  EXPECT_FALSE(found->events[0].counted);
  EXPECT_EQ(found->events[0].request_id, "req_1");
}

TEST(BulkLoad, EventsOfOneMillisecondFindAPlaceAndKeepAllTheySay) {
  constexpr u64 kCount = 3000;
  const auto event = [](u64 number) {
    StoredEvent e =
        number % 2 == 0 ? test::request(number, kNow_ms) : test::tool_call(number, kNow_ms);
    if (number % 3 == 0) e.call = {"messages", {}, static_cast<i64>(number), false};
    return e;
  };
  std::set<i64> places;
  for (u64 i = 0; i < kCount; ++i) places.insert(first_place(event(i)));
  ASSERT_LT(places.size(), kCount) << "no two of them want the same place";

  TempDir dir;
  StoreAtWork at_work(dir.path("state/usage.db"));
  at_work.store->begin_bulk();
  for (u64 i = 0; i < kCount;) {
    StoreBatch batch;
    for (const u64 end = i + 500; i < end; ++i) batch.keep(event(i));
    at_work.store->write(std::move(batch), {});
  }
  ASSERT_TRUE(at_work.end_bulk());
  EXPECT_EQ(at_work.load().hot.size(), kCount);
  for (u64 i = 0; i < kCount; i += 7) {
    const StoredEvent wanted = event(i);
    const auto found = at_work.look_up({wanted.key.message});
    ASSERT_TRUE(found && found->events.size() == 1) << i;
    const StoredEvent& got = found->events[0];
    EXPECT_EQ(got.key, wanted.key);
    EXPECT_EQ(got.at_ms, kNow_ms);
    EXPECT_EQ(got.tokens, wanted.tokens);
    EXPECT_EQ(got.value, wanted.value);
    EXPECT_EQ(got.cost_nanousd, wanted.cost_nanousd);
    EXPECT_EQ(got.name, wanted.name);
    EXPECT_EQ(got.call, wanted.call);
  }
}

TEST(BulkLoad, MoreKeysThanAreSortedAtOnce) {
  constexpr u64 kCount = NewKeys::kMost + 1000;
  TempDir dir;
  StoreAtWork at_work(dir.path("state/usage.db"));
  at_work.store->begin_bulk();
  for (u64 i = 0; i < kCount;) {
    StoreBatch batch;
    for (const u64 end = std::min(i + 4000, kCount); i < end; ++i)
      batch.keep(test::tool_call(i, kNow_ms - static_cast<i64>(i)));
    at_work.store->write(std::move(batch), {});
  }
  ASSERT_TRUE(at_work.end_bulk());
  for (const u64 i : {u64{0}, u64{NewKeys::kMost}, kCount - 1}) {
    const auto found = at_work.look_up({test::tool_call(i, 0).key.message});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->events.size(), 1u) << i;
  }
  auto db = Connection::open(dir.path("state/usage.db"), "it", SQLITE_OPEN_READONLY);
  ASSERT_TRUE(db);
  EXPECT_EQ(db->number("SELECT count(*) FROM event_key JOIN event USING(id)"), i64{kCount});
}

TEST(BulkLoad, OfAStoreThatIsNotEmptyIsWriting) {
  TempDir dir;
  StoreAtWork at_work(dir.path("state/usage.db"));
  StoreBatch batch;
  test::put(batch, test::request(1, kNow_ms));
  ASSERT_TRUE(at_work.write(std::move(batch)));
  at_work.store->begin_bulk();
  StoreBatch again;
  again.keep(test::request(1, kNow_ms));
  ASSERT_TRUE(at_work.write(std::move(again))) << "answered before the end: not a bulk load";
  ASSERT_TRUE(at_work.end_bulk());
  EXPECT_EQ(at_work.load().hot.size(), 1u);
}

TEST(BulkLoad, KilledInTheMiddleLeavesAnEmptyStore) {
  TempDir dir;
  const std::string path = dir.path("state/usage.db");
  for (const useconds_t after_us : {0u, 2000u, 10'000u, 20'000u}) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      StoreAtWork at_work(path);
      at_work.store->begin_bulk();
      EXPECT_EQ(::write(pipe[1], "x", 1), 1);
      for (;;)
        for (StoreBatch& batch : batches()) at_work.store->write(std::move(batch), {});
    }
    char byte = 0;
    EXPECT_EQ(::read(pipe[0], &byte, 1), 1);
    ::usleep(after_us);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(pipe[0]);
    ::close(pipe[1]);
    StoreAtWork at_work(path);
    ASSERT_TRUE(at_work.store);
    EXPECT_TRUE(at_work.store->empty());
    EXPECT_TRUE(at_work.load().hot.empty());
    EXPECT_TRUE(at_work.load().files.empty());
  }
}

TEST(BulkLoad, NotEndedIsForgotten) {
  TempDir dir;
  const std::string path = dir.path("state/usage.db");
  {
    StoreAtWork at_work(path);
    at_work.store->begin_bulk();
    for (StoreBatch& batch : batches()) at_work.store->write(std::move(batch), {});
  }
  StoreAtWork again(path);
  EXPECT_TRUE(again.store->empty());
}

}  // namespace
}  // namespace shmeter::collector
