// SPDX-License-Identifier: MIT
// An HTTP server of the tests' own on 127.0.0.1, on a thread: it keeps each request as it came and
// answers what it was told to, in that order, and then 200.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "collector/loop/fd.hpp"

namespace shmeter::test {

class Receiver {
 public:
  Receiver() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), generic, size) == 0 && ::listen(listener_.get(), 16) == 0 &&
        ::getsockname(listener_.get(), generic, &size) == 0)
      port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Receiver() {
    over_ = true;
    thread_.join();
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook?x=1"; }
  /// A whole answer; empty = none, the connection stays open for as long as the other side wants.
  void then(std::string answer) {
    const std::lock_guard hold(lock_);
    answers_.push_back(std::move(answer));
  }
  void then_status(const std::string& status, const std::string& headers = "") {
    then("HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: 2\r\n\r\nno");
  }
  struct Request {
    std::string head;
    std::string body;
    std::chrono::steady_clock::time_point at;
    /// Empty when there is none.
    std::string header(const std::string& name) const {
      const auto begin = head.find("\r\n" + name + ": ");
      if (begin == std::string::npos) return {};
      const auto value = begin + name.size() + 4;
      return head.substr(value, head.find("\r\n", value) - value);
    }
  };
  std::vector<Request> requests() {
    const std::lock_guard hold(lock_);
    return requests_;
  }

 private:
  void run() {
    while (!over_) {
      pollfd wait{listener_.get(), POLLIN, 0};
      if (::poll(&wait, 1, 20) != 1) continue;
      const collector::Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (client) serve(client.get());
    }
  }
  void serve(int fd) {
    std::string text;
    std::size_t end = std::string::npos, whole = 0;
    while (end == std::string::npos || text.size() < whole) {
      if (!more(fd, text)) return;
      end = text.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const auto length = text.find("Content-Length: ");
      whole = end + 4 + (length < end ? std::stoul(text.substr(length + 16)) : 0);
    }
    std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    {
      const std::lock_guard hold(lock_);
      requests_.push_back(
          {text.substr(0, end + 2), text.substr(end + 4), std::chrono::steady_clock::now()});
      if (!answers_.empty()) {
        answer = answers_.front();
        answers_.pop_front();
      }
    }
    for (std::size_t sent = 0; sent < answer.size();) {
      const ssize_t n = ::send(fd, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
    while (answer.empty() && more(fd, text)) {
    }
  }
  bool more(int fd, std::string& text) const {
    pollfd wait{fd, POLLIN, 0};
    while (!over_ && ::poll(&wait, 1, 20) == 0) {
    }
    std::array<char, 4096> bytes;
    const ssize_t n = over_ ? 0 : ::recv(fd, bytes.data(), bytes.size(), 0);
    if (n > 0) text.append(bytes.data(), static_cast<std::size_t>(n));
    return n > 0;
  }

  collector::Fd listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  std::mutex lock_;
  std::deque<std::string> answers_;
  std::vector<Request> requests_;
  std::thread thread_;
};

}  // namespace shmeter::test
