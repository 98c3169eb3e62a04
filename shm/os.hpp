// SPDX-License-Identifier: MIT
// The few things a reader asks of the operating system, so that one reader source runs over raw
// system calls (plugin/sys) and over libc (shm/os_posix.cpp). Results are >= 0, errors are -errno;
// nothing blocks except futex_wait and poll_hangup, and these only as long as they are told.
#pragma once

#include <cstddef>
#include <cstdint>

namespace shmeter::os {

struct Stat {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::uint32_t uid = 0;
  std::uint32_t mode = 0;  // permission bits and type, as st_mode
  bool regular = false;
  bool directory = false;
};

/// O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC: never follows a link, never hangs on a FIFO.
long open_readonly(const char* path) noexcept;
long close(int fd) noexcept;
long stat_fd(int fd, Stat& out) noexcept;
/// Does not follow a link at the end of the path.
long stat_path(const char* path, Stat& out) noexcept;
long pread(int fd, void* to, std::size_t bytes, std::uint64_t offset) noexcept;
/// 1 = somebody else holds a write lock on byte 0, 0 = free.
long lock_held(int fd) noexcept;
long effective_uid() noexcept;
std::int64_t realtime_ns() noexcept;
std::int64_t monotonic_ns() noexcept;

/// A shared read-only mapping of the whole file, or nullptr.
const void* map_readonly(int fd, std::size_t bytes) noexcept;
void unmap(const void* address, std::size_t bytes) noexcept;
/// Waits while `*word == expected`, at most until the CLOCK_MONOTONIC time. 0 = woken or changed
/// already.
long futex_wait(const void* word, std::uint32_t expected, std::int64_t until_monotonic_ns) noexcept;

}  // namespace shmeter::os
