// SPDX-License-Identifier: MIT
#include "collector/serve/http_gate.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i)
    if ((authorization[i] | 0x20) != kScheme[i]) return {};
  return authorization.substr(kScheme.size());
}

/// `[::1]:7483` and `localhost` without their port.
std::string_view host_of(std::string_view header) {
  const auto colon = header.rfind(':');
  if (colon == header.npos || header.find_first_not_of("0123456789", colon + 1) != header.npos)
    return header;
  return header.substr(0, colon);
}

}  // namespace

bool RateLimit::take(std::int64_t now_ms) {
  const std::int64_t passed_ms = std::max(now_ms - last_ms_, std::int64_t{0});
  last_ms_ = now_ms;
  left_ = std::min(burst_, left_ + per_s_ * static_cast<double>(passed_ms) / 1000);
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

/// A page that makes a browser ask us under its own name (DNS rebinding) says that name here.
bool HttpGate::is_our_host(std::string_view header) const {
  const std::string_view host = host_of(header);
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]" ||
         (!also_.empty() && host == also_);
}

void HttpGate::set_tokens(HttpTokens tokens) {
  if (tokens.all != tokens_.all) pages_.end_all();
  tokens_ = std::move(tokens);
}

std::string HttpGate::session_cookie(std::string_view secret) const {
  return cookie_ + '=' + std::string(secret) +
         "; Path=/; Max-Age=" + std::to_string(PageSessions::kSessionLasts_ms / 1000) +
         "; HttpOnly; SameSite=Strict";
}

/// Another port of this machine is the same site to a browser, which sends the cookie there: only
/// our own page and who types the address may ask with it. Programs that are no browser say none.
std::optional<HttpReply> HttpGate::refuse_page(const HttpHead& head, HttpAccess access) const {
  if (head.method != HttpMethod::get || access == HttpAccess::write)
    return http_error(403, "a page can only read; `Authorization: Bearer` hands in");
  const std::string_view site = head.sec_fetch_site;
  if (site.empty() || site == "same-origin" || site == "none") return {};
  return http_error(403, "another page asks with this page's session");
}

std::optional<HttpReply> HttpGate::refuse(const HttpHead& head, HttpAccess access,
                                          std::int64_t now_ms) {
  const auto too_many = [] { return http_error(429, "too many requests; try again in a second"); };
  if (head.local) {
    if (!local_.take(now_ms)) return too_many();
    return {};
  }
  if (!is_our_host(head.host))
    return http_error(403, "this is asked under 127.0.0.1, localhost or [::1] only");
  const std::string_view secret = bearer(head.authorization);
  const bool all = same_secret(secret, tokens_.all);
  const bool hand_in = !all && same_secret(secret, tokens_.hand_in);
  // Who says a token is no page.
  const bool page =
      head.authorization.empty() && pages_.is_open(cookie_value(head.cookie, cookie_), now_ms);
  RateLimit& limit = all ? all_ : hand_in ? hand_in_ : page ? in_pages_ : strangers_;
  if (!limit.take(now_ms)) return too_many();
  if (all || access == HttpAccess::open) return {};
  if (page) return refuse_page(head, access);
  if (hand_in && access == HttpAccess::write) return {};
  if (hand_in) return http_error(403, "this token can only hand in usage; http.token reads it");
  return http_error(401, "a token is needed: `Authorization: Bearer` and what http.token holds");
}

}  // namespace shmeter::collector
