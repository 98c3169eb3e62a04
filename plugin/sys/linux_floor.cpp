// SPDX-License-Identifier: MIT
// shm/os.hpp and plugin/sys/sys.hpp over raw system calls: no libc, no errno, no state. Only the
// kernel's own headers are used, so that every structure here is the kernel's.
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <asm/stat.h>
#include <linux/auxvec.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/poll.h>
#include <linux/time.h>
#include <linux/un.h>

#include "plugin/sys/linux_call.hpp"
#include "plugin/sys/sys.hpp"
#include "shm/os.hpp"

namespace shmeter {
namespace {

using sys::address;
using sys::call;

constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr long kAgain = -11;  // EAGAIN: the word had changed already
constexpr int kDatagram = 2;  // SOCK_DGRAM
constexpr int kSocketCloexec = O_CLOEXEC;
constexpr int kDontWait = 0x40;    // MSG_DONTWAIT
constexpr int kNoSignal = 0x4000;  // MSG_NOSIGNAL

std::int64_t clock_ns(long clock) noexcept {
  struct __kernel_timespec now = {};
  call(__NR_clock_gettime, clock, address(&now));
  return now.tv_sec * kSecond_ns + now.tv_nsec;
}

__kernel_timespec timespec_of(std::int64_t ns) noexcept {
  return {.tv_sec = ns / kSecond_ns, .tv_nsec = ns % kSecond_ns};
}

long fill(const struct stat& from, os::Stat& out) noexcept {
  out.device = from.st_dev;
  out.inode = from.st_ino;
  out.size = static_cast<std::uint64_t>(from.st_size);
  out.uid = from.st_uid;
  out.mode = from.st_mode;
  constexpr std::uint32_t kType = 0170000, kRegular = 0100000, kDirectory = 0040000;
  out.regular = (from.st_mode & kType) == kRegular;
  out.directory = (from.st_mode & kType) == kDirectory;
  return 0;
}

struct flock write_lock(short type) noexcept {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_len = 1;
  return lock;
}

long poll_one(int fd, short events, short& seen, int timeout_ms) noexcept {
  struct pollfd one = {.fd = fd, .events = events, .revents = 0};
  __kernel_timespec timeout = timespec_of(std::int64_t{timeout_ms} * (kSecond_ns / 1000));
  const long n = call(__NR_ppoll, address(&one), 1, address(&timeout), 0, 0);
  seen = one.revents;
  return n;
}

}  // namespace

namespace os {

long open_readonly(const char* path) noexcept {
  return call(__NR_openat, AT_FDCWD, address(path),
              O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

long close(int fd) noexcept { return call(__NR_close, fd); }

long stat_fd(int fd, Stat& out) noexcept {
  struct stat got;
  const long rc = call(__NR_fstat, fd, address(&got));
  return rc < 0 ? rc : fill(got, out);
}

long stat_path(const char* path, Stat& out) noexcept {
  struct stat got;
  const long rc =
      call(__NR_newfstatat, AT_FDCWD, address(path), address(&got), AT_SYMLINK_NOFOLLOW);
  return rc < 0 ? rc : fill(got, out);
}

long pread(int fd, void* to, std::size_t bytes, std::uint64_t offset) noexcept {
  return call(__NR_pread64, fd, address(to), static_cast<long>(bytes), static_cast<long>(offset));
}

long lock_held(int fd) noexcept {
  struct flock lock = write_lock(F_RDLCK);
  const long rc = call(__NR_fcntl, fd, F_OFD_GETLK, address(&lock));
  return rc < 0 ? rc : lock.l_type != F_UNLCK;
}

long effective_uid() noexcept { return call(__NR_geteuid); }
std::int64_t realtime_ns() noexcept { return clock_ns(0); }
std::int64_t monotonic_ns() noexcept { return clock_ns(1); }

const void* map_readonly(int fd, std::size_t bytes) noexcept {
  const long at = call(__NR_mmap, 0, static_cast<long>(bytes), PROT_READ, MAP_SHARED, fd, 0);
  return at < 0 && at > -4096 ? nullptr : reinterpret_cast<const void*>(at);
}

void unmap(const void* at, std::size_t bytes) noexcept {
  call(__NR_munmap, address(at), static_cast<long>(bytes));
}

long futex_wait(const void* word, std::uint32_t expected,
                std::int64_t until_monotonic_ns) noexcept {
  const __kernel_timespec until = timespec_of(until_monotonic_ns);
  const long rc = call(__NR_futex, address(word), FUTEX_WAIT_BITSET, expected, address(&until), 0,
                       static_cast<long>(FUTEX_BITSET_MATCH_ANY));
  return rc == kAgain ? 0 : rc;
}

}  // namespace os

namespace sys {

long read(int fd, void* to, std::size_t bytes) noexcept {
  return call(__NR_read, fd, address(to), static_cast<long>(bytes));
}

long write(int fd, const void* from, std::size_t bytes) noexcept {
  return call(__NR_write, fd, address(from), static_cast<long>(bytes));
}

void exit(int status) noexcept {
  call(__NR_exit_group, status);
  __builtin_unreachable();
}

long wait_readable(int fd, int timeout_ms) noexcept {
  short seen = 0;
  return poll_one(fd, POLLIN, seen, timeout_ms);
}

bool hung_up(int fd) noexcept {
  short seen = 0;
  return poll_one(fd, 0, seen, 0) > 0 && (seen & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

int unread(int fd) noexcept {
  int bytes = 0;
  return call(__NR_ioctl, fd, FIONREAD, address(&bytes)) == 0 ? bytes : 0;
}

void sleep_until(std::int64_t monotonic_ns) noexcept {
  constexpr long kMonotonic = 1, kAbsolute = 1;
  const __kernel_timespec until = timespec_of(monotonic_ns);
  call(__NR_clock_nanosleep, kMonotonic, kAbsolute, address(&until), 0);
}

long send_datagram(const char* path, const void* bytes, std::size_t size) noexcept {
  struct sockaddr_un to;
  to.sun_family = 1;  // AF_UNIX
  std::size_t n = 0;
  for (; path[n] != '\0'; ++n) {
    if (n + 1 >= sizeof to.sun_path) return -36;  // ENAMETOOLONG
    to.sun_path[n] = path[n];
  }
  to.sun_path[n] = '\0';
  const long fd = call(__NR_socket, to.sun_family, kDatagram | kSocketCloexec, 0);
  if (fd < 0) return fd;
  const long sent =
      call(__NR_sendto, fd, address(bytes), static_cast<long>(size), kDontWait | kNoSignal,
           address(&to), static_cast<long>(offsetof(struct sockaddr_un, sun_path) + n + 1));
  return sent;  // not closed: this is the last second of a process
}

long read_link(const char* path, char* to, std::size_t room) noexcept {
  return call(__NR_readlinkat, AT_FDCWD, address(path), address(to), static_cast<long>(room));
}

long make_directory(const char* path) noexcept {
  return call(__NR_mkdirat, AT_FDCWD, address(path), 0700);
}

long open_stamp(const char* path) noexcept {
  return call(__NR_openat, AT_FDCWD, address(path),
              O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);
}

long try_lock(int fd) noexcept {
  struct flock lock = write_lock(F_WRLCK);
  return call(__NR_fcntl, fd, F_OFD_SETLK, address(&lock));
}

std::int64_t modified_at_s(int fd) noexcept {
  struct stat got;
  const long rc = call(__NR_fstat, fd, address(&got));
  return rc < 0 ? rc : static_cast<std::int64_t>(got.st_mtime);
}

long stdin_from(const void* bytes, std::size_t size) noexcept {
  const long fd = call(__NR_memfd_create, address("stdin"), MFD_CLOEXEC);
  if (fd < 0) return fd;
  const char* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const long n = write(static_cast<int>(fd), from, size);
    if (n <= 0) return n;
    from += n;
    size -= static_cast<std::size_t>(n);
  }
  constexpr long kFromStart = 0;
  call(__NR_lseek, fd, 0, kFromStart);
  return call(__NR_dup3, fd, kStdin, 0);
}

long execute(const char* path, const char* const* argv, const char* const* envp) noexcept {
  return call(__NR_execve, address(path), address(argv), address(envp));
}

namespace {

constexpr long kSigchld = 17;

long fork() noexcept { return call(__NR_clone, kSigchld, 0, 0, 0, 0); }

[[noreturn]] void become(const char* path, const char* const* argv,
                         const char* const* envp) noexcept {
  const long null = call(__NR_openat, AT_FDCWD, address("/dev/null"), O_RDWR);
  for (int fd = 0; fd <= 2; ++fd)
    if (null != fd) call(__NR_dup3, null, fd, 0);
  call(__NR_close_range, 3, ~0U, 0);
  execute(path, argv, envp);
  exit(127);
}

}  // namespace

long spawn_detached(const char* path, const char* const* argv, const char* const* envp) noexcept {
  const long child = fork();
  if (child < 0) return child;
  if (child == 0) {
    call(__NR_setsid);
    if (fork() == 0) become(path, argv, envp);
    exit(0);
  }
  call(__NR_wait4, child, 0, 0, 0);  // of the one in between, which ends at once
  return 0;
}

namespace {

struct KernelAction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};
constexpr unsigned long kHasRestorer = 0x04000000;  // x86-64 demands one; ours never returns

void end_by_signal(int) { exit(0); }
void never_returns() { exit(0); }

}  // namespace

/// The kernel puts pairs of numbers behind the environment: no system call.
bool has_borrowed_rights(const char* const* envp) noexcept {
  static_assert(AT_EUID == AT_UID + 1 && AT_GID == AT_UID + 2 && AT_EGID == AT_UID + 3);
  while (*envp != nullptr) ++envp;
  unsigned long ids[4] = {};
  for (auto pair = reinterpret_cast<const unsigned long*>(envp + 1); pair[0] != AT_NULL; pair += 2)
    if (pair[0] - AT_UID < 4) ids[pair[0] - AT_UID] = pair[1];
  return ids[0] != ids[1] || ids[2] != ids[3];
}

void exit_on_signals() noexcept {
  const KernelAction action = {end_by_signal, kHasRestorer, never_returns, 0};
  for (const long signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE})
    call(__NR_rt_sigaction, signal, address(&action), 0, sizeof action.mask);
}

}  // namespace sys
}  // namespace shmeter
