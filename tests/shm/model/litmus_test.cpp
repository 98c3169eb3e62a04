// SPDX-License-Identifier: MIT
// Is the memory as weak as C++ says, and no weaker? The textbook shapes, one writer each.
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <utility>

#include "weak_memory.hpp"

namespace shmeter::model {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

using Pair = std::pair<u64, u64>;

/// All that `read` can return after `write`.
std::set<Pair> outcomes(const std::function<void(WeakMemory&)>& write,
                        const std::function<Pair(WeakMemory&)>& read) {
  WeakMemory& memory = new_memory();
  memory.start_writer();
  write(memory);
  std::set<Pair> seen;
  EveryChoice choices;
  do {
    memory.start_reader(choices);
    seen.insert(read(memory));
  } while (choices.next());
  return seen;
}

/// Data, then a flag; the reader looks at the flag first. Who may see the flag without the data?
std::set<Pair> message_passing(std::memory_order store, bool release_fence, std::memory_order load,
                               bool acquire_fence) {
  u64 data = 0;
  u64 flag = 0;
  return outcomes(
      [&](WeakMemory& memory) {
        memory.store(&data, 8, 1, kRelaxed);
        if (release_fence) memory.fence(kRelease);
        memory.store(&flag, 8, 1, store);
      },
      [&](WeakMemory& memory) {
        const u64 seen = memory.load(&flag, 8, load);
        if (acquire_fence) memory.fence(kAcquire);
        return Pair{seen, memory.load(&data, 8, kRelaxed)};
      });
}

TEST(Litmus, MessagePassing) {
  const std::set<Pair> ordered{{0, 0}, {0, 1}, {1, 1}};
  const std::set<Pair> any{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  const struct {
    std::memory_order store;
    bool release_fence;
    std::memory_order load;
    bool acquire_fence;
    const std::set<Pair>& want;
  } rows[] = {
      {kRelease, false, kAcquire, false, ordered}, {kRelaxed, true, kAcquire, false, ordered},
      {kRelease, false, kRelaxed, true, ordered},  {kRelaxed, true, kRelaxed, true, ordered},
      {kRelaxed, false, kAcquire, true, any},      {kRelease, true, kRelaxed, false, any},
  };
  for (const auto& row : rows)
    EXPECT_EQ(message_passing(row.store, row.release_fence, row.load, row.acquire_fence), row.want)
        << "row " << &row - rows;
}

TEST(Litmus, OneWordNeverGoesBack) {
  u64 word = 0;
  const auto seen = outcomes(
      [&](WeakMemory& memory) {
        memory.store(&word, 8, 1, kRelaxed);
        memory.store(&word, 8, 2, kRelaxed);
      },
      [&](WeakMemory& memory) {
        const u64 first = memory.load(&word, 8, kRelaxed);
        return Pair{first, memory.load(&word, 8, kRelaxed)};
      });
  EXPECT_EQ(seen, (std::set<Pair>{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}}));
}

// C++20: a plain store ends the release sequence, a read-modify-write goes on with it.
TEST(Litmus, ReleaseSequence) {
  for (const bool by_add : {false, true}) {
    u64 data = 0;
    u64 flag = 0;
    const auto seen = outcomes(
        [&](WeakMemory& memory) {
          memory.store(&data, 8, 1, kRelaxed);
          memory.store(&flag, 8, 1, kRelease);
          if (by_add) memory.add(&flag, 8, 1, kRelaxed);
          if (!by_add) memory.store(&flag, 8, 2, kRelaxed);
        },
        [&](WeakMemory& memory) {
          const u64 first = memory.load(&flag, 8, kAcquire);
          return Pair{first, memory.load(&data, 8, kRelaxed)};
        });
    EXPECT_EQ(seen.contains({2, 0}), !by_add);
    EXPECT_FALSE(seen.contains({1, 0}));
  }
}

// A fence is for the stores behind it: those before it promise nothing.
TEST(Litmus, AReleaseFenceDoesNotReachBack) {
  u64 data = 0;
  u64 flag = 0;
  const auto seen = outcomes(
      [&](WeakMemory& memory) {
        memory.store(&flag, 8, 1, kRelaxed);
        memory.store(&data, 8, 1, kRelaxed);
        memory.fence(kRelease);
      },
      [&](WeakMemory& memory) {
        const u64 first = memory.load(&flag, 8, kAcquire);
        return Pair{first, memory.load(&data, 8, kRelaxed)};
      });
  EXPECT_TRUE(seen.contains({1, 0}));
}

// Nor does a successor inherit the fences of the dead, only what they stored.
TEST(Litmus, ASuccessorKnowsWhatWasStored) {
  for (const auto order : {kRelaxed, kRelease}) {
    u64 data = 0;
    u64 flag = 0;
    const auto seen = outcomes(
        [&](WeakMemory& memory) {
          memory.store(&data, 8, 1, kRelaxed);
          memory.fence(kRelease);
          memory.start_writer();
          memory.store(&flag, 8, 1, order);
        },
        [&](WeakMemory& memory) {
          const u64 first = memory.load(&flag, 8, kAcquire);
          return Pair{first, memory.load(&data, 8, kRelaxed)};
        });
    EXPECT_EQ(seen.contains({1, 0}), order == kRelaxed);
  }
}

// FUTEX_WAIT after FUTEX_WAKE sees what was stored before it; before it, it is woken.
TEST(Litmus, Futex) {
  std::uint32_t word = 0;
  for (const bool wakes : {true, false}) {
    const auto seen = outcomes(
        [&](WeakMemory& memory) {
          memory.store(&word, 4, 1, kRelaxed);
          if (wakes) memory.wake(&word);
        },
        [&](WeakMemory& memory) {
          return Pair{memory.wait(&word, 0), 0};
        });
    EXPECT_EQ(seen.contains({0, 0}), !wakes);
    EXPECT_TRUE(seen.contains({1, 0}));
    word = 0;
  }
}

TEST(LitmusDeathTest, AReaderNeverStores) {
  u64 word = 0;
  WeakMemory& memory = new_memory();
  EveryChoice choices;
  memory.start_reader(choices);
  EXPECT_DEATH(memory.store(&word, 8, 1, kRelaxed), "a reader stores");
}

}  // namespace
}  // namespace shmeter::model
