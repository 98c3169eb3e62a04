// SPDX-License-Identifier: MIT
// Walks file and value side by side: one step takes one character of the value, which may be an
// escape of several in the file. The literal is known to be right: toml++ has read it.
#include "collector/config/literal.hpp"

namespace shmeter::collector {
namespace {

/// A place in the file that knows its line and column.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool done() const { return at_ >= text_.size(); }
  bool at(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  char now() const { return done() ? '\0' : text_[at_]; }
  Place place() const { return place_; }

  /// Over one character, however many bytes it has.
  void step() {
    if (done()) return;
    if (text_[at_] == '\n')
      place_ = {place_.line + 1, 1};
    else
      ++place_.column;
    do ++at_;
    while (!done() && (static_cast<unsigned char>(text_[at_]) & 0xc0u) == 0x80u);
  }
  void step(std::size_t characters) {
    for (; characters > 0; --characters) step();
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  Place place_;
};

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Over what makes one character of the value; true when that character is a line break. A
/// backslash at the end of a line makes none: it is stepped over with the white space behind it.
bool step_value(Cursor& cursor, bool escapes) {
  if (!escapes || cursor.now() != '\\') {
    const bool line_break = cursor.now() == '\n';
    cursor.step();
    return line_break;
  }
  cursor.step();
  const char kind = cursor.now();
  cursor.step(kind == 'u' ? 5 : kind == 'U' ? 9 : 1);
  return kind == 'n';
}

void skip_line_end_backslash(Cursor& cursor) {
  Cursor ahead = cursor;
  ahead.step();
  bool line_break = false;
  while (blank(ahead.now())) {
    line_break = line_break || ahead.now() == '\n';
    ahead.step();
  }
  if (line_break) cursor = ahead;
}

}  // namespace

Place place_in_file(std::string_view file, Place literal, Place inside) {
  Cursor cursor(file);
  while (!cursor.done() && cursor.place() != literal) cursor.step();
  const bool escapes = cursor.now() == '"';
  const bool multi_line = cursor.at("\"\"\"") || cursor.at("'''");
  const std::string_view end = multi_line ? (escapes ? "\"\"\"" : "'''") : (escapes ? "\"" : "'");
  cursor.step(end.size());
  if (multi_line && cursor.now() == '\r') cursor.step();
  if (multi_line && cursor.now() == '\n') cursor.step();
  for (Place value; !cursor.done();) {
    if (escapes && multi_line && cursor.now() == '\\') skip_line_end_backslash(cursor);
    if (value == inside || cursor.at(end)) break;
    if (step_value(cursor, escapes))
      value = {value.line + 1, 1};
    else
      ++value.column;
  }
  return cursor.place();
}

}  // namespace shmeter::collector
