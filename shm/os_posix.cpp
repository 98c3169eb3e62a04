// SPDX-License-Identifier: MIT
// shm/os.hpp over libc, for everything that is not the freestanding reader.
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "shm/os.hpp"

namespace shmeter::os {
namespace {

long result(long value) { return value < 0 ? -errno : value; }

constexpr std::int64_t kSecond_ns = 1'000'000'000;

std::int64_t clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * kSecond_ns + now.tv_nsec;
}

void fill(const struct stat& from, Stat& to) {
  to.device = from.st_dev;
  to.inode = from.st_ino;
  to.size = from.st_size > 0 ? static_cast<std::uint64_t>(from.st_size) : 0;
  to.uid = from.st_uid;
  to.mode = from.st_mode;
  to.regular = S_ISREG(from.st_mode);
  to.directory = S_ISDIR(from.st_mode);
}

}  // namespace

long open_readonly(const char* path) noexcept {
  return result(::open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

long close(int fd) noexcept { return result(::close(fd)); }

long stat_fd(int fd, Stat& out) noexcept {
  struct stat found {};
  if (::fstat(fd, &found) != 0) return -errno;
  fill(found, out);
  return 0;
}

long stat_path(const char* path, Stat& out) noexcept {
  struct stat found {};
  if (::lstat(path, &found) != 0) return -errno;
  fill(found, out);
  return 0;
}

long pread(int fd, void* to, std::size_t bytes, std::uint64_t offset) noexcept {
  return result(::pread(fd, to, bytes, static_cast<off_t>(offset)));
}

long lock_held(int fd) noexcept {
  struct flock lock {};
  lock.l_type = F_RDLCK;  // only a write lock stands in its way
  lock.l_whence = SEEK_SET;
  lock.l_len = 1;
  if (::fcntl(fd, F_OFD_GETLK, &lock) != 0) return -errno;
  return lock.l_type == F_UNLCK ? 0 : 1;
}

long effective_uid() noexcept { return static_cast<long>(::geteuid()); }

std::int64_t realtime_ns() noexcept { return clock_ns(CLOCK_REALTIME); }
std::int64_t monotonic_ns() noexcept { return clock_ns(CLOCK_MONOTONIC); }

const void* map_readonly(int fd, std::size_t bytes) noexcept {
  void* address = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
  return address == MAP_FAILED ? nullptr : address;
}

void unmap(const void* address, std::size_t bytes) noexcept {
  ::munmap(const_cast<void*>(address), bytes);
}

long futex_wait(const void* word, std::uint32_t expected,
                std::int64_t until_monotonic_ns) noexcept {
  // Not the PRIVATE form: that one is keyed by address space and nobody else could wake it. The
  // BITSET form takes an absolute CLOCK_MONOTONIC time.
  const timespec until{until_monotonic_ns / kSecond_ns, until_monotonic_ns % kSecond_ns};
  const long woken = ::syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, &until, nullptr,
                               FUTEX_BITSET_MATCH_ANY);
  if (woken == 0 || errno == EAGAIN) return 0;
  return -errno;
}

}  // namespace shmeter::os
