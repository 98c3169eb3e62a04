// SPDX-License-Identifier: MIT
// Levenshtein's distance with one row, over bytes: names are ASCII.
#include "collector/config/near_name.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace shmeter::collector {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0u);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view near_name(std::string_view wrong, std::span<const std::string_view> right) {
  constexpr std::size_t kLongestName = 64;  // the work is quadratic, and nobody's typo is longer
  if (wrong.size() > kLongestName) return {};
  std::string_view best;
  std::size_t least = kLongestName;
  for (const std::string_view name : right) {
    const std::size_t edits = distance(wrong, name);
    if (edits < least && edits <= std::max<std::size_t>(2, name.size() / 3)) {
      least = edits;
      best = name;
    }
  }
  return best;
}

}  // namespace shmeter::collector
