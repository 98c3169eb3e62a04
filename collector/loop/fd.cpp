// SPDX-License-Identifier: MIT
#include "collector/loop/fd.hpp"

#include <poll.h>

#include <cerrno>

namespace shmeter::collector {

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EAGAIN) {
      pollfd poll{.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&poll, 1, -1);
    } else if (n < 0 && errno != EINTR) {
      return false;
    } else if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  return true;
}

}  // namespace shmeter::collector
