// SPDX-License-Identifier: MIT
// The two readers of the region. They never write, never block, hold nothing, and believe nothing
// that they have not checked. Freestanding: no libc, heap, exceptions or RTTI; the operating system
// is os.hpp.
//
// Both copy records with pread from a descriptor that they keep: faster than a mapping for one
// shot, and a file that is cut short under them is a short read, not a SIGBUS. MappedReader has a
// mapping besides, for what only a mapping can do: sleeping on `notify`, and reading in place in a
// process that looks at the region a million times a second.
#pragma once

#include <cstddef>
#include <string_view>

#include "shm/layout.hpp"
#include "shm/os.hpp"
#include "shm/ring.hpp"
#include "shm/slot.hpp"

namespace shmeter::shm {

enum class Opened {
  ok,
  absent,           // nothing there
  forbidden,        // not a plain file of ours that only we can write, or no permission
  not_ready,        // a region without its first picture
  foreign_version,  // another layout major, byte order, or a minor that no longer serves us
  corrupt           // not what it must be
};
enum class Liveness {
  live,
  stale,      // the writer is gone or has stopped
  wedged,     // it is there, but its heartbeat is older than kWedgedAfter_ns
  superseded  // another file took this one's place: open the path again
};
inline constexpr i64 kWedgedAfter_ns = 15'000'000'000;  // three heartbeats

/// How old a picture is, in seconds: 0 while its writer is well, as nothing newer is known; else
/// the time since the writer last showed that it was (its heartbeat), or, where clocks cannot be
/// compared, since the picture was published. kUnknown when neither is known.
template <class Reader>
i64 picture_age_s(const Reader& reader, Liveness liveness, i64 published_at_ms, i64 now_s) {
  if (liveness == Liveness::live) return 0;  // and no clock is asked
  const i64 heartbeat_age_ns = reader.heartbeat_age_ns();
  if (known(heartbeat_age_ns)) return heartbeat_age_ns / 1'000'000'000;
  if (!known(published_at_ms)) return kUnknown;
  const i64 age_s = now_s - published_at_ms / 1000;
  return age_s > 0 ? age_s : 0;
}

/// The live words as plain values, as they lie in the file from kLiveOffset on.
struct LiveValues {
  u64 begin = 0, head = 0;
  u32 notify = 0, state = 0;
  u64 unused_1[5] = {};
  u64 heartbeat_ns = 0, adoptions = 0, writer_pid = 0, writer_started_at_s = 0;
  u64 unused_2[4] = {};
};
static_assert(sizeof(LiveValues) == sizeof(Live));
static_assert(offsetof(LiveValues, head) == offsetof(Live, head));
static_assert(offsetof(LiveValues, notify) == offsetof(Live, notify));
static_assert(offsetof(LiveValues, state) == offsetof(Live, state));
static_assert(offsetof(LiveValues, heartbeat_ns) == offsetof(Live, heartbeat_ns));
static_assert(offsetof(LiveValues, writer_started_at_s) == offsetof(Live, writer_started_at_s));

/// Reads by pread. Closes in its destructor.
class FileReader {
 public:
  FileReader() noexcept = default;
  ~FileReader() noexcept { close(); }
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  /// Opens and checks everything that does not change: kind of file, owner and mode (unless
  /// `any_owner`: the user named this very path), version, every offset against the file's size.
  /// `euid`: ours, for who knows it already.
  Opened open(const char* path, bool any_owner,
              u64 euid = static_cast<u64>(os::effective_uid())) noexcept;
  void close() noexcept;

  /// Calls `copy(FileSlot&)` until all that it copied is of one publication, at most kMaxTries
  /// times; what it wrote before may be torn. `copy` returns false to say that the slot cannot be
  /// right: corrupt, unless it was overwritten meanwhile. The first snapshot is of the moment of
  /// open(), every later one of its own.
  template <class Copy>
  Opened snapshot(Copy&& copy) noexcept {
    for (u32 tries = 0; tries < kMaxTries; ++tries) {
      if (!live_is_fresh_ && !refresh()) return Opened::corrupt;
      const u64 sequence = live_.head;
      if (sequence == 0) return Opened::not_ready;
      std::atomic_thread_fence(std::memory_order_acquire);
      FileSlot slot(FileBytes(fd_, slot_offset(sequence)), header_, sequence);
      const bool whole = copy(slot);
      std::atomic_thread_fence(std::memory_order_acquire);
      if (!refresh()) return Opened::corrupt;
      if (was_whole(live_.begin, sequence)) return whole ? Opened::ok : Opened::corrupt;
    }
    return Opened::corrupt;
  }

  /// Of the moment of the last snapshot. Asks the kernel for the writer's lock.
  Liveness liveness() const noexcept;
  /// kUnknown when there is none or it lies ahead (another boot or time namespace).
  i64 heartbeat_age_ns() const noexcept;
  /// Reads the live words anew; false when the file has become too short.
  bool refresh() noexcept;

  const Header& header() const noexcept { return header_; }
  const LiveValues& live() const noexcept { return live_; }
  u64 writer_pid() const noexcept { return live_.writer_pid; }
  /// For people.
  std::string_view writer_version() const noexcept;
  int fd() const noexcept { return fd_; }
  u64 device() const noexcept { return device_; }
  u64 inode() const noexcept { return inode_; }

 private:
  u64 slot_offset(u64 sequence) const noexcept {
    return header_.slots_offset + sequence % kSlots * header_.slot_stride;
  }
  Opened read_front(u64 file_size) noexcept;

  int fd_ = -1;
  bool live_is_fresh_ = false;  // read by open(): the first snapshot need not read it again
  u64 device_ = 0, inode_ = 0;
  Header header_{};
  LiveValues live_{};
  char writer_version_[kVersionTextBytes] = {};
};

/// The same as snapshot, in memory: `base` is the start of a region whose header has been checked.
template <class Copy>
Opened snapshot_in_place(const char* base, const Header& header, Copy&& copy) noexcept {
  const Live& live = *reinterpret_cast<const Live*>(base + kLiveOffset);
  for (u32 tries = 0; tries < kMaxTries; ++tries) {
    const u64 sequence = newest(live);
    if (sequence == 0) return Opened::not_ready;
    const char* at = base + header.slots_offset + sequence % kSlots * header.slot_stride;
    MappedSlot slot(MappedBytes(at), header, sequence);
    const bool whole = copy(slot);
    if (still_whole(live, sequence)) return whole ? Opened::ok : Opened::corrupt;
  }
  return Opened::corrupt;
}

/// Keeps the region open and can wait for its changes.
class MappedReader {
 public:
  MappedReader() noexcept = default;
  ~MappedReader() noexcept { close(); }
  MappedReader(const MappedReader&) = delete;
  MappedReader& operator=(const MappedReader&) = delete;

  Opened open(const char* path, bool any_owner,
              u64 euid = static_cast<u64>(os::effective_uid())) noexcept;
  void close() noexcept;

  /// Safe even when the file is cut short under it: never touches the mapping.
  template <class Copy>
  Opened snapshot(Copy&& copy) noexcept {
    return file_.snapshot(copy);
  }
  /// Reads the live words anew first.
  Liveness liveness() noexcept { return file_.refresh() ? file_.liveness() : Liveness::superseded; }
  i64 heartbeat_age_ns() const noexcept { return file_.heartbeat_age_ns(); }
  /// The value to wait on, to be taken before the snapshot. By pread, as safe as snapshot.
  u32 notify() noexcept {
    if (!file_.refresh()) return 0;
    std::atomic_thread_fence(std::memory_order_acquire);  // W5: the snapshot is not older
    return file_.live().notify;
  }
  /// Sleeps while `notify` is what was seen, at most until that CLOCK_MONOTONIC time. >= 0 = woken
  /// or changed already; -ETIMEDOUT, -EINTR; anything else, such as -EFAULT of a file cut short,
  /// would come back at once for ever: open the path again.
  long wait(u32 seen, i64 until_monotonic_ns) const noexcept;
  /// False when the path is gone, names another file, or the file was cut short.
  bool path_still_ours(const char* path) const noexcept;

  /// In place, for hosts that poll: head() is one load, snapshot_in_place copies from the mapping.
  /// A file that is cut short under these two is a SIGBUS; intact() asks the kernel before.
  u64 head() const noexcept { return newest(*reinterpret_cast<const Live*>(base_ + kLiveOffset)); }
  template <class Copy>
  Opened snapshot_in_place(Copy&& copy) noexcept {
    return shm::snapshot_in_place(base_, file_.header(), copy);
  }
  bool intact() const noexcept;

  const Header& header() const noexcept { return file_.header(); }
  u64 writer_pid() const noexcept { return file_.writer_pid(); }
  std::string_view writer_version() const noexcept { return file_.writer_version(); }
  int fd() const noexcept { return file_.fd(); }
  u64 device() const noexcept { return file_.device(); }
  u64 inode() const noexcept { return file_.inode(); }

 private:
  FileReader file_;
  const char* base_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace shmeter::shm
