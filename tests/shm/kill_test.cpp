// SPDX-License-Identifier: MIT
// A writer that is killed at any moment: while it makes a region, takes one over, replaces one of
// another capacity, or publishes. From the first picture on there is always one at the path, whole,
// and its number never runs backwards, also across writers and files.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>

#include "sample.hpp"
#include "shm/publisher.hpp"
#include "shm/reader.hpp"
#include "temp_dir.hpp"

namespace shmeter::shm {
namespace {

using test::Copied;
using test::Samples;
using test::TempDir;
using Clock = std::chrono::steady_clock;

constexpr u32 kSmall = 6;  // the pictures fit into either capacity
constexpr int kRounds = 500;

[[noreturn]] void write_until_killed(const std::string& dir, u32 capacity, const Samples& samples,
                                     u64 turn) {
  Failure why;
  std::optional<WriterLock> lock = WriterLock::take(dir, why);
  if (!lock) ::_exit(1);
  auto publisher = Publisher::open(*lock, capacity, samples.picture(turn), "1", why);
  if (!publisher) ::_exit(2);
  for (;; ++turn) {
    publisher->publish(samples.picture(turn));
    if (turn % 64 == 0) publisher->heartbeat();
  }
}

/// Looks at the path as a one-shot reader does.
class Onlooker {
 public:
  Onlooker(std::string path, const Samples& samples) : path_(std::move(path)), samples_(samples) {}

  enum class Writer { alive, dead };
  /// False when there is nothing there yet.
  bool look(Writer writer) {
    FileReader reader;
    Copied got;
    const Opened opened = reader.open(path_.c_str(), false);
    if (opened == Opened::absent && last_ == 0) return false;
    EXPECT_EQ(opened, Opened::ok);
    if (opened != Opened::ok) return false;
    u32 tries = 0;
    const Opened state = reader.snapshot([&](FileSlot& slot) {
      ++tries;
      return copy_all(slot, got, 20);
    });
    // A writer without any rest may lap a reader of two dozen reads again and again; a real one
    // pauses for 50 ms.
    if (writer == Writer::alive && state == Opened::corrupt && tries == kMaxTries) return true;
    EXPECT_EQ(state, Opened::ok) << tries;
    EXPECT_TRUE(samples_.know(got)) << "torn";
    EXPECT_GE(got.summary.sequence, last_);
    last_ = got.summary.sequence;
    liveness_ = reader.liveness();
    return true;
  }
  u64 last() const { return last_; }
  Liveness liveness() const { return liveness_; }

 private:
  std::string path_;
  const Samples& samples_;
  u64 last_ = 0;
  Liveness liveness_ = Liveness::live;
};

TEST(Kill, AtAnyMoment) {
  const TempDir dir;
  const Samples samples(kSmall);
  Onlooker onlooker(dir.region(), samples);
  std::mt19937_64 random(20261121);
  int seen_rounds = 0;
  for (int round = 0; round < kRounds && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(round);
    // Half of them die in their first moments, while they make or take over the file.
    const u64 span_us = round % 2 == 0 ? 400 : 4000;
    const u32 capacity = kSmall + static_cast<u32>(random() % 3 == 0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(dir.path(), capacity, samples, random() % 1000);
    const auto end = Clock::now() + std::chrono::microseconds(random() % span_us);
    do onlooker.look(Onlooker::Writer::alive);
    while (Clock::now() < end);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << WEXITSTATUS(status);
    if (!onlooker.look(Onlooker::Writer::dead)) continue;
    ++seen_rounds;
    EXPECT_EQ(onlooker.liveness(), Liveness::stale) << "the lock is free at once";
  }
  EXPECT_GT(seen_rounds, kRounds / 2);
  EXPECT_GT(onlooker.last(), u64{kRounds});
}

}  // namespace
}  // namespace shmeter::shm
