// SPDX-License-Identifier: MIT
// The template read from left to right, once per attempt at the width: groups with an unknown field
// are taken back, then groups are dropped one by one, least important first, and at the very end
// lines are cut.
#include "formats/line.hpp"

#include <algorithm>
#include <array>

#include "formats/fields.hpp"
#include "formats/filters.hpp"
#include "formats/screen.hpp"
#include "formats/syntax.hpp"

namespace shmeter::formats {

namespace {

constexpr std::size_t kMaxDropped = 64;  // groups that can be dropped; more stay and are cut
// Offsets are kept in 16 bits; no picture holds a template that long.
constexpr std::size_t kMaxTemplateBytes = 0xffff;
constexpr Style kOld = {Tone::dim, false, true};

/// A group that is shown, as a candidate for dropping.
struct Group {
  std::uint16_t at;  // offset in the template; names the group
  std::uint8_t rank;
  std::uint8_t first_line;
  std::uint8_t last_line;
};

/// What attempts at a width hand on: the groups they showed and those that must go.
struct Drops {
  std::array<Group, kMaxDropped> shown;
  std::array<std::uint16_t, kMaxDropped> gone;
  std::size_t gone_count = 0;

  bool has(std::size_t at) const {
    for (std::size_t i = 0; i < gone_count; ++i)
      if (gone[i] == at) return true;
    return false;
  }
};

struct Tag {
  std::string_view name;
  Style style;
};
constexpr std::array<Tag, 7> kTags = {{{"ok", {Tone::ok, false}},
                                       {"warn", {Tone::warn, false}},
                                       {"crit", {Tone::crit, false}},
                                       {"dim", {Tone::dim, false}},
                                       {"accent", {Tone::accent, false}},
                                       {"bold", {Tone::none, true}},
                                       {"link", {Tone::none, false, false, true}}}};

bool is_stale(const Values& values) {
  return values.freshness == Freshness::stale || values.freshness == Freshness::wedged;
}

/// One attempt: the whole template once.
class Attempt {
 public:
  Attempt(std::string_view templ, const Values& values, const Options& options, Screen& screen,
          Drops& drops)
      : scanner_(templ), values_(values), options_(options), screen_(screen), drops_(drops) {}

  /// False when the template names no field at all.
  bool run() {
    pieces(0);
    return has_fields_;
  }
  std::size_t shown() const { return shown_; }

 private:
  /// What ended a run of pieces.
  enum class End { close, alternative, unknown_field };
  End pieces(int depth);
  bool piece(const Piece& piece, int depth);
  void group(const Piece& open, int depth);
  bool field(std::string_view body, bool in_group);
  void tag(std::string_view body);
  void icon(std::string_view name);
  Style style_for(bool old) const;

  Scanner scanner_;
  const Values& values_;
  const Options& options_;
  Screen& screen_;
  Drops& drops_;
  std::array<Style, kMaxStyleDepth + 1> styles_{Style{Tone::none, false, true}};
  int style_depth_ = 0;
  int style_floor_ = 0;  // tags of the group around cannot be closed in it
  std::size_t shown_ = 0;
  bool has_fields_ = false;
};

Attempt::End Attempt::pieces(int depth) {
  for (;;) {
    const Piece next = scanner_.next(depth > 0);
    if (next.type == Piece::Type::end || next.type == Piece::Type::group_close) return End::close;
    if (next.type == Piece::Type::alternative) return End::alternative;
    if (!piece(next, depth)) return End::unknown_field;
  }
}

bool Attempt::piece(const Piece& piece, int depth) {
  switch (piece.type) {
    case Piece::Type::text:
      screen_.text(piece.body, style_for(!values_.session_fresh));
      return true;
    case Piece::Type::newline:
      screen_.newline();
      return true;
    case Piece::Type::field:
      return field(piece.body, depth > 0);
    case Piece::Type::group_open:
      group(piece, depth + 1);
      return true;
    default:
      tag(piece.body);
      return true;
  }
}

/// Shows the first alternative in which every field is known.
void Attempt::group(const Piece& open, int depth) {
  if (depth > kMaxGroupDepth || drops_.has(open.at)) {
    scanner_.skip(Scanner::Until::close);
    return;
  }
  const Screen::Mark before = screen_.mark();
  const std::size_t shown_before = shown_;
  const int depth_before = style_depth_;
  const int floor_before = style_floor_;
  style_floor_ = style_depth_;
  End end = pieces(depth);
  while (end == End::unknown_field) {
    screen_.back_to(before);
    shown_ = shown_before;
    style_depth_ = depth_before;
    const bool more = scanner_.skip(Scanner::Until::alternative) == Piece::Type::alternative;
    end = more ? pieces(depth) : End::close;
  }
  if (end == End::alternative) scanner_.skip(Scanner::Until::close);
  style_depth_ = depth_before;
  style_floor_ = floor_before;
  if (options_.width <= 0 || shown_ == kMaxDropped || screen_.mark().bytes == before.bytes) return;
  const auto line = [](int number) { return static_cast<std::uint8_t>(number); };
  drops_.shown[shown_++] = {static_cast<std::uint16_t>(open.at), open.rank,
                            line(before.line + (before.newline ? 1 : 0)),
                            line(screen_.mark().line)};
}

/// False when it is not known and that takes its group away.
bool Attempt::field(std::string_view body, bool in_group) {
  if (body == "fill") {
    screen_.fill();
    return true;
  }
  has_fields_ = true;
  const FieldCall call = parse_field(body);
  const Field* found = find_field(call.name);
  const Value value = found == nullptr ? Value{} : value_of(*found, values_);
  Shown shown;
  const bool known = show(value, call, values_, screen_.theme().glyphs, shown) && shows(shown.text);
  if (!known && in_group) return false;
  const bool old = is_stale(values_) && !value.fresh;
  screen_.item(known);
  if (known && old) screen_.mark_old();
  screen_.text(known ? shown.text : "-", style_for(old), shown.max_columns);
  return true;
}

void Attempt::tag(std::string_view body) {
  if (body == "/") {
    if (style_depth_ > style_floor_) --style_depth_;
    return;
  }
  const std::string_view name = take_until(body, ':');
  if (name == "sep") {
    body.empty() ? screen_.separator() : screen_.separator(body);
    return;
  }
  if (name == "icon") return icon(body);
  Style style = styles_[static_cast<std::size_t>(std::min(style_depth_, kMaxStyleDepth))];
  if (name == "auto") {
    const Field* field = find_field(body);
    const Tone tone = field == nullptr
                          ? Tone::none
                          : tone_of(value_of(*field, values_), screen_.theme().limits_of(body));
    if (tone != Tone::none) style.tone = tone;
  }
  for (const Tag& tag : kTags) {
    if (tag.name != name) continue;
    style.bold = style.bold || tag.style.bold;
    style.link = style.link || (tag.style.link && screen_.has_links());
    if (tag.style.tone != Tone::none) style.tone = tag.style.tone;
  }
  if (++style_depth_ <= kMaxStyleDepth) styles_[static_cast<std::size_t>(style_depth_)] = style;
}

/// With a space behind it; nothing where the glyphs have none.
void Attempt::icon(std::string_view name) {
  std::string_view glyph;
  if (!find_icon(name, screen_.theme().glyphs, glyph) || glyph.empty()) return;
  screen_.text(glyph, style_for(!values_.session_fresh));
  screen_.text(" ", style_for(!values_.session_fresh));
}

/// What is old is dim, whatever the template says.
Style Attempt::style_for(bool old) const {
  if (old && is_stale(values_)) return kOld;
  return styles_[static_cast<std::size_t>(std::min(style_depth_, kMaxStyleDepth))];
}

/// Where a link leads: nowhere when the collector is gone, as the page is its.
std::string_view dashboard(const Values& values, const Options& options) {
  if (!has_links(options.target) || values.summary == nullptr || is_stale(values)) return {};
  return web_address(values.summary->dashboard.view());
}

/// ` (3m old)` where something old is shown.
Word age_note(const Values& values, const Screen::Mark& mark) {
  Word note;
  if (!is_stale(values) || !mark.old) return note;
  note.add(" (");
  if (shm::known(values.age_s)) {
    write_age(note, values.age_s);
    note.add(" ");
  }
  note.add("old)");
  return note;
}

/// Drops the least important group of a line that is too long; false when there is none.
bool drop_one(Drops& drops, std::size_t shown, shm::u64 too_long) {
  const Group* worst = nullptr;
  for (std::size_t i = 0; i < shown; ++i) {
    const Group& group = drops.shown[i];
    const shm::u64 lines = (~shm::u64{0} >> (63 - group.last_line)) >> group.first_line
                                                                           << group.first_line;
    if ((lines & too_long) == 0) continue;
    const bool worse = worst == nullptr || group.rank > worst->rank ||
                       (group.rank == worst->rank && group.at > worst->at);
    if (worse) worst = &group;
  }
  if (worst == nullptr || drops.gone_count == kMaxDropped) return false;
  drops.gone[drops.gone_count++] = worst->at;
  return true;
}

}  // namespace

Tone tone_of(const Value& value, const Limits& limits) noexcept {
  if (value.kind != Kind::share && value.kind != Kind::remainder) return Tone::none;
  const i64 used = value.kind == Kind::share ? value.number : difference(kShareWhole, value.number);
  return used >= limits.crit_ppm ? Tone::crit : used >= limits.warn_ppm ? Tone::warn : Tone::ok;
}

std::size_t render_line(std::string_view templ, const Values& values, const Options& options,
                        std::span<char> out) noexcept {
  templ = templ.substr(0, kMaxTemplateBytes);
  const std::string_view address = dashboard(values, options);
  Drops drops;
  Screen::Mark last;
  for (bool cutting = false;;) {
    Screen screen(options, address, out);
    if (cutting)
      screen.cut_lines(last.too_long, last.line, columns_of(age_note(values, last).view()));
    Attempt attempt(templ, values, options, screen, drops);
    const bool has_fields = attempt.run();
    const Word note = age_note(values, screen.mark());
    if (!note.view().empty()) screen.tail(note.view(), kOld);
    screen.close();
    const Screen::Mark now = screen.mark();
    const bool dropped = drops.gone_count > 0;
    const bool absent = values.freshness == Freshness::absent;
    const bool empty = !now.any && (has_fields || dropped || absent);
    if (empty && !dropped) return 0;
    if (empty) {  // half of something tells more than nothing: the last group stays and is cut
      --drops.gone_count;
      cutting = true;
      continue;
    }
    last = now;
    if (last.too_long == 0 || cutting) return last.bytes;
    cutting = !drop_one(drops, attempt.shown(), last.too_long);
  }
}

}  // namespace shmeter::formats
