// SPDX-License-Identifier: MIT
#include "collector/config/tcp_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>

namespace shmeter::collector {
namespace {

template <class Address>
Address as(const sockaddr_storage& storage) {
  Address address;
  std::memcpy(&address, &storage, sizeof address);
  return address;
}

bool is_six(const TcpAddress& address) { return address.storage.ss_family == AF_INET6; }

}  // namespace

std::uint16_t TcpAddress::port() const {
  return ntohs(is_six(*this) ? as<sockaddr_in6>(storage).sin6_port
                             : as<sockaddr_in>(storage).sin_port);
}

bool TcpAddress::is_loopback() const {
  if (!is_six(*this)) return (ntohl(as<sockaddr_in>(storage).sin_addr.s_addr) >> 24) == 127;
  const auto six = as<sockaddr_in6>(storage);
  return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

std::optional<TcpAddress> parse_tcp_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return {};
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, port);
  if (read.ec != std::errc{} || read.ptr != end) return {};
  std::string host = text.substr(0, colon);
  TcpAddress made;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    host = host.substr(1, host.size() - 2);
    if (::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) != 1) return {};
    std::memcpy(&made.storage, &six, made.size = sizeof six);
  } else {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &four.sin_addr) != 1) return {};
    std::memcpy(&made.storage, &four, made.size = sizeof four);
  }
  return made;
}

}  // namespace shmeter::collector
