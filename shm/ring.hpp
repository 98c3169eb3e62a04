// SPDX-License-Identifier: MIT
// The publication protocol: four whole pictures in a ring, guarded by `begin` and `head`. One
// writer, any number of readers that never write. Invariant: whatever instruction the writer dies
// at, slot `head % 4` holds the newest whole picture, because the next one is written elsewhere.
//
//   writer                                   reader
//   W1 begin = s        relaxed              R1 s = head          acquire
//   W2 fence            release              R2 copy slot s % 4   relaxed words
//   W3 slot s % 4       relaxed words        R3 fence             acquire
//   W4 head = s         release              R4 begin - s < 4     relaxed
//   W5 notify += 1      release              else again, at most kMaxTries times
//
// W4 pairs with R1: who reads head = s sees all words of W3. W2 pairs with R3: if R2 saw a single
// word of a later publication t in the same slot (t >= s + 4), R4 sees begin >= t and the copy is
// thrown away. Without W2 or R3 this is wrong on every machine but x86, where nothing shows it.
// W5 pairs with the watcher's load of notify before R1, which an acquire fence follows: a futex
// wait on the old value returns at once when a publication came in between, and who has the new
// value gets its picture. A successor that takes over after a death between W1 and W4 publishes the
// same number into the same slot again, which nobody has accepted. tests/shm/model explores it all.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstring>

#include "shm/layout.hpp"

namespace shmeter::shm {

/// The writer is limited to one publication in 50 ms: a second try is rare, 64 mean that the words
/// in the file are not those of a living ring.
inline constexpr u32 kMaxTries = 64;

inline u64 begin_publication(Live& live) noexcept {
  const u64 sequence = live.head.load(std::memory_order_relaxed) + 1;
  live.begin.store(sequence, std::memory_order_relaxed);  // W1
  std::atomic_thread_fence(std::memory_order_release);    // W2
  return sequence;
}

inline void end_publication(Live& live, u64 sequence) noexcept {
  live.head.store(sequence, std::memory_order_release);  // W4
  live.notify.fetch_add(1, std::memory_order_release);   // W5
}

/// 0 = nothing published yet.
inline u64 newest(const Live& live) noexcept {
  return live.head.load(std::memory_order_acquire);  // R1
}

/// R4 on a value of `begin` that was read after an acquire fence.
constexpr bool was_whole(u64 begin, u64 sequence) noexcept { return begin - sequence < kSlots; }

inline bool still_whole(const Live& live, u64 sequence) noexcept {
  std::atomic_thread_fence(std::memory_order_acquire);                     // R3
  return was_whole(live.begin.load(std::memory_order_relaxed), sequence);  // R4
}

// A word that a lock outside the file guarded, or that lies across two lines, would not be one.
static_assert(std::atomic_ref<u64>::is_always_lock_free &&
              std::atomic_ref<u64>::required_alignment == 8);

/// W3: `bytes` (a multiple of 8) from private memory to 8-aligned shared memory.
inline void store_words(void* shared, const void* from, std::size_t bytes) noexcept {
  auto* words = static_cast<u64*>(shared);
  for (std::size_t at = 0; at < bytes; at += 8) {
    u64 word;
    std::memcpy(&word, static_cast<const char*>(from) + at, 8);
    std::atomic_ref<u64>(words[at / 8]).store(word, std::memory_order_relaxed);
  }
}

namespace detail {
inline void load_word(char* to, const u64* shared) noexcept {
  // atomic_ref of a const object is not for C++20's library; a relaxed load writes nothing.
  const u64 word = std::atomic_ref<u64>(const_cast<u64&>(*shared)).load(std::memory_order_relaxed);
  std::memcpy(to, &word, 8);
}
}  // namespace detail

/// R2: `bytes` (a multiple of 8) from 8-aligned shared memory, which may be mapped read-only. Four
/// words a turn, which is what it takes to be half as fast again: no compiler unrolls atomics.
inline void load_words(void* to, const void* shared, std::size_t bytes) noexcept {
  auto* out = static_cast<char*>(to);
  const auto* words = static_cast<const u64*>(shared);
  for (; bytes >= 32; bytes -= 32, out += 32, words += 4) {
    detail::load_word(out, words);
    detail::load_word(out + 8, words + 1);
    detail::load_word(out + 16, words + 2);
    detail::load_word(out + 24, words + 3);
  }
  for (; bytes >= 8; bytes -= 8, out += 8, ++words) detail::load_word(out, words);
}

/// How much of a summary its checksum covers: the record of minor 0, for ever, so that readers of
/// every minor can check every writer's.
inline constexpr std::size_t kCheckedSummaryBytes = 592;
static_assert(sizeof(Summary) >= kCheckedSummaryBytes && kCheckedSummaryBytes % 16 == 0);

/// Two lanes of Fletcher's sum over the words, with the field `checksum` itself left out: cheap
/// enough for every read. Against a file system that breaks the ring's promise, not an adversary.
inline u64 summary_checksum(const Summary& summary) noexcept {
  static_assert(offsetof(Summary, checksum) == 8);
  const auto* bytes = reinterpret_cast<const char*>(&summary);
  const auto word = [bytes](std::size_t at) {
    u64 value;
    std::memcpy(&value, bytes + at, 8);
    return value;
  };
  u64 even = kMagic + word(0);
  u64 odd = ~kMagic;
  u64 evens = even;
  u64 odds = odd;
  for (std::size_t at = 16; at < kCheckedSummaryBytes; at += 16) {
    evens += even += word(at);
    odds += odd += word(at + 8);
  }
  return (even ^ (evens << 1)) + (odd ^ (odds << 2));
}

}  // namespace shmeter::shm
