// SPDX-License-Identifier: MIT
// A client of the control socket inside a test: it speaks over a real socket while the test turns
// the server's loop by hand.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/loop/loop.hpp"
#include "collector/serve/unix_socket.hpp"

namespace shmeter::test {

class Client {
 public:
  Client(collector::Loop& loop, const std::string& path) : loop_(&loop) {
    auto fd = collector::connect_unix(path);
    if (fd) fd_ = std::move(*fd);
    turn();
  }
  /// Over TCP, to 127.0.0.1.
  Client(collector::Loop& loop, std::uint16_t port) : loop_(&loop) {
    collector::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      fd_ = std::move(fd);
    turn();
  }

  bool connected() const { return static_cast<bool>(fd_); }
  /// Sends all of it, turning the loop for room; false when the other side has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EAGAIN) return false;
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
      turn();
    }
    return true;
  }
  /// What fits into the kernel, without a turn of the loop.
  std::size_t push(std::string_view bytes) {
    const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  void half_close() {
    ::shutdown(fd_.get(), SHUT_WR);
    turn();
  }
  void close() {
    fd_ = collector::Fd();
    turn();
  }
  /// Everything that can be had now.
  std::string& receive() {
    for (int quiet = 0; quiet < 3;) {
      std::array<char, 65536> bytes;
      const ssize_t n = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (n > 0) {
        got_.append(bytes.data(), static_cast<std::size_t>(n));
        quiet = 0;
      } else {
        at_end_ = at_end_ || n == 0 || (errno != EAGAIN && errno != EINTR);
        ++quiet;
      }
      loop_->turn();
    }
    return got_;
  }
  bool at_end() {
    receive();
    return at_end_;
  }
  /// The next line without its newline; "(nothing)" when none has come.
  std::string line() {
    receive();
    const auto newline = got_.find('\n');
    if (newline == std::string::npos) return "(nothing)";
    std::string line = got_.substr(0, newline);
    got_.erase(0, newline + 1);
    return line;
  }
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    for (std::string one = line(); one != "(nothing)"; one = line()) all.push_back(std::move(one));
    return all;
  }
  std::string ask(std::string_view request) {
    send(std::string(request) + '\n');
    return line();
  }

 private:
  void turn() {
    for (int i = 0; i < 2; ++i) loop_->turn();
  }

  collector::Loop* loop_;
  collector::Fd fd_;
  std::string got_;
  bool at_end_ = false;
};

}  // namespace shmeter::test
