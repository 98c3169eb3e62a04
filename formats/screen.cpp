// SPDX-License-Identifier: MIT
// See screen.hpp.
#include "formats/screen.hpp"

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

template <class Each>
void for_each_character(std::string_view text, Each&& each) {
  while (!text.empty()) {
    if (text[0] >= ' ' && text[0] <= '~') {  // nearly always
      if (!each(Clean{text.substr(0, 1), 1})) return;
      text.remove_prefix(1);
      continue;
    }
    const Decoded decoded = decode(text);
    const Clean one = clean(decoded, text.substr(0, decoded.bytes));
    text.remove_prefix(decoded.bytes);
    if (!one.bytes.empty() && !each(one)) return;
  }
}

}  // namespace

int columns_of(std::string_view text) noexcept {
  int all = 0;
  for_each_character(text, [&](const Clean& one) {
    all += one.columns;
    return true;
  });
  return all;
}

void Screen::cut_lines(shm::u64 lines, int last, int tail) {
  cut_lines_ = lines;
  last_ = last;
  tail_ = tail;
}

void Screen::text(std::string_view text, Style style, int max) {
  const bool too_long = max > 0 && columns_of(text) > max;
  int left = too_long ? max - 1 : 0;
  for_each_character(text, [&](const Clean& one) {
    if (too_long && one.columns > left) {
      character(kEllipsis, 1, style);
      return false;
    }
    left -= one.columns;
    character(one.bytes, one.columns, style);
    return true;
  });
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
  const std::string_view separator = at_.separator;
  at_.separator = {};
  for_each_character(separator, [&](const Clean& one) {
    put(one.bytes, one.columns, kSeparator);
    return true;
  });
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
  // What the buffer has no room for counts as well: a shorter line above may make room for it.
  at_.columns += columns;
  if (options_.width > 0 && at_.columns > options_.width) at_.too_long |= shm::u64{1} << at_.line;
  at_.full = at_.full || out_.size() - at_.bytes < kRoom;
  if (at_.full) return;
  if (bytes != " ") change_style(style);  // a space looks the same in every style
  at_.bytes += escape(options_.target, bytes, out_.data() + at_.bytes);
  at_.percent = bytes == "%";
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
