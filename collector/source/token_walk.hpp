// SPDX-License-Identifier: MIT
// A quick walk over simdjson's index of a line, which says where each bracket, colon, comma and
// value begins: it steps from one to the next and looks at nothing between them that nobody asked
// for. Invariant: a step answers false where the line is broken, but also where it is only unusual
// (white space between tokens, an escape in a name); then nothing is decided, and who walks has
// simdjson read the line. Where all steps answer true, simdjson would read the same.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <limits>
#include <string_view>

#include "collector/source/json_walk.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

/// Sixteen bytes at a time; what is looked at behind the text lies within the line's padding.
inline bool has_escape(std::string_view text) {
  using Bytes [[gnu::vector_size(16)]] = unsigned char;
  using Words [[gnu::vector_size(16)]] = shm::u64;
  constexpr Bytes kPlaces = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  Bytes hits = {};
  for (std::size_t at = 0; at < text.size(); at += sizeof(Bytes)) {
    Bytes part;
    std::memcpy(&part, text.data() + at, sizeof part);
    const auto inside = static_cast<unsigned char>(std::min(text.size() - at, sizeof part));
    hits |= (part == static_cast<unsigned char>('\\')) & (kPlaces < inside);
  }
  const auto words = std::bit_cast<Words>(hits);
  return (words[0] | words[1]) != 0;
}

/// Where the walk stands: before a token, or at the end.
class TokenWalk {
 public:
  TokenWalk(const char* text, const shm::u32* at, const shm::u32* end)
      : text_(text), at_(at), end_(end) {}

  bool at_end() const { return at_ == end_; }
  /// The first character of what comes next, 0 = nothing.
  char token() const { return at_end() ? '\0' : text_[*at_]; }

  /// The bracket or comma, if it is the next token.
  bool take(char wanted) {
    if (token() != wanted) return false;
    ++at_;
    return true;
  }

  /// `"name":`, the name as it stands there.
  bool take_key(std::string_view& key) { return take_text(key) && take(':'); }

  /// A text as it stands there, escapes included.
  bool take_text(std::string_view& text) {
    const std::string_view raw = take_scalar();
    if (raw.size() < 2 || raw.front() != '"' || raw.back() != '"') return false;
    text = raw.substr(1, raw.size() - 2);
    return true;
  }

  /// All of a value that has no parts.
  std::string_view take_scalar() {
    if (end_ - at_ < 2) return {};  // something closes the line behind it
    const shm::u32 begin = *at_++;
    return {text_ + begin, *at_ - begin};
  }

  /// A value of any type.
  bool skip() {
    const char first = token();
    if (first == '{' || first == '[') return leave(0);
    if (!at_end()) ++at_;
    return (first >= '0' && first <= '9') || first == '"' || first == '-' || first == 't' ||
           first == 'f' || first == 'n';
  }

  /// To behind the bracket that closes the last of `depth` that are open.
  bool leave(int depth) {
    while (at_ != end_) {
      depth += kDepth[static_cast<unsigned char>(text_[*at_++])];
      if (depth == 0) return true;
    }
    return false;
  }

  /// Skips the value of a member that nobody knows by its name. With an escape in it that may be
  /// another name than it looks.
  bool skip_member(std::string_view key) { return !has_escape(key) && skip(); }
  /// Changes with every step.
  const shm::u32* place() const { return at_; }

 private:
  static constexpr std::array<signed char, 256> kDepth = [] {
    std::array<signed char, 256> depth{};
    depth['{'] = depth['['] = 1;
    depth['}'] = depth[']'] = -1;
    return depth;
  }();

  const char* text_;
  const shm::u32* at_;
  const shm::u32* end_;
};

/// Makes simdjson's index of a line, or of many at once, in memory that it keeps. Of many: a line
/// feed is white space between values and an error within a text, so where there is no error, each
/// line has the index that it would have alone.
class LineIndex {
 public:
  /// False: not JSON, or there is no memory; then it is the index of nothing. `capacity` >= size.
  bool make(std::string_view lines, std::size_t capacity) {
    lines_ = {};
    if ((!parser_.implementation || this->capacity() < lines.size()) &&
        parser_.allocate(capacity) != simdjson::SUCCESS)
      return false;
    if (parser_.implementation->stage1(reinterpret_cast<const std::uint8_t*>(lines.data()),
                                       lines.size(),
                                       simdjson::stage1_mode::regular) != simdjson::SUCCESS)
      return false;
    lines_ = lines;
    next_ = parser_.implementation->structural_indexes.get();
    return true;
  }

  /// Is `line` one of those, and not before one that was left?
  bool has(std::string_view line) const {
    return std::less_equal<>()(lines_.data(), line.data()) &&
           std::less_equal<>()(line.data() + line.size(), lines_.data() + lines_.size());
  }
  /// From the line's first token.
  TokenWalk walk(std::string_view line) {
    const auto begin = static_cast<shm::u32>(line.data() - lines_.data());
    if (next_ != end() && *next_ < begin) next_ = std::lower_bound(next_, end(), begin);
    return {lines_.data(), next_, end()};
  }
  /// True: the walk ended where the line does, and neither went beyond nor left anything.
  bool leave(const TokenWalk& walk, std::string_view line) {
    const auto behind = static_cast<shm::u32>(line.data() + line.size() - lines_.data());
    const shm::u32* const place = walk.place();
    if (place[-1] >= behind || (place != end() && *place < behind)) return false;
    next_ = place;
    return true;
  }
  std::size_t capacity() const { return parser_.capacity(); }

 private:
  const shm::u32* end() const {
    return parser_.implementation->structural_indexes.get() +
           parser_.implementation->n_structural_indexes;
  }

  simdjson::dom::parser parser_;
  std::string_view lines_;
  const shm::u32* next_ = nullptr;  // first of the line that comes next, or before it
};

/// As for simdjson's walk: calls `visit(key, value)` for each member until it answers false. A
/// value that it does not take is skipped.
template <class Visit>
bool walk_members(TokenWalk& walk, Visit&& visit) {
  if (!walk.take('{')) return false;
  if (walk.take('}')) return true;
  do {
    std::string_view key;
    if (!walk.take_key(key)) return false;
    const shm::u32* const began = walk.place();
    if (!visit(key, walk)) return false;
    if (walk.place() == began && !walk.skip_member(key)) return false;
  } while (walk.take(','));
  return walk.take('}');
}

inline bool says_null(const TokenWalk& value) { return value.token() == 'n'; }
inline bool read_null(TokenWalk& value) { return value.take_scalar() == "null"; }

template <class Visit>
bool walk_object(TokenWalk& value, Else otherwise, Visit&& visit) {
  if (value.token() == '{') return walk_members(value, visit);
  if (says_null(value)) return read_null(value);
  return otherwise == Else::ignored && value.skip();
}

/// A text; empty when it is something else. False also when there is an escape in it.
inline bool read_text(TokenWalk& value, std::string_view& out) {
  out = {};
  if (value.token() != '"') return value.skip();
  return value.take_text(out) && !has_escape(out);
}

inline bool read_flag(TokenWalk& value, bool& out) {
  out = value.token() == 't';
  if (!out && value.token() != 'f') return value.skip();
  return value.take_scalar() == (out ? "true" : "false");
}

inline bool read_count(TokenWalk& value, shm::i64& out) {
  constexpr std::size_t kMostDigits = std::numeric_limits<shm::u32>::digits10 + 1;
  out = 0;
  if (says_null(value)) return read_null(value);
  const std::string_view digits = value.take_scalar();
  if (digits.empty() || digits.size() > kMostDigits) return false;
  if (digits.front() == '0' && digits.size() > 1) return false;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    out = out * 10 + (c - '0');
  }
  return out <= std::numeric_limits<shm::u32>::max();
}

}  // namespace shmeter::collector
