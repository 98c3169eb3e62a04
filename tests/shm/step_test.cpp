// SPDX-License-Identifier: MIT
// The writer dies at any instruction. A child runs the production code under PTRACE_SINGLESTEP;
// after every single instruction the parent reads, which is exactly what would be left if SIGKILL
// landed there. Every time it must get the picture before or the picture after, whole, and once it
// got the one after, never the one before again.
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "sample.hpp"
#include "shm/publisher.hpp"
#include "shm/reader.hpp"
#include "shm/schema.hpp"
#include "temp_dir.hpp"

namespace shmeter::shm {
namespace {

using test::Copied;
using test::Sample;
using test::TempDir;

constexpr u32 kCapacity = 3;
const Sample& before() {
  static const Sample sample(2, kCapacity);
  return sample;
}
const Sample& after() {
  static const Sample sample(1, kCapacity);
  return sample;
}

/// Runs `prepare` freely and `act` stepwise in a child, and `look` here after every instruction.
/// Returns how many there were, or -1.
long step_through(const std::function<void()>& prepare, const std::function<void()>& act,
                  const std::function<void()>& look) {
  const pid_t child = ::fork();
  if (child == 0) {
    prepare();
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(1);
    ::raise(SIGSTOP);
    act();
    ::raise(SIGSTOP);
    ::_exit(0);
  }
  int status = 0;
  long steps = -1;
  bool stepped = ::waitpid(child, &status, 0) == child && WIFSTOPPED(status);
  while (stepped && !::testing::Test::HasFailure()) {
    ++steps;
    look();
    stepped = ::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) == 0 &&
              ::waitpid(child, &status, 0) == child && WIFSTOPPED(status) &&
              WSTOPSIG(status) == SIGTRAP;
  }
  const bool to_the_end = WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP;
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return to_the_end ? steps : -1;
}

/// Counts what was seen, and fails on anything but old, old, …, new, new.
class Judge {
 public:
  void see(Opened state, const Copied& got) {
    ASSERT_EQ(state, Opened::ok) << "none after " << old_ << " + " << new_;
    if (is_whole(got, after().picture())) {
      ++new_;
      return;
    }
    ASSERT_TRUE(is_whole(got, before().picture())) << "torn after " << old_ << " + " << new_;
    ASSERT_EQ(new_, 0) << "backwards";
    ++old_;
  }
  void expect_both(const char* what, long steps) const {
    EXPECT_GT(old_, 0) << what;
    EXPECT_GT(new_, 0) << what;
    ::testing::Test::RecordProperty(what, std::to_string(steps) + " instructions, old " +
                                              std::to_string(old_) + ", new " +
                                              std::to_string(new_));
  }

 private:
  long old_ = 0, new_ = 0;
};

struct Writer {
  std::optional<WriterLock> lock;
  std::optional<Publisher> publisher;
  Failure why;

  void take(const std::string& dir) {
    lock = WriterLock::take(dir, why);
    if (!lock) ::_exit(2);
  }
  void open(u32 capacity, const Sample& sample) {
    publisher = Publisher::open(*lock, capacity, sample.picture(), "1", why);
    if (!publisher) ::_exit(3);
  }
};

/// What a process that starts now gets at the path.
void look_at_path(const std::string& path, Judge& judge) {
  FileReader reader;
  Copied got;
  Opened state = reader.open(path.c_str(), false);
  if (state == Opened::ok)
    state = reader.snapshot([&](FileSlot& slot) { return copy_all(slot, got, 16); });
  judge.see(state, got);
}

TEST(Step, Publish) {
  const TempDir dir;
  {
    Writer first;
    first.take(dir.path());
    first.open(kCapacity, before());
  }
  MappedReader reader;
  ASSERT_EQ(reader.open(dir.region().c_str(), false), Opened::ok);
  // The child takes the region over with the same picture, then publishes under the eyes.
  Writer writer;
  Judge by_pread;
  Judge in_place;
  const long steps = step_through(
      [&] {
        writer.take(dir.path());
        writer.open(kCapacity, before());
      },
      [&] { writer.publisher->publish(after().picture()); },
      [&] {
        Copied got;
        Opened state = reader.snapshot([&](FileSlot& slot) { return copy_all(slot, got, 16); });
        by_pread.see(state, got);
        state = reader.snapshot_in_place([&](MappedSlot& slot) { return copy_all(slot, got, 16); });
        in_place.see(state, got);
      });
  EXPECT_GT(steps, 1000);
  by_pread.expect_both("pread", steps);
  in_place.expect_both("in_place", steps);
}

/// A dead writer's region, then another writer's first steps over it.
void succeed(const char* what, u32 capacity) {
  const TempDir dir;
  (void)layout_hash();  // made once in a process; not what is tested
  {
    Writer dead;
    dead.take(dir.path());
    dead.open(kCapacity, before());
  }
  Writer heir;
  Judge judge;
  const long steps = step_through([] {},
                                  [&] {
                                    heir.take(dir.path());
                                    heir.open(capacity, after());
                                  },
                                  [&] { look_at_path(dir.region(), judge); });
  EXPECT_GT(steps, 1000);
  judge.expect_both(what, steps);
}

TEST(Step, TakeOver) { succeed("take_over", kCapacity); }

TEST(Step, Replace) { succeed("replace", kCapacity + 1); }

TEST(Step, MakeAgain) {
  const TempDir dir;
  (void)layout_hash();
  Writer writer;
  Judge judge;
  bool there = false;
  const long steps = step_through(
      [&] {
        writer.take(dir.path());
        writer.open(kCapacity, before());
        ::unlink(dir.region().c_str());
      },
      [&] {
        if (writer.publisher->heartbeat() != Publisher::Beat::republish) ::_exit(4);
        writer.publisher->publish(after().picture());
      },
      [&] {  // nothing, and then at once a whole picture
        FileReader reader;
        if (!there && reader.open(dir.region().c_str(), false) == Opened::absent) return;
        there = true;
        look_at_path(dir.region(), judge);
      });
  EXPECT_GT(steps, 1000);
  EXPECT_TRUE(there);
}

}  // namespace
}  // namespace shmeter::shm
