// SPDX-License-Identifier: MIT
#include "collector/setup/json_scanner.hpp"

namespace shmeter::collector {
namespace {

constexpr int kMostDepth = 100;

}  // namespace

bool JsonScanner::whole(JsonObject& to) { return skip_space() && object(&to, 0) && ends(); }

bool JsonScanner::whole(JsonArray& to) { return skip_space() && array(&to, 0) && ends(); }

bool JsonScanner::ends() {
  if (!skip_space()) return false;
  return at_ == text_.size() || wrong("something stands behind it");
}

bool JsonScanner::object_at(std::size_t at, JsonObject& to) {
  at_ = at;
  return object(&to, 0);
}

std::size_t JsonScanner::behind_space(std::size_t at) {
  at_ = at;
  skip_space();
  return at_;
}

bool JsonScanner::once(const JsonObject& object, std::string_view name) {
  const JsonMember* const first = object.find(name);
  for (const JsonMember& member : object.members) {
    if (member.name != name || &member == first) continue;
    at_ = member.key;
    return wrong("a second member of that name");
  }
  return true;
}

Error JsonScanner::error() const {
  const std::string_view before = text_.substr(0, at_);
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 = 0
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  return {Errc::invalid,
          std::to_string(line) + ':' + std::to_string(at_ - line_start + 1) + ": " + what_};
}

bool JsonScanner::wrong(const char* what) {
  if (what_ == nullptr) what_ = what;
  return false;
}

/// Comments, too.
bool JsonScanner::skip_space() {
  for (;;) {
    at_ = std::min(text_.find_first_not_of(kJsonSpace, at_), text_.size());
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (rest.starts_with("/*")) {
      const auto end = text_.find("*/", at_ + 2);
      if (end == text_.npos) return wrong("a comment without end");
      at_ = end + 2;
    } else {
      return true;
    }
  }
}

bool JsonScanner::string(std::string_view* inside) {
  const std::size_t begin = at_ + 1;
  if (!take('"', "a text in quotes is expected")) return false;
  for (; at_ < text_.size() && text_[at_] != '"'; ++at_)
    if (text_[at_] == '\\') ++at_;
  if (at_ >= text_.size()) return at_ = begin - 1, wrong("a text without end");
  if (inside != nullptr) *inside = text_.substr(begin, at_ - begin);
  ++at_;
  return true;
}

bool JsonScanner::value(int depth) {
  switch (peek()) {
    case '"':
      return string();
    case '{':
      return object(nullptr, depth + 1);
    case '[':
      return array(nullptr, depth + 1);
    default: {
      const std::size_t begin = at_;
      at_ = std::min(text_.find_first_of(" \t\r\n,:{}[]\"/", at_), text_.size());
      return at_ > begin || wrong("a value is expected");
    }
  }
}

/// Calls element() until `close`, with commas between.
template <class Element>
bool JsonScanner::list(char close, Element&& element) {
  ++at_;
  while (skip_space()) {
    if (peek() == close) return ++at_, true;
    if (!element() || !skip_space()) return false;
    if (peek() == close) continue;
    if (!take(',', "a comma is expected")) return false;
  }
  return false;
}

bool JsonScanner::array(JsonArray* to, int depth) {
  if (peek() != '[') return wrong("a list is expected");
  if (depth > kMostDepth) return wrong("too deep");
  if (to != nullptr) to->open = at_;
  const bool done = list(']', [&] {
    const std::size_t begin = at_;
    if (!value(depth)) return false;
    if (to != nullptr) to->elements.push_back({begin, at_});
    return true;
  });
  if (done && to != nullptr) to->close = at_ - 1;
  return done;
}

bool JsonScanner::object(JsonObject* to, int depth) {
  if (peek() != '{') return wrong("an object is expected");
  if (depth > kMostDepth) return wrong("too deep");
  if (to != nullptr) to->open = at_;
  const bool done = list('}', [&] {
    JsonMember member;
    member.key = at_;
    if (!string(&member.name) || !skip_space() || !take(':', "a colon is expected") ||
        !skip_space())
      return false;
    member.value = at_;
    if (!value(depth)) return false;
    member.end = at_;
    if (to != nullptr) to->members.push_back(member);
    return true;
  });
  if (done && to != nullptr) to->close = at_ - 1;
  return done;
}

}  // namespace shmeter::collector
