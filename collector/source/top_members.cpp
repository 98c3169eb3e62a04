// SPDX-License-Identifier: MIT
#include "collector/source/top_members.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

constexpr std::size_t kMaxKey = 128;  // ours are shorter

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

TopMembers::TopMembers(const std::vector<std::string_view>& names, std::size_t most_bytes)
    : most_bytes_(most_bytes) {
  for (const std::string_view name : names) members_.push_back({name, {}, false});
}

std::string_view TopMembers::value(std::size_t name) const {
  return whole() ? std::string_view(members_[name].value) : std::string_view{};
}

void TopMembers::feed(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size() && state_ != State::broken; ++at) {
    // Most of the bytes stand in strings of values that nobody asked for.
    if (state_ == State::in_value && in_string_ && !escaped_ && kept_ == kNone) {
      while (at < bytes.size() && bytes[at] != '"' && bytes[at] != '\\') ++at;
      if (at == bytes.size()) return;
    }
    step(bytes[at]);
  }
}

void TopMembers::step(char c) {
  switch (state_) {
    case State::in_key:
      return step_key(c);
    case State::in_value:
      return step_value(c);
    case State::before:
      if (!is_space(c)) state_ = c == '{' ? State::key_wanted : State::broken;
      return;
    case State::key_wanted:
      if (is_space(c)) return;
      key_.clear();
      state_ = c == '"' ? State::in_key : c == '}' ? State::after : State::broken;
      return;
    case State::colon_wanted:
      if (is_space(c)) return;
      if (c != ':') state_ = State::broken;
      if (c == ':') begin_value();
      return;
    case State::after:
      if (!is_space(c)) state_ = State::broken;
      return;
    case State::broken:
      return;
  }
}

void TopMembers::step_key(char c) {
  if (c == '"' && !escaped_) {
    state_ = State::colon_wanted;
    return;
  }
  escaped_ = c == '\\' && !escaped_;
  if (key_.size() < kMaxKey) key_ += c;
}

void TopMembers::begin_value() {
  state_ = State::in_value;
  kept_ = kNone;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].name != key_ || members_[i].seen) continue;
    members_[i].seen = true;
    kept_ = i;
  }
}

void TopMembers::step_value(char c) {
  if (in_string_) {
    keep(c);
    if (c == '"' && !escaped_) in_string_ = false;
    escaped_ = c == '\\' && !escaped_;
    return;
  }
  if (open_.empty() && (c == ',' || c == '}')) return end_value(c);
  keep(c);
  if (c == '"') in_string_ = true;
  if (c == '{' || c == '[') open_ += c == '{' ? '}' : ']';
  if (open_.size() > kMaxDepth) state_ = State::broken;
  if (c != '}' && c != ']') return;
  if (open_.empty() || open_.back() != c)
    state_ = State::broken;
  else
    open_.pop_back();
}

void TopMembers::end_value(char c) {
  if (kept_ != kNone) {
    std::string& value = members_[kept_].value;
    while (!value.empty() && is_space(value.back())) value.pop_back();
    kept_ = kNone;
  }
  state_ = c == ',' ? State::key_wanted : State::after;
}

void TopMembers::keep(char c) {
  if (kept_ == kNone) return;
  std::string& value = members_[kept_].value;
  if (value.empty() && is_space(c)) return;
  value += c;
  if (value.size() <= most_bytes_) return;
  value = {};
  kept_ = kNone;
}

}  // namespace shmeter::collector
