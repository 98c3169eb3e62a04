// SPDX-License-Identifier: MIT
#include "shm/writer_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "shm/file_lock.hpp"
#include "shm/location.hpp"

namespace shmeter::shm {
namespace {

constexpr mode_t kOthersMayWrite = 022;
constexpr int kMaxTakes = 8;  // somebody may remove the lock file between our open and our lock

Failure because(FailureCode code, const std::string& path, const std::string& what) {
  return {code, path + ": " + what};
}

Failure system_says(const std::string& path, const std::string& what) {
  const int error = errno;
  const bool forbidden = error == EACCES || error == EPERM || error == ELOOP || error == ENOTDIR;
  return because(forbidden ? FailureCode::forbidden : FailureCode::unavailable, path,
                 what + ": " + std::strerror(error));
}

/// Opens the directory, making it if need be, and refuses one in which others could meddle.
Fd open_dir(const std::string& path, Failure& why) {
  const bool made = ::mkdir(path.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) {
    why = system_says(path, "cannot make the runtime directory");
    return {};
  }
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat found {};
  if (!fd || ::fstat(fd.get(), &found) != 0) {
    why = system_says(path, "cannot open the runtime directory (it must be no link)");
    return {};
  }
  if (found.st_uid != ::geteuid()) {
    why = because(FailureCode::forbidden, path,
                  "the runtime directory belongs to user " + std::to_string(found.st_uid));
    return {};
  }
  if ((found.st_mode & kOthersMayWrite) != 0) {
    why = because(FailureCode::forbidden, path,
                  "others may write in the runtime directory: chmod 700 it");
    return {};
  }
  return fd;
}

std::string read_pid(int fd) {
  std::array<char, 16> text{};
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  std::string pid;
  for (ssize_t i = 0; i < n; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') break;
    pid.push_back(c);
  }
  return pid.empty() ? "unknown" : pid;
}

void write_pid(int fd) {
  const std::string text = std::to_string(::getpid()) + "\n";
  // For people only: a lock without its pid is still a lock.
  if (::ftruncate(fd, 0) == 0 && ::pwrite(fd, text.data(), text.size(), 0) < 0) return;
}

bool same_file(int dir, const char* name, int fd) {
  struct stat by_name {};
  struct stat by_fd {};
  return ::fstatat(dir, name, &by_name, AT_SYMLINK_NOFOLLOW) == 0 && ::fstat(fd, &by_fd) == 0 &&
         by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

/// Opens `lock` in the directory and locks it, or says who has it.
Fd take_lock(int dir, const std::string& path, Failure& why) {
  for (int takes = 0; takes < kMaxTakes; ++takes) {
    Fd fd(::openat(dir, kLockName,
                   O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600));
    struct stat found {};
    if (!fd || ::fstat(fd.get(), &found) != 0) {
      why = system_says(path, "cannot open the lock file");
      return {};
    }
    if (!S_ISREG(found.st_mode) || found.st_uid != ::geteuid()) {
      why = because(FailureCode::forbidden, path, "the lock is no plain file of ours: remove it");
      return {};
    }
    if (!lock_byte_0(fd.get())) {
      why = because(FailureCode::exists, path,
                    "another collector is running, pid " + read_pid(fd.get()));
      return {};
    }
    if (!same_file(dir, kLockName, fd.get())) continue;  // removed before we had the lock
    if ((found.st_mode & 0777) != 0600 && ::fchmod(fd.get(), 0600) != 0) {
      why = system_says(path, "cannot make the lock file private");
      return {};
    }
    write_pid(fd.get());
    return fd;
  }
  why = because(FailureCode::unavailable, path, "the lock file vanishes again and again");
  return {};
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

int Fd::release() noexcept { return std::exchange(fd_, -1); }

std::optional<WriterLock> WriterLock::take(const std::string& dir, Failure& why) {
  WriterLock lock;
  lock.dir_ = dir;
  lock.dir_fd_ = open_dir(dir, why);
  if (!lock.dir_fd_) return std::nullopt;
  lock.lock_ = take_lock(lock.dir_fd_.get(), dir + "/" + kLockName, why);
  if (!lock.lock_) return std::nullopt;
  return lock;
}

bool WriterLock::renew(Failure& why) {
  Fd dir = open_dir(dir_, why);
  if (!dir) return false;
  if (!same_file(dir.get(), kLockName, lock_.get())) {
    Fd lock = take_lock(dir.get(), dir_ + "/" + kLockName, why);
    if (!lock) return false;
    lock_ = std::move(lock);
  }
  dir_fd_ = std::move(dir);
  return true;
}

void WriterLock::touch() const noexcept {
  ::futimens(lock_.get(), nullptr);
  ::futimens(dir_fd_.get(), nullptr);
}

}  // namespace shmeter::shm
