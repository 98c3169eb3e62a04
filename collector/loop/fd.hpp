// SPDX-License-Identifier: MIT
// Owner of one file descriptor.
#pragma once

#include <unistd.h>

#include <string_view>
#include <utility>

namespace shmeter::collector {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }

  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }
  /// Whose it is then.
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// All of them, waiting for room where there is none. False: errno says why.
bool write_all(int fd, std::string_view bytes);

}  // namespace shmeter::collector
