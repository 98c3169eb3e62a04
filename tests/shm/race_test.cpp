// SPDX-License-Identifier: MIT
// Readers against a writer that never rests. Every copy that a reader accepts is a picture that was
// published, to the last byte, and the numbers never run backwards.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <new>
#include <thread>

#include "sample.hpp"
#include "shm/image.hpp"
#include "shm/publisher.hpp"
#include "shm/reader.hpp"
#include "temp_dir.hpp"

namespace shmeter::shm {
namespace {

using test::Copied;
using test::Samples;
using test::TempDir;
using Clock = std::chrono::steady_clock;

constexpr u32 kCapacity = 12;

struct Tally {
  u64 good = 0, torn = 0, backwards = 0, refused = 0, last = 0;

  void count(Opened state, const Copied& got, const Samples& samples) {
    if (state != Opened::ok) {  // lapped 64 times in a row
      ++refused;
      return;
    }
    const auto sequence = static_cast<u64>(got.summary.sequence);
    samples.know(got) ? ++good : ++torn;
    if (sequence < last) ++backwards;
    last = sequence;
  }
  void expect_right() const {
    EXPECT_GT(good, 10u);
    EXPECT_EQ(torn, 0u);
    EXPECT_EQ(backwards, 0u);
    EXPECT_LT(refused, good);
  }
};

// Threads of one process over plain memory: what ThreadSanitizer can watch.
TEST(Race, ThreadsOverOneBuffer) {
  const Samples samples(kCapacity);
  const Header plan = plan_header(kCapacity);
  struct Free {
    void operator()(char* p) const { ::operator delete[](p, std::align_val_t{kPageBytes}); }
  };
  const std::unique_ptr<char[], Free> memory(
      new (std::align_val_t{kPageBytes}) char[plan.file_bytes]());
  Image image(memory.get(), plan);
  image.lay_out(0, "test");
  image.publish(samples.picture(0));
  image.seal();

  std::atomic<bool> done = false;
  std::array<Tally, 4> tallies;
  std::vector<std::thread> readers;
  for (Tally& tally : tallies) {
    // Every other reader dawdles in the middle of its copy until the writer is about to come back
    // to this slot: the edge between accepted and thrown away.
    const bool dawdles = (&tally - tallies.data()) % 2 == 1;
    readers.emplace_back([&, dawdles] {
      Copied got;
      while (!done.load(std::memory_order_relaxed)) {
        const Opened state = snapshot_in_place(memory.get(), plan, [&](MappedSlot& slot) {
          if (!copy_all(slot, got, 50)) return false;
          if (!dawdles) return true;
          while (newest(image.live()) < slot.sequence() + kSlots - 1 &&
                 !done.load(std::memory_order_relaxed)) {
          }
          return slot.sessions(0, static_cast<u32>(got.sessions.size()), got.sessions.data());
        });
        tally.count(state, got, samples);
      }
    });
  }
  const auto end = Clock::now() + std::chrono::milliseconds(1500);
  for (u64 turn = 1; Clock::now() < end; ++turn) image.publish(samples.picture(turn));
  done = true;
  for (std::thread& reader : readers) reader.join();
  for (const Tally& tally : tallies) {
    EXPECT_GT(tally.good, 0u);
    EXPECT_EQ(tally.torn, 0u);
    EXPECT_EQ(tally.backwards, 0u);
  }
}

/// A process that publishes without rest until it is killed.
class BusyWriter {
 public:
  BusyWriter(const std::string& dir, const Samples& samples) : pid_(::fork()) {
    if (pid_ != 0) return;
    Failure why;
    std::optional<WriterLock> lock = WriterLock::take(dir, why);
    if (!lock) ::_exit(1);
    auto publisher = Publisher::open(*lock, kCapacity, samples.picture(0), "1", why);
    if (!publisher) ::_exit(2);
    for (u64 turn = 1;; ++turn) publisher->publish(samples.picture(turn));
  }
  ~BusyWriter() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  BusyWriter(const BusyWriter&) = delete;
  BusyWriter& operator=(const BusyWriter&) = delete;

 private:
  pid_t pid_;
};

TEST(Race, ProcessesOverAFile) {
  const TempDir dir;
  const Samples samples(kCapacity);
  const std::string path = dir.region();
  const BusyWriter writer(dir.path(), samples);
  for (FileReader first; first.open(path.c_str(), false) != Opened::ok;)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));

  const auto end = Clock::now() + std::chrono::milliseconds(1500);
  const auto by_one_shot = [&](Tally& tally) {
    while (Clock::now() < end) {
      FileReader reader;
      Copied got;
      ASSERT_EQ(reader.open(path.c_str(), false), Opened::ok);
      tally.count(reader.snapshot([&](FileSlot& slot) { return copy_all(slot, got, 50); }), got,
                  samples);
      EXPECT_EQ(reader.liveness(), Liveness::live);
    }
  };
  const auto by_pread = [&](Tally& tally) {
    FileReader reader;
    Copied got;
    ASSERT_EQ(reader.open(path.c_str(), false), Opened::ok);
    while (Clock::now() < end)
      tally.count(reader.snapshot([&](FileSlot& slot) { return copy_all(slot, got, 50); }), got,
                  samples);
  };
  const auto in_place = [&](Tally& tally) {
    MappedReader reader;
    Copied got;
    ASSERT_EQ(reader.open(path.c_str(), false), Opened::ok);
    while (Clock::now() < end)
      tally.count(
          reader.snapshot_in_place([&](MappedSlot& slot) { return copy_all(slot, got, 50); }), got,
          samples);
  };
  const auto by_waiting = [&](Tally& tally) {
    MappedReader reader;
    Copied got;
    ASSERT_EQ(reader.open(path.c_str(), false), Opened::ok);
    while (Clock::now() < end) {
      const u32 seen = reader.notify();
      tally.count(reader.snapshot([&](FileSlot& slot) { return copy_all(slot, got, 50); }), got,
                  samples);
      reader.wait(seen, os::monotonic_ns() + 1'000'000'000);
    }
  };
  const std::array<std::function<void(Tally&)>, 5> kinds{by_one_shot, by_pread, in_place, in_place,
                                                         by_waiting};
  std::array<Tally, kinds.size()> tallies;
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < kinds.size(); ++i)
    readers.emplace_back([&, i] { kinds[i](tallies[i]); });
  for (std::thread& reader : readers) reader.join();
  for (const Tally& tally : tallies) tally.expect_right();
}

}  // namespace
}  // namespace shmeter::shm
