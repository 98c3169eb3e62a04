// SPDX-License-Identifier: MIT
#include "tests/bench/http_client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace shmeter::bench {
namespace {

template <class Address>
collector::Fd connected(int family, const Address& address) {
  collector::Fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("HTTP: cannot connect");
  return fd;
}

}  // namespace

std::uint16_t free_port() {
  const collector::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  socklen_t size = sizeof address;
  ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

HttpClient HttpClient::tcp(std::uint16_t port, const std::string& token) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  collector::Fd fd = connected(AF_INET, address);
  // As clients do: else the end of a request waits until what came before it is acknowledged.
  const int yes = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return {std::move(fd), "Host: localhost\r\nAuthorization: Bearer " + token + "\r\n"};
}

HttpClient HttpClient::local(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) throw std::runtime_error("HTTP: path too long");
  std::memcpy(address.sun_path, socket.c_str(), socket.size());
  return {connected(AF_UNIX, address), "Host: localhost\r\n"};
}

std::string HttpClient::get(const std::string& target) {
  send("GET " + target + " HTTP/1.1\r\n" + headers_ + "\r\n");
  return receive();
}

std::string HttpClient::post(const std::string& target, const std::string& headers,
                             const std::string& body) {
  send("POST " + target + " HTTP/1.1\r\n" + headers_ + headers +
       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  send(body);
  return receive();
}

void HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) throw std::runtime_error("HTTP: cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string HttpClient::receive() {
  std::string got;
  for (std::size_t whole = 0; whole == 0 || got.size() < whole;) {
    std::array<char, 16384> piece;
    const ssize_t n = ::recv(fd_.get(), piece.data(), piece.size(), 0);
    if (n <= 0) throw std::runtime_error("HTTP: no answer");
    got.append(piece.data(), static_cast<std::size_t>(n));
    const auto end = got.find("\r\n\r\n");
    const auto length = got.find("Content-Length: ");
    if (end != got.npos && length < end) whole = end + 4 + std::stoul(got.substr(length + 16, 12));
  }
  return got;
}

}  // namespace shmeter::bench
