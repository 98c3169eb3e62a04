// SPDX-License-Identifier: MIT
// What a request is answered with, as values: commands make it, the server brings it to its client,
// and neither knows the other.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace shmeter::collector {

/// What a client is told again and again.
class Feed {
 public:
  virtual ~Feed() = default;
  /// Everything that is new since the last call, as one line without its newline; empty = nothing.
  virtual std::string next() = 0;
};

struct Reply {
  std::string line;            // without its newline, and with none in it
  std::unique_ptr<Feed> feed;  // what comes behind it; then the client asks nothing more
};

/// To be called once, on the loop, at once or when it is known.
using Answer = std::function<void(Reply)>;

/// What follows a request's line.
struct Body {
  std::size_t bytes = 0;
  /// The request will not be run; this is its answer, and `bytes` are thrown away.
  std::optional<std::string> refused;
  /// Nobody can say where the next request begins: the client is answered and let go.
  bool hopeless = false;
};

/// What a server serves. Arguments live during the call.
class Service {
 public:
  virtual ~Service() = default;
  virtual Body body_of(std::string_view line) = 0;
  /// `body` has as many bytes as body_of said.
  virtual void run(std::string_view line, std::string_view body, Answer answer) = 0;
};

}  // namespace shmeter::collector
