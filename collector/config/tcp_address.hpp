// SPDX-License-Identifier: MIT
// An IP address with a port, as `127.0.0.1:7483` or `[::1]:7483`. Names are not looked up.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace shmeter::collector {

struct TcpAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
  std::uint16_t port() const;  // 0 = one is to be chosen
  bool is_loopback() const;
};

/// Empty when it is none.
std::optional<TcpAddress> parse_tcp_address(const std::string& text);

}  // namespace shmeter::collector
