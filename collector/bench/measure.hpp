// SPDX-License-Identifier: MIT
// Clock, medians and the rows of the table. A row is printed only once its figure is measured, so
// that a table never holds a number nobody saw.
#pragma once

#include <ctime>

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace shmeter::bench {

/// CLOCK_MONOTONIC in nanoseconds.
inline std::int64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

inline void sleep_ns(std::int64_t ns) {
  timespec t{ns / 1'000'000'000, ns % 1'000'000'000};
  while (nanosleep(&t, &t) != 0) {
  }
}

/// The value below which `share` (0 .. 1) of the values lie; 0 when there are none.
double percentile(std::vector<double> values, double share);
double median(std::vector<double> values);

/// printf into a string.
[[gnu::format(printf, 1, 2)]] inline std::string text(const char* form, ...) {
  char buffer[512];
  va_list arguments;
  va_start(arguments, form);
  const int n = std::vsnprintf(buffer, sizeof buffer, form, arguments);
  va_end(arguments);
  return {buffer, static_cast<std::size_t>(std::clamp(n, 0, 511))};
}

/// What the design allows; "–" where it says nothing.
struct Budget {
  std::string must = "–";
  std::string aim = "–";
};

inline void print_row(const std::string& what, const std::string& measured, const Budget& budget,
                      const std::string& baseline) {
  std::printf("| %s | %s | %s | %s | %s |\n", what.c_str(), measured.c_str(), budget.must.c_str(),
              budget.aim.c_str(), baseline.c_str());
  std::fflush(stdout);
}

}  // namespace shmeter::bench
