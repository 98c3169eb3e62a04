// SPDX-License-Identifier: MIT
#include "collector/report/surface.hpp"

#include <charconv>

namespace shmeter::collector {
namespace {

constexpr int kUsualWidth = 80;
constexpr int kWidest = 4096;

int width_of(const TerminalFacts& facts) {
  if (!facts.is_terminal) return 0;
  if (facts.width > 0) return facts.width;
  int columns = 0;
  const char* end = facts.columns.data() + facts.columns.size();
  const auto read = std::from_chars(facts.columns.data(), end, columns);
  const bool fine = read.ec == std::errc{} && read.ptr == end;
  return fine && columns > 0 && columns <= kWidest ? columns : kUsualWidth;
}

bool colour_of(const TerminalFacts& facts) {
  if (!facts.force_color.empty()) return facts.force_color != "0" && facts.force_color != "false";
  return facts.no_color.empty() && facts.is_terminal && facts.term != "dumb";
}

}  // namespace

Surface choose_surface(const TerminalFacts& facts) { return {width_of(facts), colour_of(facts)}; }

}  // namespace shmeter::collector
