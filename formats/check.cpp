// SPDX-License-Identifier: MIT
// What is wrong with a template, for people: the first mistake, where, and what to write instead.
// Stands apart from the renderer, which shows a template with mistakes as well as it can and links
// nothing of this.
#include <algorithm>
#include <array>
#include <cstring>

#include "formats/field_table.hpp"
#include "formats/fields.hpp"
#include "formats/filters.hpp"
#include "formats/icons.hpp"
#include "formats/render.hpp"
#include "formats/syntax.hpp"
#include "formats/utf8.hpp"

namespace shmeter::formats {

namespace {

#define SHMETER_NAME(name, kind, get, place, path, help) std::string_view{name},
constexpr std::array kFieldNames = {SHMETER_TEMPLATE_FIELDS(SHMETER_NAME)};
#define SHMETER_FILTER_NAME(name, kinds, arguments, form, help) std::string_view{#name},
constexpr std::array kFilterNames = {SHMETER_FILTERS(SHMETER_FILTER_NAME)};
#define SHMETER_FILTER_FORM(name, kinds, arguments, form, help) std::string_view{form},
constexpr std::array kFilterForms = {SHMETER_FILTERS(SHMETER_FILTER_FORM)};
constexpr std::array<std::string_view, 10> kTagNames = {"ok",   "warn", "crit", "dim", "accent",
                                                        "bold", "link", "auto", "sep", "icon"};
#define SHMETER_ICON_NAME(name, unicode, nerd) std::string_view{name},
constexpr std::array kIconNames = {SHMETER_ICONS(SHMETER_ICON_NAME)};

constexpr std::size_t kLongestName = 40;  // longer ones are not compared

/// Letters to put in, take out, change or swap with their neighbour to turn one into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kLongestName + 1>, kLongestName + 1> d{};
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

/// The name somebody probably meant: at most a third of it wrong. Empty when there is none.
template <std::size_t N>
std::string_view nearest(std::string_view word, const std::array<std::string_view, N>& names) {
  std::string_view best;
  if (word.size() > kLongestName) return best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view name : names) {
    const std::size_t distance = edit_distance(word, name);
    if (distance >= least) continue;
    least = distance;
    best = name;
  }
  return best;
}

class Check {
 public:
  Check(std::string_view templ, TemplateError& error)
      : templ_(templ), scanner_(templ), error_(error) {}
  bool run();

 private:
  struct Open {
    std::size_t at = 0;
    std::size_t styles = 0;
    bool has_field = false;
  };

  bool piece(const Piece& piece);
  bool open(const Piece& piece);
  bool close(const Piece& piece);
  bool field(const Piece& piece);
  bool filter(const Piece& piece, const FilterCall& call, Kind kind);
  bool tag(const Piece& piece);
  bool text(const Piece& piece);
  bool fail(std::size_t at, std::initializer_list<std::string_view> words);
  bool unknown(std::size_t at, std::string_view what, std::string_view name, std::string_view near);

  std::string_view templ_;
  Scanner scanner_;
  TemplateError& error_;
  std::array<Open, kMaxGroupDepth + 1> open_{};
  std::size_t depth_ = 0;
  std::size_t styles_ = 0;
};

bool Check::run() {
  for (;;) {
    const Piece next = scanner_.next(depth_ > 0);
    if (next.type == Piece::Type::end) break;
    if (!piece(next)) return false;
  }
  if (depth_ > 0) return fail(open_[depth_].at, {"this [ is never closed; write \\[ to show one"});
  return true;
}

bool Check::piece(const Piece& piece) {
  switch (piece.type) {
    case Piece::Type::field:
      return field(piece);
    case Piece::Type::group_open:
      return open(piece);
    case Piece::Type::group_close:
      return close(piece);
    case Piece::Type::alternative:
      styles_ = open_[depth_].styles;
      return true;
    case Piece::Type::tag:
      return tag(piece);
    case Piece::Type::text:
      return text(piece);
    default:
      return true;
  }
}

bool Check::open(const Piece& piece) {
  if (depth_ == kMaxGroupDepth) return fail(piece.at, {"groups are nested too deep (8)"});
  if (piece.body.size() == 1 && templ_.substr(piece.at + 1).starts_with('!'))
    return fail(piece.at, {"the importance of a group is written [!1: to [!9:"});
  open_[depth_].has_field = true;
  open_[++depth_] = {piece.at, styles_, false};
  return true;
}

bool Check::close(const Piece& piece) {
  const Open group = open_[depth_--];
  styles_ = group.styles;
  if (group.has_field) return true;
  return fail(std::min(group.at, piece.at),
              {"this group has no field, so it always shows; write \\[ and \\] to show brackets"});
}

bool Check::field(const Piece& piece) {
  if (piece.closed && piece.body == "fill") return true;
  open_[depth_].has_field = true;
  if (!piece.closed) return fail(piece.at, {"this { is never closed; write \\{ to show one"});
  const FieldCall call = parse_field(piece.body);
  const Field* found = find_field(call.name);
  if (found == nullptr)
    return unknown(piece.at, "field", call.name, nearest(call.name, kFieldNames));
  if (call.filter_count > kMaxFilters) return fail(piece.at, {"too many filters (4)"});
  if (piece.body.ends_with('|')) return fail(piece.at, {"a filter is missing behind the last |"});
  for (std::size_t i = 0; i < call.filter_count; ++i)
    if (!filter(piece, call.filters[i], kind_of(*found))) return false;
  return true;
}

bool Check::filter(const Piece& piece, const FilterCall& call, Kind kind) {
  const auto at = static_cast<std::size_t>(call.name.data() - templ_.data());
  const FilterRow* row = find_filter(call.name);
  if (row == nullptr) return unknown(at, "filter", call.name, nearest(call.name, kFilterNames));
  const std::string_view field = parse_field(piece.body).name;
  if ((row->kinds & bit(kind)) == 0)
    return fail(at, {"the filter \"", row->name, "\" is not for a field like ", field});
  if (!arguments_fit(*row, call))
    return fail(at, {"write this filter as ", kFilterForms[static_cast<std::size_t>(row->filter)]});
  return true;
}

bool Check::tag(const Piece& piece) {
  if (piece.body == "/") {
    if (styles_ > open_[depth_].styles) return --styles_, true;
    return fail(piece.at, {"this </> closes nothing that was opened here"});
  }
  std::string_view argument = piece.body;
  const std::string_view name = take_until(argument, ':');
  if (std::find(kTagNames.begin(), kTagNames.end(), name) == kTagNames.end())
    return unknown(piece.at, "style", name, nearest(name, kTagNames));
  if (name == "sep") return true;
  if (name == "icon")
    return std::find(kIconNames.begin(), kIconNames.end(), argument) != kIconNames.end() ||
           unknown(piece.at, "icon", argument, nearest(argument, kIconNames));
  ++styles_;
  if (name != "auto")
    return argument.empty() || fail(piece.at, {"the style \"", name, "\" takes no argument"});
  const Field* field = find_field(argument);
  if (field == nullptr) return unknown(piece.at, "field", argument, nearest(argument, kFieldNames));
  return (bit(kind_of(*field)) & kShares) != 0 ||
         fail(piece.at, {"<auto:...> is for shares such as five_hour.used, not for ", argument});
}

bool Check::text(const Piece& piece) {
  if (piece.body == "]" && templ_[piece.at] == ']')
    return fail(piece.at, {"this ] closes no group; write \\] to show one"});
  if (piece.body == "\\" && piece.at + 1 == templ_.size())
    return fail(piece.at, {"nothing follows this backslash; write \\\\ to show one"});
  const auto start = static_cast<std::size_t>(piece.body.data() - templ_.data());
  for (std::size_t i = 0; i < piece.body.size();) {
    const Decoded one = decode(piece.body.substr(i));
    if (!one.valid) return fail(start + i, {"this is not UTF-8"});
    if (is_control(one.code) && !breaks_line(one.code))
      return fail(start + i, {"control characters never show; colours are <ok> <warn> <crit>"});
    i += one.bytes;
  }
  return true;
}

bool Check::unknown(std::size_t at, std::string_view what, std::string_view name,
                    std::string_view near) {
  name = name.substr(0, kLongestName);
  if (near.empty()) return fail(at, {"there is no ", what, " \"", name, "\""});
  return fail(at, {"there is no ", what, " \"", name, "\"; did you mean \"", near, "\"?"});
}

bool Check::fail(std::size_t at, std::initializer_list<std::string_view> words) {
  error_.line = error_.column = 1;
  for (std::size_t i = 0; i < at; i += decode(templ_.substr(i)).bytes) {
    ++error_.column;
    if (templ_[i] != '\n') continue;
    ++error_.line;
    error_.column = 1;
  }
  std::size_t n = 0;
  for (std::string_view word : words) {
    while (!word.empty()) {  // whole characters, and none that a terminal would act on
      const Decoded one = decode(word);
      const bool shows = one.valid && !is_control(one.code);
      const std::string_view bytes = shows ? word.substr(0, one.bytes) : "?";
      word.remove_prefix(one.bytes);
      if (bytes.size() > sizeof(error_.message) - 1 - n) break;
      std::memcpy(error_.message + n, bytes.data(), bytes.size());
      n += bytes.size();
    }
  }
  error_.message[n] = '\0';
  return false;
}

}  // namespace

bool check_template(std::string_view templ, TemplateError& error) noexcept {
  return Check(templ, error).run();
}

}  // namespace shmeter::formats
