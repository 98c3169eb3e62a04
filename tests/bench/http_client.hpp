// SPDX-License-Identifier: MIT
// One HTTP client that keeps its connection and waits for each answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "collector/loop/fd.hpp"

namespace shmeter::bench {

/// A port that was free a moment ago.
std::uint16_t free_port();

class HttpClient {
 public:
  /// Both throw std::runtime_error when nobody listens there.
  static HttpClient tcp(std::uint16_t port, const std::string& token);
  static HttpClient local(const std::string& socket);

  /// The answer's whole text. Throws std::runtime_error when none comes.
  std::string get(const std::string& target);
  /// `headers` end in "\r\n" each.
  std::string post(const std::string& target, const std::string& headers, const std::string& body);

  static bool is_ok(std::string_view answer) { return answer.starts_with("HTTP/1.1 200"); }

 private:
  HttpClient(collector::Fd fd, std::string headers)
      : fd_(std::move(fd)), headers_(std::move(headers)) {}
  void send(std::string_view bytes);
  std::string receive();

  collector::Fd fd_;
  std::string headers_;  // of each request
};

}  // namespace shmeter::bench
