// SPDX-License-Identifier: MIT
// The writer dies at any moment: what it answered is there, whole and once.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "tests/store/keys.hpp"
#include "tests/store/sample.hpp"
#include "tests/store/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using shmeter::test::TempDir;
using test::kNow_ms;
using test::Random;
using test::StoreAtWork;

StoredEvent event_of(u64 number, i64 value) {
  StoredEvent e =
      test::request(number, kNow_ms + static_cast<i64>(number), static_cast<u32>(number % 3));
  e.value = value;
  return e;
}

/// Batch `number`: its own `each` events, and the first of the batch before in another version, at
/// another time, under another session.
StoreBatch batch_of(u64 number, u64 each) {
  StoreBatch batch;
  for (u64 i = 0; i < each; ++i) test::put(batch, event_of(number * each + i, 1));
  if (number > 0) {
    const u64 before = (number - 1) * each;
    StoredEvent e = event_of(before, 2);
    batch.book(test::booking(e, -1));
    e.at_ms -= 900'000;
    e.session = 9;
    test::put(batch, e);
  }
  batch.files.push_back({"/x", {1, 2, number + 1, 0, 0, 0}});
  return batch;
}

/// Writes batch after batch, several at a time, and says the number of each that was answered.
[[noreturn]] void write_for_ever(const std::string& path, u64 each, u64 next, int to) {
  StoreAtWork at_work(path);
  if (!at_work.store) ::_exit(3);
  u64 answered = next;
  for (;; ++next) {
    at_work.store->write(batch_of(next, each), [&](const Result<void>& result) {
      if (!result) ::_exit(4);
      ++answered;
      if (::write(to, &answered, sizeof answered) != sizeof answered) ::_exit(5);
    });
    while (next - answered > 3) uv_run(at_work.loop.get(), UV_RUN_ONCE);
  }
}

/// Kills it some time after its first answer; answers with the last number it said.
u64 killed_while_writing(const std::string& path, u64 each, u64 next, useconds_t after_us) {
  int pipe[2];
  EXPECT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) write_for_ever(path, each, next, pipe[1]);
  ::close(pipe[1]);
  u64 answered = next;
  EXPECT_EQ(::read(pipe[0], &answered, sizeof answered), ssize_t{sizeof answered});
  ::usleep(after_us);
  ::kill(child, SIGKILL);
  while (::read(pipe[0], &answered, sizeof answered) == ssize_t{sizeof answered}) continue;
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << status;
  return answered;
}

/// What stands is exactly the first n batches, n at least `answered`. Answers with n.
u64 check(const std::string& path, u64 each, u64 answered) {
  StoreAtWork at_work(path);
  EXPECT_TRUE(at_work.store);
  const StoredState state = at_work.load();
  EXPECT_EQ(state.files.size(), 1u);
  const u64 batches = state.files.at(0).cursor.offset;
  EXPECT_GE(batches, answered);
  EXPECT_EQ(state.hot.size(), batches * each);
  std::set<std::pair<u64, u64>> keys;
  std::map<RollupKey, shm::Usage> sums;
  for (const StoredEvent& e : state.hot) {
    EXPECT_TRUE(keys.emplace(e.key.message, e.key.request).second);
    add(sums.try_emplace(test::rollup_key(e), shm::no_usage()).first->second,
        test::booking(e).amount);
  }
  for (const auto& [key, usage] : state.rollups)
    EXPECT_EQ(usage, sums.contains(key) ? sums[key] : shm::no_usage());
  shm::Usage all = shm::no_usage();
  for (const auto& [key, usage] : sums) add(all, usage);
  EXPECT_EQ(state.all, all);
  for (u64 number = 0; number < batches * each; ++number)
    EXPECT_TRUE(keys.contains({event_of(number, 0).key.message, event_of(number, 0).key.request}));
  test::expect_every_key_once(path);
  return batches;
}

/// Events of a batch: a few go to the key index at once, many wait for it.
class Crash : public testing::TestWithParam<u64> {};
INSTANTIATE_TEST_SUITE_P(Each, Crash, testing::Values(4, 200),
                         [](const auto& each) { return std::to_string(each.param); });

TEST_P(Crash, WhatWasAnsweredIsThereWholeAndOnce) {
  const u64 each = GetParam();
  Random random(5);
  for (int store = 0; store < 10; ++store) {
    TempDir dir;
    const std::string path = dir.path("state/usage.db");
    u64 next = 0;
    for (int kill = 0; kill < 10; ++kill) {
      const u64 answered = killed_while_writing(path, each, next, random() % 8000);
      next = check(path, each, answered);
      if (HasFailure()) return;
    }
  }
}

// Killed again and again without anybody looking in between: each start recovers the one before.
TEST_P(Crash, KillsInARow) {
  const u64 each = GetParam();
  TempDir dir;
  const std::string path = dir.path("state/usage.db");
  Random random(6);
  u64 last = 0;
  for (int kill = 0; kill < 10; ++kill) {
    // The child starts at what is stored, which only it can see.
    u64 stored = 0;
    {
      const auto reader = StoreReader::open(path);
      if (reader) {
        std::size_t events = 0;
        EXPECT_TRUE((*reader)->events({}, [&](const StoredEvent&) { return ++events > 0; }));
        stored = events / each;
      }
    }
    EXPECT_GE(stored, last);
    last = killed_while_writing(path, each, stored, random() % 3000);
  }
  check(path, each, last);
}

// In quiet the keys of many events go to their places: killed about then, too.
TEST(CrashInQuiet, KeysAreInOnePlace) {
  TempDir dir;
  const std::string path = dir.path("state/usage.db");
  constexpr u64 kEach = 20'000;
  for (u64 kill = 0; kill < 5; ++kill) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      StoreAtWork at_work(path);
      const bool written = at_work.write(batch_of(kill, kEach)).has_value();
      EXPECT_EQ(::write(pipe[1], &written, 1), 1);
      for (;;) ::pause();
    }
    bool written = false;
    EXPECT_EQ(::read(pipe[0], &written, 1), 1);
    EXPECT_TRUE(written);
    ::usleep(1'000'000 + static_cast<useconds_t>(kill) * 10'000);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(pipe[0]);
    ::close(pipe[1]);
    EXPECT_EQ(check(path, kEach, kill + 1), kill + 1);
  }
}

}  // namespace
}  // namespace shmeter::collector
