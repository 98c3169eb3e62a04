// SPDX-License-Identifier: MIT
// A memory that is as weak as C++ lets it be, for one writer at a time and readers that never
// write. It keeps every store; a load may return any of them that the reader does not yet know to
// be overwritten, and Choices says which.
//
// It is the view semantics of RC11 (Lahav et al. 2017; Kang et al. 2017 without promises), in which
// every thread has, for each word, the oldest store that it may still read, and every store carries
// what a reader learns by acquiring it. One writer makes it small: its stores have one order, and
// what it knew at some moment is all of them up to a number. Interleavings need no exploring of
// their own: a reader that may read any store in any order has every place between the writer's
// steps that a scheduler could give it. Load buffering, which this semantics leaves out, takes a
// thread that stores after it loads: a reader that stores is an abort here, and a successor
// starts only when the writer before it is dead and all its stores are seen (the kernel's lock).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "choices.hpp"

namespace shmeter::model {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

/// What this machine does otherwise than it is told, to see that somebody notices.
struct Weakness {
  bool no_release_fence = false;
  bool no_acquire_fence = false;
  const void* relaxed_store_to = nullptr;
  const void* relaxed_load_of = nullptr;
};

class WeakMemory {
 public:
  /// Initially nobody's: what is stored is the initial value, what is loaded the last one stored.
  WeakMemory() = default;
  WeakMemory(const WeakMemory&) = delete;
  WeakMemory& operator=(const WeakMemory&) = delete;

  void weaken(const Weakness& weakness) { weakness_ = weakness; }

  // The writer. Words are 4 or 8 bytes, aligned, and always of the same size.
  /// From now on stores are seen by others. A successor knows all stores of whom it follows, but
  /// not its fences.
  void start_writer();
  void store(void* word, u32 bytes, u64 value, std::memory_order order);
  /// fetch_add of the only writer: the release sequence goes on through it.
  u64 add(void* word, u32 bytes, u64 value, std::memory_order order);
  /// FUTEX_WAKE of all.
  void wake(const void* word);
  /// Steps so far: stores and wake-ups. Fences are no steps: nobody can see between them.
  u32 steps() const { return static_cast<u32>(steps_.size()); }
  /// The word that a step (from 1) stored to, or null.
  const void* stored_to(u32 step) const { return steps_[step - 1].word; }
  /// The writer has died after that many steps: memory is as these left it.
  void die_after(u32 steps);

  // A reader.
  enum class Knows { nothing, all };
  /// A new execution. Who knows all came after the writer's last step.
  void start_reader(Choices& choices, Knows knows = Knows::nothing);
  /// From now on loads return the newest store: the writer is done, and time has passed.
  void catch_up() { caught_up_ = true; }
  u64 load(const void* word, u32 bytes, std::memory_order order);
  /// A load whose value nobody uses: returns what constrains later loads least.
  u64 load_unused(const void* word, u32 bytes);
  /// FUTEX_WAIT. True when woken or changed already, false when it would sleep for ever.
  bool wait(const void* word, u32 expected);

  /// Both.
  void fence(std::memory_order order);
  /// For setting up: nobody's again, without forgetting.
  void pause() { role_ = Role::nobody; }

  /// What the writer and then the reader did, one line a step, the longest cut; `name` tells what
  /// a word is.
  std::string trace(const std::function<std::string(const void*)>& name) const;
  u64 loads() const { return loads_; }

 private:
  enum class Role { nobody, writer, reader };
  struct Step {
    void* word;  // null = a wake-up
    u32 bytes;
    u64 before;    // the value that was overwritten
    u64 value;     // the value stored
    u32 carries;   // who acquires it knows all steps up to this number
    u32 location;  // for a wake-up: of the word waited on
  };
  struct Location {
    std::vector<u32> stores;  // numbers of steps, from 1
    u32 seen = 0;             // how many of them the reader knows to be overwritten, or has read
  };
  struct Look {
    enum class Kind { load, fence, sleep, changed } kind;
    const void* word;
    u64 value;
    u32 step;  // whose store it was; 0 = the initial value
  };

  static u64 plain(const void* word, u32 bytes);
  static void put(void* word, u32 bytes, u64 value);
  void append(void* word, u32 bytes, u64 value, u32 carries);
  Location* find(const void* word);
  u32 location_of(const void* word);
  /// How many stores up to that step.
  static u32 count(const Location& location, u32 step);
  u64 read(Location& location, u32 which, const void* word, u32 bytes);

  Weakness weakness_;
  Role role_ = Role::nobody;
  std::vector<Step> steps_;
  std::vector<Location> locations_;
  std::unordered_map<const void*, u32> index_;
  u32 released_ = 0;  // steps before the writer's last release fence

  Choices* choices_ = nullptr;
  bool caught_up_ = false;
  u32 known_ = 0;    // the steps up to this number happened before the reader's next one
  u32 pending_ = 0;  // and up to this one before its next acquire fence
  u32 reached_ = 0;  // the newest step it has seen anything of
  std::vector<Look> looks_;
  u64 loads_ = 0;  // in all executions
};

/// The one that the substitutes for std::atomic and the operating system work on.
WeakMemory& memory();
/// Another one, empty, takes its place.
WeakMemory& new_memory();

}  // namespace shmeter::model
