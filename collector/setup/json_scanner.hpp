// SPDX-License-Identifier: MIT
// Where things begin and end in somebody's JSON; comments and last commas are let pass, as some
// programs do. Invariant: it looks no closer at a value than that needs, and once something was
// wrong everything answers false.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "collector/result.hpp"

namespace shmeter::collector {

inline constexpr std::string_view kJsonSpace = " \t\r\n";

/// A place in the text: [begin, end).
struct JsonSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct JsonMember {
  std::string_view name;  // between its quotes
  std::size_t key = 0;    // its opening quote
  std::size_t value = 0;  // where the value begins
  std::size_t end = 0;    // and where it is over
};

struct JsonObject {
  std::size_t open = 0;   // the brace
  std::size_t close = 0;  // the other one
  std::vector<JsonMember> members;

  const JsonMember* find(std::string_view name) const {
    const auto at = std::find_if(members.begin(), members.end(),
                                 [&](const JsonMember& member) { return member.name == name; });
    return at == members.end() ? nullptr : &*at;
  }
};

struct JsonArray {
  std::size_t open = 0;   // the bracket
  std::size_t close = 0;  // the other one
  std::vector<JsonSpan> elements;
};

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  /// The object, or the array, that is all there is, but for space.
  bool whole(JsonObject& to);
  bool whole(JsonArray& to);
  bool object_at(std::size_t at, JsonObject& to);
  /// The first place from there on that is neither space nor comment.
  std::size_t behind_space(std::size_t at);
  /// Whether each of its members of that name is the only one: whoever reads the file takes the
  /// first or the last.
  bool once(const JsonObject& object, std::string_view name);
  /// Of the first thing that was wrong.
  Error error() const;

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool wrong(const char* what);
  bool take(char c, const char* what) { return peek() == c ? (++at_, true) : wrong(what); }
  bool ends();
  bool skip_space();
  bool string(std::string_view* inside = nullptr);
  bool value(int depth);
  bool array(JsonArray* to, int depth);
  bool object(JsonObject* to, int depth);
  template <class Element>
  bool list(char close, Element&& element);

  std::string_view text_;
  std::size_t at_ = 0;
  const char* what_ = nullptr;
};

}  // namespace shmeter::collector
