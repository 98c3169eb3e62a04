// SPDX-License-Identifier: MIT
// See screen.hpp.
#include "formats/screen.hpp"

#include <algorithm>
#include <cstring>

#include "formats/utf8.hpp"

namespace shmeter::formats {

namespace {

constexpr Style kSeparator = {Tone::dim, false, true};
constexpr Style kCap = {Tone::ground, false, false};
constexpr std::string_view kEllipsis = "…";
// Where what follows is to be pushed to the right: no byte of a clean text.
constexpr char kFill = '\x1e';
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

/// No width that can be asked for is as long.
constexpr std::int16_t short_of(int columns) {
  return static_cast<std::int16_t>(std::min(columns, 0x7fff));
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

Screen::Screen(const Options& options, std::string_view address, std::span<char> out)
    : options_(options),
      pen_{options.target, options.colour,
           options.theme == nullptr ? &default_theme() : options.theme, address},
      out_(out),
      width_(options.width) {
  // Where they leave room for nothing else there are none.
  const int left = columns_of(theme().left_cap);
  const int right = columns_of(theme().right_cap);
  capped_ = left + right > 0 && (width_ <= 0 || left + right < width_);
  if (capped_ && width_ > 0) width_ -= right;
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
  begin_text();
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
    separator();
  else if (at_.columns > 0)
    at_.newline = true;
}

void Screen::fill() {
  const int line = at_.line + (at_.newline ? 1 : 0);
  if (width_ == 0 || at_.fill_line == line || line >= kMaxFilled) return separator();
  if (at_.newline) begin_line();
  at_.separator = {};
  at_.spaces = 0;
  at_.item = false;
  at_.full = at_.full || out_.size() - at_.bytes < kRoom;
  if (at_.full) return;
  change_style({Tone::none, false, true});  // so that every space lies within one style
  at_.fill_line = at_.line;
  filled_[static_cast<std::size_t>(at_.line)].before = short_of(at_.columns);
  out_[at_.bytes++] = kFill;
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
  if (at_.columns + columns_of(text) <= width_) cut_lines_ = 0;
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

/// Shows what stands around a line, whatever was cut of it.
void Screen::cap(std::string_view text) {
  while (!text.empty() && out_.size() - at_.bytes >= kRoom) {
    const Clean one = take_character(text);
    const bool tag = options_.target == Target::polybar && at_.percent && one.bytes == "{";
    if (one.bytes.empty() || tag) continue;
    change_style(kCap);
    at_.bytes += escape(options_.target, one.bytes, out_.data() + at_.bytes);
    at_.percent = one.bytes == "%";
  }
}

void Screen::begin_text() {
  if (at_.columns > 0 || !capped_) return;
  cap(theme().left_cap);
  take_columns(columns_of(theme().left_cap));
}

void Screen::end_line() {
  if (at_.fill_line == at_.line)
    filled_[static_cast<std::size_t>(at_.line)].all = short_of(at_.columns);
  if (at_.columns > 0 && capped_) cap(theme().right_cap);
  change_style({});
}

void Screen::close() {
  end_line();
  if (at_.fill_line >= 0) push();
}

/// Puts spaces in place of the marks, at last: a group that is taken back takes only bytes back.
void Screen::push() {
  std::size_t line = 0;
  for (std::size_t i = 0; i < at_.bytes; ++i) {
    if (out_[i] == '\n') ++line;
    if (out_[i] != kFill || line >= filled_.size()) continue;
    const Filled& columns = filled_[line];
    const int wanted = columns.all > columns.before ? width_ - columns.all : 0;
    const std::size_t room = out_.size() - at_.bytes + 1;
    const std::size_t spaces = std::min(room, static_cast<std::size_t>(std::max(wanted, 0)));
    std::memmove(&out_[i] + spaces, &out_[i] + 1, at_.bytes - i - 1);
    std::memset(&out_[i], ' ', spaces);
    at_.bytes += spaces - 1;
    i += spaces - 1;
  }
}

void Screen::begin_line() {
  end_line();
  at_.newline = at_.item = at_.cut = false;
  at_.separator = {};
  if (at_.line + 1 == kMaxLines) at_.full = true;
  if (!at_.full) out_[at_.bytes++] = '\n';
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
  if (at_.cut) return;
  begin_text();
  if (is_cut_line()) {
    const int limit = width_ - (at_.line == last_ ? tail_ : 0);
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
  // A space looks the same in every style, but not on another ground, and leads nowhere.
  const bool other_ground = theme().has_ground() && style.ground != at_.shown.ground;
  if (bytes != " " || other_ground || style.link != at_.shown.link) change_style(style);
  at_.bytes += escape(options_.target, bytes, out_.data() + at_.bytes);
  at_.percent = bytes == "%";
}

void Screen::take_columns(int columns) {
  at_.columns += columns;
  if (options_.width > 0 && at_.columns > width_) at_.too_long |= shm::u64{1} << at_.line;
}

void Screen::change_style(Style style) {
  if (style == at_.shown) return;
  char* to = out_.data() + at_.bytes;
  const bool other_link = style.link != at_.shown.link;
  std::size_t n = other_link ? close_link(at_.shown, to) : 0;
  n += close_style(pen_, at_.shown, to + n);
  n += open_style(pen_, style, to + n);
  if (other_link) n += open_link(pen_, style, to + n);
  at_.bytes += n;
  at_.shown = style;
}

}  // namespace shmeter::formats
