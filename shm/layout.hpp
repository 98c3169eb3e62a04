// SPDX-License-Identifier: MIT
// The region as bytes: header, live words, schema text, then four slots that each hold a whole
// picture. Invariant: a reader that copied from slot `head % 4` and afterwards still finds `begin -
// head < 4` holds bytes of one publication. Everything before the live words never changes in a
// published file.
//
//   0    Header        written once, magic last
//   512  begin, head   own cache line; notify, state beside them
//   576  heartbeat, adoptions, pid, start
//   768  writer version, text
//   1024 schema text
//   ...  slots, page aligned: summary | accounts | models | formats | index | text | sessions
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "shm/picture.hpp"

namespace shmeter::shm {

inline constexpr u64 kMagic = 0x31524554454d4853u;  // "SHMETER1" read as little endian
inline constexpr u32 kEndian = 0x01020304;
inline constexpr u32 kLayoutMajor = 1;
inline constexpr u32 kLayoutMinor = 2;
inline constexpr u32 kLayoutCompatMinor = 0;
inline constexpr u32 kSlots = 4;  // the knee: facts of the ring in shm/README.md
inline constexpr std::size_t kHeaderBytes = 1024;
inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kVersionTextBytes = 32;
inline constexpr u64 kMaxFileBytes = u64{256} << 20;  // a header that claims more is not believed

SHMETER_STRUCT(Section, SHMETER_SECTION_FIELDS);
SHMETER_STRUCT(Header, SHMETER_HEADER_FIELDS);

/// The words that change, as they lie in the file from kLiveOffset on.
struct Live {
  alignas(64) std::atomic<u64> begin;
  std::atomic<u64> head;
  std::atomic<u32> notify;
  std::atomic<u32> state;
  alignas(64) std::atomic<u64> heartbeat_ns;
  std::atomic<u64> adoptions;
  std::atomic<u64> writer_pid;
  std::atomic<u64> writer_started_at_s;
};
inline constexpr std::size_t kLiveOffset = 512;
inline constexpr std::size_t kWriterVersionOffset = 768;

static_assert(std::atomic<u64>::is_always_lock_free && sizeof(std::atomic<u64>) == 8);
static_assert(std::atomic<u32>::is_always_lock_free && sizeof(std::atomic<u32>) == 4);
static_assert(sizeof(Header) <= kLiveOffset && sizeof(Live) == 128);
static_assert(kLiveOffset + sizeof(Live) <= kWriterVersionOffset);
static_assert(offsetof(Live, head) == 8 && offsetof(Live, notify) == 16 &&
              offsetof(Live, state) == 20);
static_assert(offsetof(Live, heartbeat_ns) == 64);

}  // namespace shmeter::shm
