// SPDX-License-Identifier: MIT
// Who may ask what over HTTP. Invariant: whoever comes over the unix socket is the same user, by
// the kernel; over TCP nothing but `/healthz` is told to anybody who has no token, whatever page a
// browser was lured to, and one token never does what the other is for. A page's cookie is asked
// for its name and session, and only ever reads.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "collector/serve/http_message.hpp"
#include "collector/serve/page_sessions.hpp"

namespace shmeter::collector {

/// What a route needs.
enum class HttpAccess {
  open,   // nothing
  read,   // the token for everything, or a page's session
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

  /// Other tokens than before end the sessions of all pages.
  void set_tokens(HttpTokens tokens);
  /// Where TCP is listened to: browsers do not tell one port's cookies from another's, their
  /// name has to.
  void set_port(std::uint16_t port) { cookie_ = "shmeter-" + std::to_string(port); }
  /// Names under which TCP may be asked: `127.0.0.1`, `localhost` and `[::1]` always, with any
  /// port; `also` is the host of a proxy, empty = none.
  void set_host(std::string also) { also_ = std::move(also); }

  /// The refusal, if it is one: 401, 403, 429.
  std::optional<HttpReply> refuse(const HttpHead& head, HttpAccess access, std::int64_t now_ms);

  PageSessions& pages() { return pages_; }
  /// `Set-Cookie` of a page's session: not for scripts, not for other sites.
  std::string session_cookie(std::string_view secret) const;

 private:
  bool is_our_host(std::string_view host) const;
  std::optional<HttpReply> refuse_page(const HttpHead& head, HttpAccess access) const;

  HttpTokens tokens_;
  std::string also_;
  PageSessions pages_;
  std::string cookie_ = "shmeter";
  // Each has its own, so that none can use up another's.
  RateLimit local_{20'000, 20'000};
  RateLimit all_{10'000, 10'000};
  RateLimit hand_in_{2'000, 4'000};
  RateLimit in_pages_{1'000, 2'000};
  RateLimit strangers_{20, 100};
};

}  // namespace shmeter::collector
