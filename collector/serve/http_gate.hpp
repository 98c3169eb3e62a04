// SPDX-License-Identifier: MIT
// Who may ask what over HTTP. Invariant: whoever comes over the unix socket is the same user, by
// the kernel; over TCP nothing but `/healthz` is told to anybody who has no token, whatever page a
// browser was lured to, and one token never does what the other is for.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "collector/serve/http_message.hpp"

namespace shmeter::collector {

/// What a route needs.
enum class HttpAccess {
  open,   // nothing
  read,   // the token for everything
  write,  // that, or the one that can only hand something in
};

struct HttpTokens {
  std::string all;      // http.token
  std::string hand_in;  // otel.token
};

/// So many at once, and so many a second.
class RateLimit {
 public:
  RateLimit(double per_s, double burst) : per_s_(per_s), burst_(burst), left_(burst) {}
  bool take(std::int64_t now_ms);

 private:
  double per_s_;
  double burst_;
  double left_;
  std::int64_t last_ms_ = 0;
};

class HttpGate {
 public:
  explicit HttpGate(HttpTokens tokens) : tokens_(std::move(tokens)) {}

  void set_tokens(HttpTokens tokens) { tokens_ = std::move(tokens); }
  /// Names under which TCP may be asked: `127.0.0.1`, `localhost` and `[::1]` always, with any
  /// port; `also` is the host of a proxy, empty = none.
  void set_host(std::string also) { also_ = std::move(also); }

  /// The refusal, if it is one: 401, 403, 429.
  std::optional<HttpReply> refuse(const HttpHead& head, HttpAccess access, std::int64_t now_ms);

 private:
  bool is_our_host(std::string_view host) const;

  HttpTokens tokens_;
  std::string also_;
  // Each has its own, so that none can use up another's.
  RateLimit local_{20'000, 20'000};
  RateLimit all_{10'000, 10'000};
  RateLimit hand_in_{2'000, 4'000};
  RateLimit strangers_{20, 100};
};

/// In a time that does not depend on where they differ.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace shmeter::collector
