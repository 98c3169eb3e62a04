// SPDX-License-Identifier: MIT
#include "collector/bench/lines.hpp"

#include <algorithm>

#include "collector/bench/measure.hpp"

namespace shmeter::bench {

std::string lines_of(const std::vector<SpawnResult>& results) {
  int width = 0;
  for (const SpawnResult& one : results) width = std::max(width, static_cast<int>(one.name.size()));
  std::string out =
      text("%-*s  %9s  %7s  %17s  %6s\n", width, "", "median", "ratio", "10 to 90 %", "faults");
  for (const SpawnResult& one : results)
    out += text("%-*s  %6.0f us  %6.2fx  %7.0f - %7.0f  %6.1f\n", width, one.name.c_str(),
                one.median_us, one.ratio, one.p10_us, one.p90_us, one.faults);
  return out;
}

}  // namespace shmeter::bench
