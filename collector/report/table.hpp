// SPDX-License-Identifier: MIT
// A table for a terminal: columns side by side, numbers to the right, nothing ever wrapped.
// Invariant: no line is wider than the surface, and every cell is clean text, whatever bytes it
// came from: no control character and no escape sequence but our own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/report/surface.hpp"

namespace shmeter::collector {

enum class Align { left, right };
enum class Tone { plain, strong, faint, lively };

struct TableColumn {
  std::string title;
  Align align = Align::right;
  int importance = 0;  // where it is narrow, the least important go first; the first one stays
  int least = 0;       // > 0: before that, texts may be cut down to so many columns
};

struct TableLine {
  enum class Kind {
    cells,
    rule,
    note  // one text under the table's columns
  };
  Kind kind = Kind::cells;
  std::vector<std::string> cells;  // of a note: one
  Tone tone = Tone::plain;
};

struct TextTable {
  std::vector<TableColumn> columns;
  std::vector<TableLine> lines;
  std::vector<std::string> footnotes;
};

std::string write_table(const TextTable& table, const Surface& surface);

/// Text from anywhere as it may be shown, of at most `most` columns (0 = all): what is cut ends in
/// "…".
std::string clean_text(std::string_view text, int most = 0);
/// Columns that clean text takes.
int text_columns(std::string_view text);

}  // namespace shmeter::collector
