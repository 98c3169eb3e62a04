// SPDX-License-Identifier: MIT
// The bytes of one client, in whatever pieces they come, as requests: a line, and behind some lines
// a body. No sockets. Invariant: what is kept is at most one line, or one body, and what came in
// the last piece; after a line that is too long, or one of unknown extent, nothing is believed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "collector/serve/answer.hpp"

namespace shmeter::collector {

/// Longest request line without its newline, in bytes.
inline constexpr std::size_t kMaxRequestLine = std::size_t{64} << 10;

class RequestReader {
 public:
  enum class Step {
    hungry,   // more bytes are needed
    request,  // line() and body() are to be run
    refused,  // refusal() is the answer; what comes behind is read on
    lost,     // the same, but nothing that comes is read any more
  };

  explicit RequestReader(Service& service) : service_(service) {}

  void append(std::string_view bytes);
  /// The next step; texts of the last one die.
  Step next();
  /// No more bytes will come: hungry when nothing was left, else refused, once.
  Step end();

  std::string_view line() const { return line_; }
  std::string_view body() const { return body_; }
  const std::string& refusal() const { return refusal_; }

  /// Bytes of the body that is being read.
  std::size_t body_bytes() const { return body_.size(); }
  /// Forgets the request whose body is being read; the body's rest is thrown away.
  void refuse_body();

 private:
  Step take_line();
  void take_body();
  Step refuse(std::string reason, Step step);

  Service& service_;
  std::string in_;        // not looked at yet, from at_ on
  std::size_t at_ = 0;    // in in_
  std::string line_;      // of the running request
  std::string body_;      // of the running request, as far as it came
  std::size_t need_ = 0;  // bytes of the body still to come
  std::size_t skip_ = 0;  // bytes to throw away
  bool in_body_ = false;
  bool done_ = false;  // line_ and body_ were handed out
  bool lost_ = false;
  std::string refusal_;
};

}  // namespace shmeter::collector
