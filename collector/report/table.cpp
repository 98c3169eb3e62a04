// SPDX-License-Identifier: MIT
// How it becomes narrow enough: texts that may be cut give way first, each down to its least; then
// whole columns go, the least important first, and those of one importance together.
#include "collector/report/table.hpp"

#include <algorithm>
#include <numeric>

#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

constexpr int kSpace = 2;  // between columns

/// Takes the first character off `text`; empty = it is not shown.
std::string_view take_character(std::string_view& text, int& columns) {
  const formats::Decoded one = formats::decode(text);
  const std::string_view bytes = text.substr(0, one.bytes);
  text.remove_prefix(one.bytes);
  columns = 1;
  if (!one.valid) return "\uFFFD";
  if (formats::breaks_line(one.code)) return " ";
  columns = formats::is_control(one.code) ? formats::kDropped : formats::columns(one.code);
  if (columns != formats::kDropped) return bytes;
  columns = 0;
  return {};
}

std::string_view escape(Tone tone) {
  switch (tone) {
    case Tone::strong:
      return "\x1b[1m";
    case Tone::faint:
      return "\x1b[2m";
    case Tone::lively:
      return "\x1b[32m";
    case Tone::plain:
      break;
  }
  return {};
}

/// One line, without spaces at its end.
void put_line(std::string& out, std::string text, Tone tone, const Surface& surface) {
  text.erase(text.find_last_not_of(' ') + 1);
  const bool coloured = surface.colour && tone != Tone::plain && !text.empty();
  if (coloured) out += escape(tone);
  out += text;
  out += coloured ? "\x1b[0m\n" : "\n";
}

class Layout {
 public:
  Layout(const TextTable& table, int width) : table_(table), shown_(table.columns.size()) {
    std::iota(shown_.begin(), shown_.end(), std::size_t{0});
    measure();
    if (width <= 0) return;
    while (total() - give() > width && shown_.size() > 1) drop_least();
    shrink(width);
    if (total() > width) widths_[shown_.front()] = std::max(1, width);
  }

  int total() const {
    int sum = kSpace * (static_cast<int>(shown_.size()) - 1);
    for (const std::size_t column : shown_) sum += widths_[column];
    return sum;
  }

  std::string line(const std::vector<std::string>& cells) const {
    std::string text;
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      const std::size_t column = shown_[i];
      const std::string cell =
          clean_text(column < cells.size() ? cells[column] : "", std::max(1, widths_[column]));
      const std::string fill(
          static_cast<std::size_t>(std::max(0, widths_[column] - text_columns(cell))), ' ');
      if (i > 0) text.append(kSpace, ' ');
      text += table_.columns[column].align == Align::left ? cell + fill : fill + cell;
    }
    return text;
  }

 private:
  void measure() {
    widths_.resize(table_.columns.size());
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      widths_[i] = text_columns(clean_text(table_.columns[i].title));
      for (const TableLine& line : table_.lines)
        if (line.kind == TableLine::Kind::cells && i < line.cells.size())
          widths_[i] = std::max(widths_[i], text_columns(clean_text(line.cells[i])));
    }
  }

  /// How much the column may be cut.
  int give(std::size_t column) const {
    const int least = table_.columns[column].least;
    return least > 0 ? std::max(0, widths_[column] - least) : 0;
  }
  int give() const {
    int sum = 0;
    for (const std::size_t column : shown_) sum += give(column);
    return sum;
  }

  /// Drops the columns of least importance, but never the first.
  void drop_least() {
    int least = table_.columns[shown_[1]].importance;
    for (std::size_t i = 2; i < shown_.size(); ++i)
      least = std::min(least, table_.columns[shown_[i]].importance);
    const auto drop = [&](std::size_t c) { return table_.columns[c].importance == least; };
    shown_.erase(std::remove_if(shown_.begin() + 1, shown_.end(), drop), shown_.end());
  }

  /// A column at a time from the widest, so that none is cut while a longer one is whole.
  void shrink(int width) {
    for (int over = total() - width; over > 0; --over) {
      const auto widest =
          std::max_element(shown_.begin(), shown_.end(), [&](std::size_t a, std::size_t b) {
            return (give(a) > 0 ? widths_[a] : 0) < (give(b) > 0 ? widths_[b] : 0);
          });
      if (give(*widest) == 0) return;
      --widths_[*widest];
    }
  }

  const TextTable& table_;
  std::vector<std::size_t> shown_;
  std::vector<int> widths_;
};

std::string repeated(std::string_view text, int n) {
  std::string all;
  for (int i = 0; i < n; ++i) all += text;
  return all;
}

}  // namespace

std::string clean_text(std::string_view text, int most) {
  std::string all;
  std::size_t before_ellipsis = 0;  // bytes that leave a column free
  int columns = 0;
  while (!text.empty()) {
    int wide = 0;
    const std::string_view one = take_character(text, wide);
    if (most > 0 && columns + wide > most) return all.substr(0, before_ellipsis) + "…";
    all += one;
    columns += wide;
    if (columns < most) before_ellipsis = all.size();
  }
  return all;
}

int text_columns(std::string_view text) {
  int columns = 0;
  while (!text.empty()) {
    int wide = 0;
    take_character(text, wide);
    columns += wide;
  }
  return columns;
}

std::string write_table(const TextTable& table, const Surface& surface) {
  const Layout layout(table, surface.width);
  std::vector<std::string> titles;
  for (const TableColumn& column : table.columns) titles.push_back(column.title);
  const std::string rule = repeated("─", layout.total());

  std::string out;
  put_line(out, layout.line(titles), Tone::strong, surface);
  put_line(out, rule, Tone::faint, surface);
  for (const TableLine& line : table.lines) {
    switch (line.kind) {
      case TableLine::Kind::cells:
        put_line(out, layout.line(line.cells), line.tone, surface);
        break;
      case TableLine::Kind::rule:
        put_line(out, rule, Tone::faint, surface);
        break;
      case TableLine::Kind::note:
        put_line(out, clean_text(line.cells.front(), surface.width), line.tone, surface);
    }
  }
  for (const std::string& note : table.footnotes)
    put_line(out, clean_text(note, surface.width), Tone::faint, surface);
  return out;
}

}  // namespace shmeter::collector
