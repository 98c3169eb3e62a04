// SPDX-License-Identifier: MIT
#include "collector/serve/page_sessions.hpp"

#include <algorithm>
#include <utility>

#include "collector/loop/random.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kBytes = 32;

}  // namespace

bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size() || a.empty()) return false;
  unsigned differ = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    differ |=
        static_cast<unsigned char>(a[i]) ^ static_cast<unsigned>(static_cast<unsigned char>(b[i]));
  return differ == 0;
}

std::string_view cookie_value(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = header.find(';');
    std::string_view one = header.substr(0, end);
    header.remove_prefix(end == header.npos ? header.size() : end + 1);
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    if (one.starts_with(name) && one.substr(name.size()).starts_with('='))
      return one.substr(name.size() + 1);
  }
  return {};
}

std::string PageSessions::add(std::vector<Secret>& to, std::int64_t until_ms) {
  std::string text = random_hex(kBytes);
  if (text.empty()) return text;
  if (to.size() == kMost) {
    to.erase(to.begin());
    ended_ = ended_ || &to == &sessions_;
  }
  to.push_back({text, until_ms});
  return text;
}

std::string PageSessions::make_link(std::int64_t now_ms) {
  return add(links_, now_ms + kLinkLasts_ms);
}

std::string PageSessions::open(std::string_view link, std::int64_t now_ms) {
  bool found = false;
  // All of them are compared: nothing is learned from how long that takes.
  std::erase_if(links_, [&](const Secret& one) {
    const bool same = same_secret(one.text, link);
    found = found || (same && now_ms < one.until_ms);
    return same || now_ms >= one.until_ms;
  });
  return found ? add(sessions_, now_ms + kSessionLasts_ms) : std::string();
}

bool PageSessions::is_open(std::string_view session, std::int64_t now_ms) const {
  bool found = false;
  for (const Secret& one : sessions_)
    found = (same_secret(one.text, session) && now_ms < one.until_ms) || found;
  return found;
}

void PageSessions::end_all() {
  ended_ = ended_ || !sessions_.empty();
  links_.clear();
  sessions_.clear();
}

bool PageSessions::have_ended(std::int64_t now_ms) {
  const auto old = [&](const Secret& one) { return now_ms >= one.until_ms; };
  std::erase_if(links_, old);
  ended_ = std::erase_if(sessions_, old) > 0 || ended_;
  return std::exchange(ended_, false);
}

}  // namespace shmeter::collector
