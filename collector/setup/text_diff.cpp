// SPDX-License-Identifier: MIT
#include "collector/setup/text_diff.hpp"

#include <algorithm>
#include <vector>

namespace shmeter::collector {
namespace {

constexpr std::size_t kLinesAround = 2;
// Cells of the table below; where two texts differ by more, all between their ends is shown.
constexpr std::size_t kMostCells = std::size_t{4} << 20;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct Row {
  char mark;
  std::string_view line;
};

/// The lines of both between what they begin and end with alike: those of a longest common
/// sequence once.
void compare(const Lines& before, const Lines& after, std::vector<Row>& rows) {
  const std::size_t n = before.size(), m = after.size(), width = m + 1;
  const bool closely = (n + 1) * width <= kMostCells;
  // common[i][j]: how many lines before[i..] and after[j..] have in common
  std::vector<unsigned> common(closely ? (n + 1) * width : 0);
  for (std::size_t i = closely ? n : 0; i-- > 0;)
    for (std::size_t j = m; j-- > 0;)
      common[i * width + j] =
          before[i] == after[j] ? common[(i + 1) * width + j + 1] + 1
                                : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
  std::size_t i = 0, j = 0;
  while (i < n || j < m) {
    const bool both = i < n && j < m;
    if (closely && both && before[i] == after[j]) {
      rows.push_back({' ', before[i++]});
      ++j;
    } else if (i < n &&
               (j == m || !closely || common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      rows.push_back({'-', before[i++]});
    } else {
      rows.push_back({'+', after[j++]});
    }
  }
}

std::vector<Row> rows_of(const Lines& before, const Lines& after) {
  const std::size_t least = std::min(before.size(), after.size());
  std::size_t same = 0, same_end = 0;
  while (same < least && before[same] == after[same]) ++same;
  while (same_end < least - same &&
         before[before.size() - 1 - same_end] == after[after.size() - 1 - same_end])
    ++same_end;
  const auto middle = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(same),
                 lines.end() - static_cast<std::ptrdiff_t>(same_end));
  };
  std::vector<Row> rows;
  for (std::size_t i = 0; i < same; ++i) rows.push_back({' ', before[i]});
  compare(middle(before), middle(after), rows);
  for (std::size_t i = before.size() - same_end; i < before.size(); ++i)
    rows.push_back({' ', before[i]});
  return rows;
}

}  // namespace

std::string text_diff(std::string_view before, std::string_view after) {
  const std::vector<Row> rows = rows_of(lines_of(before), lines_of(after));
  std::vector<bool> shown(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].mark == ' ') continue;
    const std::size_t from = i - std::min(i, kLinesAround);
    for (std::size_t j = from; j < std::min(i + kLinesAround + 1, rows.size()); ++j)
      shown[j] = true;
  }
  std::string diff;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!shown[i]) continue;
    if (!diff.empty() && !shown[i - 1]) diff += "...\n";
    diff.append(1, rows[i].mark).append(rows[i].line).append(1, '\n');
  }
  return diff;
}

}  // namespace shmeter::collector
