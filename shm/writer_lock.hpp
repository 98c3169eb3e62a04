// SPDX-License-Identifier: MIT
// The runtime directory and the lock that makes its holder the only writer. Invariant: while a
// WriterLock lives, its process holds the write lock on a file that it owns, in a directory that it
// owns and nobody else can write. The kernel frees the lock when the process dies, however it dies.
#pragma once

#include <optional>
#include <string>

namespace shmeter::shm {

enum class FailureCode {
  exists,      // another collector holds the lock
  forbidden,   // not ours, or not safe
  unavailable  // the world says no for now: disk full, limit reached, no such parent
};

/// A code to branch on, and one line for people: path, cause, what to do.
struct Failure {
  FailureCode code = FailureCode::unavailable;
  std::string message;
};

/// A descriptor that closes itself. -1 = none.
class Fd {
 public:
  Fd() noexcept = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept;

 private:
  int fd_ = -1;
};

/// Holds `lock` in the runtime directory for life. The process must not fork without exec: the lock
/// follows the open file.
class WriterLock {
 public:
  /// Makes the directory (0700) if it is not there; its parent must be. Empty when it cannot be
  /// had: `why` says so, with the holder's pid if it is `exists`.
  static std::optional<WriterLock> take(const std::string& dir, Failure& why);

  /// After the directory's content vanished: makes it again and holds the lock there. False when
  /// somebody else holds it by now, or it cannot be made.
  bool renew(Failure& why);
  /// Keeps cleaners of aged files away from it.
  void touch() const noexcept;

  const std::string& dir() const noexcept { return dir_; }
  int dir_fd() const noexcept { return dir_fd_.get(); }

 private:
  std::string dir_;
  Fd dir_fd_;
  Fd lock_;
};

}  // namespace shmeter::shm
