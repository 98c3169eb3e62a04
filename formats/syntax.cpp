// SPDX-License-Identifier: MIT
// See syntax.hpp.
#include "formats/syntax.hpp"

#include "formats/utf8.hpp"

namespace shmeter::formats {

namespace {

constexpr bool is_special(char c) {
  return c == '{' || c == '[' || c == ']' || c == '|' || c == '<' || c == '\\' || c == '\n';
}
constexpr bool is_tag_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

Piece Scanner::next(bool in_group) {
  Piece piece;
  piece.at = at_;
  if (at_ == text_.size()) return piece;
  const std::string_view rest = text_.substr(at_);
  const auto found = [&](Piece::Type type, std::size_t bytes) {
    piece.type = type;
    piece.body = rest.substr(0, bytes);
    at_ += bytes;
    return piece;
  };
  switch (rest[0]) {
    case '\\':
      return escaped();
    case '\n':
      return found(Piece::Type::newline, 1);
    case '{': {
      const std::size_t end = rest.find('}');
      piece.closed = end != rest.npos;
      found(Piece::Type::field, piece.closed ? end + 1 : rest.size());
      piece.body = rest.substr(1, (piece.closed ? end : rest.size()) - 1);
      return piece;
    }
    case '[':
      if (rest.size() > 3 && rest[1] == '!' && rest[2] >= '1' && rest[2] <= '9' && rest[3] == ':') {
        piece.rank = static_cast<std::uint8_t>(rest[2] - '0');
        return found(Piece::Type::group_open, 4);
      }
      return found(Piece::Type::group_open, 1);
    case ']':
      return found(in_group ? Piece::Type::group_close : Piece::Type::text, 1);
    case '|':
      if (in_group && rest.size() > 1 && rest[1] == '|') return found(Piece::Type::alternative, 2);
      return found(Piece::Type::text, 1);
    case '<':
      return tag(piece) ? piece : found(Piece::Type::text, 1);
    default:
      return text_run();
  }
}

Piece Scanner::text_run() {
  Piece piece{.type = Piece::Type::text, .at = at_, .body = {}};
  std::size_t end = at_;
  while (end < text_.size() && !is_special(text_[end])) ++end;
  piece.body = text_.substr(at_, end - at_);
  at_ = end;
  return piece;
}

/// The character behind a backslash; a backslash at the very end is itself.
Piece Scanner::escaped() {
  Piece piece{.type = Piece::Type::text, .at = at_, .body = text_.substr(at_, 1)};
  if (++at_ == text_.size()) return piece;
  piece.body = text_.substr(at_, decode(text_.substr(at_)).bytes);
  at_ += piece.body.size();
  return piece;
}

/// `<` is a tag only as `</>`, `<word>` or `<word:text>` within its line: `<1m` stays text.
bool Scanner::tag(Piece& piece) {
  const std::string_view rest = text_.substr(at_ + 1);
  std::size_t end = 0;
  if (rest.starts_with("/>")) {
    end = 1;
  } else {
    while (end < rest.size() && is_tag_letter(rest[end])) ++end;
    if (end == 0 || end == rest.size()) return false;
    if (rest[end] == ':') end = rest.find_first_of(">\n", end);
    if (end == rest.npos || rest[end] != '>') return false;
  }
  piece.type = Piece::Type::tag;
  piece.body = rest.substr(0, end);
  at_ += end + 2;
  return true;
}

Piece::Type Scanner::skip(Until until) {
  for (std::size_t depth = 0;;) {
    const Piece::Type type = next(true).type;
    if (type == Piece::Type::end) return Piece::Type::group_close;
    if (type == Piece::Type::group_open) ++depth;
    if (depth == 0 && type == Piece::Type::alternative && until == Until::alternative) return type;
    if (type == Piece::Type::group_close && depth-- == 0) return type;
  }
}

std::string_view take_until(std::string_view& text, char separator) noexcept {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return part;
}

FieldCall parse_field(std::string_view body) noexcept {
  FieldCall call;
  call.name = take_until(body, '|');
  for (; !body.empty(); ++call.filter_count) {
    std::string_view text = take_until(body, '|');
    if (call.filter_count >= kMaxFilters) continue;
    FilterCall& filter = call.filters[call.filter_count];
    filter.name = take_until(text, ':');
    for (; !text.empty(); ++filter.argument_count) {
      const std::string_view argument = take_until(text, ':');
      if (filter.argument_count < kMaxArguments) filter.arguments[filter.argument_count] = argument;
    }
  }
  return call;
}

}  // namespace shmeter::formats
