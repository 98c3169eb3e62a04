// SPDX-License-Identifier: MIT
// plugin/sys/sys.hpp over libc, for the hosted build: sanitizers, and systems that have no
// freestanding floor. shm/os_posix.cpp is its sibling for shm/os.hpp.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "plugin/sys/sys.hpp"
#include "shm/os.hpp"

namespace shmeter::sys {
namespace {

long result(long rc) noexcept { return rc < 0 ? -errno : rc; }

short poll_one(int fd, short events, int timeout_ms, long& ready) noexcept {
  struct pollfd one = {.fd = fd, .events = events, .revents = 0};
  ready = result(::poll(&one, 1, timeout_ms));
  return one.revents;
}

void end_by_signal(int) { ::_exit(0); }

[[noreturn]] void become(const char* path, const char* const* argv,
                         const char* const* envp) noexcept {
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2; ++fd)
    if (null != fd) ::dup2(null, fd);
  const long open_max = ::sysconf(_SC_OPEN_MAX);
  for (int fd = 3; fd < (open_max > 0 && open_max < 4096 ? open_max : 4096); ++fd) ::close(fd);
  execute(path, argv, envp);
  ::_exit(127);
}

}  // namespace

long read(int fd, void* to, std::size_t bytes) noexcept { return result(::read(fd, to, bytes)); }
long write(int fd, const void* from, std::size_t bytes) noexcept {
  return result(::write(fd, from, bytes));
}
void exit(int status) noexcept { ::_exit(status); }

long wait_readable(int fd, int timeout_ms) noexcept {
  long ready = 0;
  poll_one(fd, POLLIN, timeout_ms, ready);
  return ready;
}

bool hung_up(int fd) noexcept {
  long ready = 0;
  const short seen = poll_one(fd, 0, 0, ready);
  return ready > 0 && (seen & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

int unread(int fd) noexcept {
  int bytes = 0;
  return ::ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : 0;
}

void sleep_until(std::int64_t monotonic_ns) noexcept {
  const std::int64_t left = monotonic_ns - os::monotonic_ns();
  if (left <= 0) return;
  const timespec time = {.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
  ::nanosleep(&time, nullptr);
}

long send_datagram(const char* path, const void* bytes, std::size_t size) noexcept {
  sockaddr_un to = {};
  to.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof to.sun_path) return -ENAMETOOLONG;
  std::memcpy(to.sun_path, path, length);  // `to` is all zero behind it
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  if (fd < 0) return -errno;
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return result(::sendto(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL,
                         reinterpret_cast<const sockaddr*>(&to), sizeof to));
}

long read_link(const char* path, char* to, std::size_t room) noexcept {
  return result(::readlink(path, to, room));
}
long make_directory(const char* path) noexcept { return result(::mkdir(path, 0700)); }

long open_stamp(const char* path) noexcept {
  return result(
      ::open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600));
}

long try_lock(int fd) noexcept {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_len = 1;
#ifdef F_OFD_SETLK
  return result(::fcntl(fd, F_OFD_SETLK, &lock));
#else
  return result(::fcntl(fd, F_SETLK, &lock));
#endif
}

std::int64_t modified_at_s(int fd) noexcept {
  struct stat got;
  return ::fstat(fd, &got) < 0 ? -errno : got.st_mtime;
}

long stdin_from(const void* bytes, std::size_t size) noexcept {
  char name[] = "/tmp/shmeter-stdin.XXXXXX";
  const int fd = ::mkstemp(name);
  if (fd < 0) return -errno;
  ::unlink(name);
  const bool all = ::write(fd, bytes, size) == static_cast<ssize_t>(size);
  const long rc = all && ::lseek(fd, 0, SEEK_SET) == 0 ? result(::dup2(fd, kStdin)) : -EIO;
  ::close(fd);
  return rc;
}

long execute(const char* path, const char* const* argv, const char* const* envp) noexcept {
  return result(::execve(path, const_cast<char* const*>(argv), const_cast<char* const*>(envp)));
}

long spawn_detached(const char* path, const char* const* argv, const char* const* envp) noexcept {
  const pid_t child = ::fork();
  if (child < 0) return -errno;
  if (child == 0) {
    ::setsid();
    if (::fork() == 0) become(path, argv, envp);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  return 0;
}

bool has_borrowed_rights(const char* const*) noexcept {
  return ::getuid() != ::geteuid() || ::getgid() != ::getegid();
}

void exit_on_signals() noexcept {
  struct sigaction action = {};
  action.sa_handler = end_by_signal;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) ::sigaction(signal, &action, nullptr);
}

void set_fallback(std::string_view) noexcept {}  // a hosted build fails loudly

}  // namespace shmeter::sys
