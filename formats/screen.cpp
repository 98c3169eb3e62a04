// SPDX-License-Identifier: MIT
// See screen.hpp.
#include "formats/screen.hpp"

#include <cstring>

#include "formats/utf8.hpp"

namespace shmeter::formats {

namespace {

constexpr Style kSeparator = {Tone::dim, false};
constexpr std::string_view kEllipsis = "…";
// A change of style, one character and the last close always fit.
constexpr std::size_t kRoom = 3 * kMaxMarkup;

/// One character of untrusted text as it may be shown; empty = not at all.
struct Clean {
  std::string_view bytes;
  int columns = 0;
};

Clean clean(const Decoded& decoded, std::string_view bytes) {
  if (!decoded.valid) return {"\uFFFD", 1};
  if (breaks_line(decoded.code)) return {" ", 1};
  if (is_control(decoded.code)) return {};
  const int width = columns(decoded.code);
  return width == kDropped ? Clean{} : Clean{bytes, width};
}

/// Takes the first character off `text`.
Clean take_character(std::string_view& text) {
  const bool ascii = text[0] >= ' ' && text[0] <= '~';  // nearly always
  const Decoded decoded = ascii ? Decoded{} : decode(text);
  const std::string_view bytes = text.substr(0, decoded.bytes);
  text.remove_prefix(bytes.size());
  return ascii ? Clean{bytes, 1} : clean(decoded, bytes);
}

/// One column, and nothing to escape for any target.
constexpr bool is_plain(char c) {
  return c >= ' ' && c <= '}' && c != '#' && c != '%' && c != '{' && c != '&' && c != '<' &&
         c != '>' && c != '"' && c != '\\';
}

}  // namespace

int columns_of(std::string_view text) noexcept {
  int all = 0;
  while (!text.empty()) all += take_character(text).columns;
  return all;
}

bool shows(std::string_view text) noexcept {
  while (!text.empty())
    if (take_character(text).columns > 0) return true;
  return false;
}

void Screen::cut_lines(shm::u64 lines, int last, int tail) {
  cut_lines_ = lines;
  last_ = last;
  tail_ = tail;
}

void Screen::text(std::string_view text, Style style, int max) {
  const bool too_long = max > 0 && columns_of(text) > max;
  int left = max - 1;
  while (!text.empty()) {
    if (!too_long && run(text, style)) continue;
    const Clean one = take_character(text);
    if (one.bytes.empty()) continue;
    if (too_long && one.columns > left) return character(kEllipsis, 1, style);
    left -= one.columns;
    character(one.bytes, one.columns, style);
  }
}

/// Takes what needs no look at each character off `text`; false when there is no such thing.
bool Screen::run(std::string_view& text, Style style) {
  std::size_t n = 0;
  while (n < text.size() && is_plain(text[n])) ++n;
  if (n == 0 || text[0] == ' ' || options_.target == Target::starship) return false;
  if (holds_back()) flush();
  if (is_cut_line() || at_.full || out_.size() - at_.bytes < kRoom + n) return false;
  change_style(style);
  std::memcpy(out_.data() + at_.bytes, text.data(), n);
  at_.bytes += n;
  at_.percent = false;
  take_columns(static_cast<int>(n));
  text.remove_prefix(n);
  return true;
}

void Screen::separator(std::string_view text) {
  if (at_.item) at_.separator = text;
}

void Screen::newline() {
  if (!has_lines(options_.target))
    separator(kDefaultSeparator);
  else if (at_.columns > 0)
    at_.newline = true;
}

void Screen::item(bool known) {
  if (holds_back()) flush();  // first: the field stands on the line it begins
  at_.item = true;
  at_.any = at_.any || known;
}

void Screen::tail(std::string_view text, Style style) {
  at_.newline = at_.cut = false;
  at_.separator = {};
  at_.spaces = 0;
  tail_ = 0;
  if (at_.columns + columns_of(text) <= options_.width) cut_lines_ = 0;
  this->text(text, style);
}

/// Shows what was held back, now that something stands behind it.
void Screen::flush() {
  if (at_.newline) begin_line();
  const std::size_t spaces = at_.columns > 0 ? at_.spaces : 0;
  at_.spaces = 0;
  for (std::size_t i = 0; i < spaces; ++i) put(" ", 1, at_.shown);
  std::string_view separator = at_.separator;
  at_.separator = {};
  while (!separator.empty()) {
    const Clean one = take_character(separator);
    if (!one.bytes.empty()) put(one.bytes, one.columns, kSeparator);
  }
}

void Screen::begin_line() {
  at_.newline = at_.item = at_.cut = false;
  at_.separator = {};
  if (at_.line + 1 == kMaxLines) at_.full = true;
  put("\n", 0, {});
  at_.columns = 0;
  if (at_.line + 1 < kMaxLines) ++at_.line;
}

void Screen::character(std::string_view bytes, int columns, Style style) {
  if (options_.target == Target::starship && bytes == " ") {
    ++at_.spaces;
    return;
  }
  if (holds_back()) flush();
  if (columns == 0 && at_.columns == 0) return;  // would join what the host shows before us
  put(bytes, columns, style);
}

void Screen::put(std::string_view bytes, int columns, Style style) {
  // There is no escape for "%{" in polybar: it is broken up, whichever two texts it comes from.
  if (options_.target == Target::polybar && at_.percent && bytes == "{") put(" ", 1, style);
  if (at_.cut && bytes != "\n") return;
  if (is_cut_line() && bytes != "\n") {
    const int limit = options_.width - (at_.line == last_ ? tail_ : 0);
    if (at_.columns + columns >= limit) {
      at_.cut = true;
      if (at_.columns >= limit) return;
      bytes = kEllipsis;
      columns = 1;
    }
  }
  take_columns(columns);  // of what the buffer has no room for, too: there may be some next time
  at_.full = at_.full || out_.size() - at_.bytes < kRoom;
  if (at_.full) return;
  if (bytes != " ") change_style(style);  // a space looks the same in every style
  at_.bytes += escape(options_.target, bytes, out_.data() + at_.bytes);
  at_.percent = bytes == "%";
}

void Screen::take_columns(int columns) {
  at_.columns += columns;
  if (options_.width > 0 && at_.columns > options_.width) at_.too_long |= shm::u64{1} << at_.line;
}

void Screen::change_style(Style style) {
  if (style == at_.shown) return;
  char* to = out_.data() + at_.bytes;
  std::size_t n = close_style(options_.target, options_.colour, at_.shown, to);
  n += open_style(options_.target, options_.colour, style, to + n);
  at_.bytes += n;
  at_.shown = style;
}

}  // namespace shmeter::formats
