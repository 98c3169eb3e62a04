// SPDX-License-Identifier: MIT
// Who may look at the dashboard in a browser: links that open once, and the sessions that they
// open. In memory alone. Invariant: both are bounded and end by themselves; a link opens one
// session, and a secret of one can do nothing as the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shmeter::collector {

/// In a time that does not depend on where they differ. Nothing is the same as an empty one.
bool same_secret(std::string_view a, std::string_view b);

/// The value of the cookie of that name in a `Cookie` header; empty when there is none.
std::string_view cookie_value(std::string_view header, std::string_view name);

class PageSessions {
 public:
  static constexpr std::int64_t kLinkLasts_ms = 60'000;
  static constexpr std::int64_t kSessionLasts_ms = std::int64_t{12} * 3600 * 1000;
  /// Of each; the oldest gives way.
  static constexpr std::size_t kMost = 16;

  /// The secret of a link, 64 hex digits; empty when the system gives no random bytes.
  std::string make_link(std::int64_t now_ms);
  /// The secret of the session that it opens, and with that the link is used up; empty when it
  /// is none, was used, or is too old.
  std::string open(std::string_view link, std::int64_t now_ms);
  bool is_open(std::string_view session, std::int64_t now_ms) const;
  /// Links, too.
  void end_all();
  /// Forgets what is too old. True when a session has ended, in whatever way, since it was last
  /// asked: who still hears of it must be let go.
  bool have_ended(std::int64_t now_ms);

 private:
  struct Secret {
    std::string text;
    std::int64_t until_ms;
  };
  std::string add(std::vector<Secret>& to, std::int64_t until_ms);

  std::vector<Secret> links_;  // oldest first
  std::vector<Secret> sessions_;
  bool ended_ = false;
};

}  // namespace shmeter::collector
