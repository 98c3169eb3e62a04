// SPDX-License-Identifier: MIT
// What a collector would receive from a reader.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>

namespace shmeter::test {

/// The collector's end of the ingest socket.
class IngestEnd {
 public:
  explicit IngestEnd(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un at = {};
    at.sun_family = AF_UNIX;
    std::strcpy(at.sun_path, path.c_str());
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
      throw std::runtime_error("bind " + path);
  }
  ~IngestEnd() { ::close(fd_); }
  IngestEnd(const IngestEnd&) = delete;
  IngestEnd& operator=(const IngestEnd&) = delete;

  /// The next datagram, empty if there is none.
  std::string take() const {
    std::string bytes(1 << 18, '\0');
    const ssize_t n = ::recv(fd_, bytes.data(), bytes.size(), 0);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }

 private:
  int fd_;
};

}  // namespace shmeter::test
