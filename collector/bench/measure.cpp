// SPDX-License-Identifier: MIT
#include "collector/bench/measure.hpp"

#include <cmath>

namespace shmeter::bench {

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = std::lround(share * last);
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

double median(std::vector<double> values) { return percentile(std::move(values), 0.5); }

}  // namespace shmeter::bench
