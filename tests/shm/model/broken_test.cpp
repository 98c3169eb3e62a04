// SPDX-License-Identifier: MIT
// What the proofs are worth: every part of the protocol left out, one at a time, and each time an
// execution is found that goes wrong. `ctest -V` shows how it goes.
#include <gtest/gtest.h>

#include <iostream>

#include "readers.hpp"

namespace shmeter::model {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

void expect_caught(const Outcome& outcome, const char* what) {
  EXPECT_NE(outcome.wrong.find(what), std::string::npos)
      << "nothing of the kind in " << outcome.executions << " executions: " << outcome.wrong;
  std::cout << "execution " << outcome.executions << ": " << outcome.wrong;
}

constexpr const char* kTorn = ": copied ";
constexpr const char* kMissed = "sleeps on number ";
constexpr const char* kRefused = "refused after ";

// The production code on a machine that does not do all it is told.

void torn_if(const Weakness& weakness) {
  Region region(weakness);
  region.start_writer(shm::kSlots + 1);
  expect_caught(explore_all(look_in_place), kTorn);
  expect_caught(explore_all(look_by_pread), kTorn);
}

TEST(BrokenRing, WithoutW2) { torn_if({.no_release_fence = true}); }
TEST(BrokenRing, WithoutR3) { torn_if({.no_acquire_fence = true}); }

TEST(BrokenRing, W4Relaxed) {
  Region region;
  memory().weaken({.relaxed_store_to = &region.live().head});
  region.start_writer(1);
  expect_caught(explore_all(look_in_place), kTorn);
  expect_caught(explore_all(look_by_pread), kTorn);
}

// That the slot's address follows from head makes no difference to C++, only to some machines.
TEST(BrokenRing, R1Relaxed) {
  Region region;
  memory().weaken({.relaxed_load_of = &region.live().head});
  region.start_writer(1);
  expect_caught(explore_all(look_in_place), kTorn);
}

TEST(BrokenRing, W5Relaxed) {
  Region region;
  memory().weaken({.relaxed_store_to = &region.live().notify});
  region.start_writer(1);
  expect_caught(explore_all(watch), kMissed);
}

// The same, written otherwise.

/// Looks until `whole` says that the copy from `slot` is one, as long as production would.
template <class Slot, class Whole>
Copy copy_where(Slot&& slot, Whole&& whole) {
  Copy copy;
  while (copy.tries < shm::kMaxTries) {
    if (++copy.tries > kExploredTries) memory().catch_up();
    copy.sequence = shm::newest(region().live());
    shm::load_words(&copy.words, slot(copy.sequence), sizeof copy.words);
    if (!whole(copy.sequence)) continue;
    copy.state = shm::Opened::ok;
    break;
  }
  return copy;
}

std::string look_where(Choices& choices, const std::function<char*(u64)>& slot,
                       const std::function<bool(u64)>& whole) {
  memory().start_reader(choices);
  return judge(copy_where(slot, whole), 1);
}

/// begin - sequence < window, in place of R3 and R4.
bool in_window(u64 sequence, u64 window) {
  shm::std::atomic_thread_fence(kAcquire);
  return region().live().begin.load(kRelaxed) - sequence < window;
}

char* slot_of(u64 sequence) { return region().slot(sequence); }

TEST(BrokenRing, WithoutR4) {
  Region region;
  region.start_writer(shm::kSlots + 1);
  expect_caught(explore_all([](Choices& choices) {
                  return look_where(choices, slot_of, [](u64) { return true; });
                }),
                kTorn);
}

TEST(BrokenRing, AcceptedOnePublicationTooLate) {
  Region region;
  region.start_writer(shm::kSlots + 1);
  const auto look = [](Choices& choices, u64 window) {
    return look_where(choices, slot_of, [=](u64 s) { return in_window(s, window); });
  };
  EXPECT_EQ(explore_all([&](Choices& choices) { return look(choices, shm::kSlots); }).wrong, "");
  expect_caught(explore_all([&](Choices& choices) { return look(choices, shm::kSlots + 1); }),
                kTorn);
}

TEST(BrokenRing, W1BehindW3) {
  Region region;
  memory().start_writer();
  for (u64 sequence = 2; sequence <= shm::kSlots + 2; ++sequence)
    region.publish_by([&](const Words& words) {
      shm::store_words(region.slot(sequence), &words, sizeof words);
      EXPECT_EQ(shm::begin_publication(region.live()), sequence);
      shm::end_publication(region.live(), sequence);
      return sequence;
    });
  expect_caught(explore_all(look_in_place), kTorn);
}

TEST(BrokenRing, W4BeforeW3) {
  Region region;
  memory().start_writer();
  region.publish_by([&](const Words& words) {
    const u64 sequence = shm::begin_publication(region.live());
    shm::end_publication(region.live(), sequence);
    shm::store_words(region.slot(sequence), &words, sizeof words);
    return sequence;
  });
  expect_caught(explore_all(look_in_place), kTorn);
}

TEST(BrokenRing, W5BeforeW4) {
  Region region;
  memory().start_writer();
  region.publish_by([&](const Words& words) {
    shm::Live& live = region.live();
    const u64 sequence = shm::begin_publication(live);
    shm::store_words(region.slot(sequence), &words, sizeof words);
    live.notify.fetch_add(1, kRelease);
    live.head.store(sequence, kRelease);
    return sequence;
  });
  memory().wake(&region.live().notify);
  expect_caught(explore_all(watch), kMissed);
}

// A watcher that may take the picture from before what it saw of notify.
TEST(BrokenRing, NotifyReadWithoutAFence) {
  Region region;
  region.start_writer(1);
  expect_caught(explore_all([](Choices& choices) {
                  return watch_by(choices, [](shm::MappedReader&) {
                    u32 seen = 0;
                    EXPECT_EQ(os::pread(0, &seen, sizeof seen,
                                        shm::kLiveOffset + offsetof(shm::Live, notify)),
                              sizeof seen);
                    return seen;
                  });
                }),
                kMissed);
}

/// The ring with another number of slots, its check fitting.
class OtherRing {
 public:
  explicit OtherRing(u64 slots) : slots_(slots) { publish(); }
  void publish() {
    region_.publish_by([this](const Words& words) {
      const u64 sequence = shm::begin_publication(region_.live());
      shm::store_words(region_.slot(sequence % slots_), &words, sizeof words);
      shm::end_publication(region_.live(), sequence);
      return sequence;
    });
  }
  Copy copy() const {
    return copy_where([this](u64 s) { return region_.slot(s % slots_); },
                      [this](u64 s) { return in_window(s, slots_); });
  }
  Region& region() { return region_; }

 private:
  Region region_;
  u64 slots_;
};

// Two slots are safe, and throw readers back that four let go.
TEST(BrokenRing, TwoSlots) {
  OtherRing ring(2);
  memory().start_writer();
  for (u32 i = 0; i + 1 < shm::kSlots; ++i) ring.publish();
  EXPECT_EQ(explore_all([&](Choices& choices) {
              memory().start_reader(choices);
              return judge(ring.copy(), 2);
            }).wrong,
            "");
  expect_caught(explore_all([&](Choices& choices) {
                  memory().start_reader(choices);
                  return ring.copy().tries == 1 ? std::string() : std::string("thrown away");
                }),
                "thrown away");
}

/// Is there a step after which a reader that comes then finds nothing?
template <class Look>
void expect_lost_by_death(Look&& look) {
  Outcome found;
  for (u32 steps = memory().steps() + 1; steps-- > 0 && found.wrong.empty();) {
    region().die_after(steps);
    found = explore_all([&](Choices& choices) {
      memory().start_reader(choices, WeakMemory::Knows::all);
      return judge(look(), 1);
    });
  }
  expect_caught(found, kRefused);
}

TEST(BrokenRing, OneSlot) {
  OtherRing ring(1);
  memory().start_writer();
  ring.publish();
  expect_lost_by_death([&] { return ring.copy(); });
}

// Boehm's lock, in `begin`: odd while slot 0 is written. Right as long as nobody dies.
TEST(BrokenRing, OddEvenLock) {
  Region region;
  const auto publish = [&] {
    region.publish_by([&](const Words& words) {
      auto& lock = region.live().begin;
      const u64 odd = lock.load(kRelaxed) + 1;
      lock.store(odd, kRelaxed);
      shm::std::atomic_thread_fence(kRelease);
      shm::store_words(region.slot(0), &words, sizeof words);
      lock.store(odd + 1, kRelease);
      return odd + 1;
    });
  };
  const auto look = [&] {
    Copy copy;
    while (copy.tries < shm::kMaxTries) {
      if (++copy.tries > kExploredTries) memory().catch_up();
      copy.sequence = region.live().begin.load(kAcquire);
      shm::load_words(&copy.words, region.slot(0), sizeof copy.words);
      shm::std::atomic_thread_fence(kAcquire);
      if (copy.sequence % 2 == 1 || region.live().begin.load(kRelaxed) != copy.sequence) continue;
      copy.state = shm::Opened::ok;
      break;
    }
    return copy;
  };
  region.live().begin.store(0, kRelaxed);
  publish();
  memory().start_writer();
  publish();
  publish();
  EXPECT_EQ(explore_all([&](Choices& choices) {
              memory().start_reader(choices);
              return judge(look(), 2);
            }).wrong,
            "");
  expect_lost_by_death(look);
}

}  // namespace
}  // namespace shmeter::model
