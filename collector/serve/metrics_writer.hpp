// SPDX-License-Identifier: MIT
// Families of metrics as text, one after another, their samples behind their names. Invariant:
// whatever a label holds, each sample is one line and each series is said once; both forms say the
// same.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "collector/serve/metrics_text.hpp"

namespace shmeter::collector {

enum class MetricType { counter, gauge, info, summary, histogram };

class MetricsWriter {
 public:
  explicit MetricsWriter(MetricsForm form) : form_(form) {}

  /// The name as its samples have it: with `_total` or `_info`, of a summary without a suffix.
  void family(std::string_view name, MetricType type, std::string_view help);

  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  void sample(Labels labels, double value);
  /// `value` of so many parts of the unit; nothing when it is not known.
  void sample(Labels labels, shm::i64 value, double parts = 1);
  /// So many at most `up_to` (infinite = all), of those before too; of a histogram.
  void bucket(double up_to, std::uint64_t count);
  /// Of a histogram, or of a summary without quantiles.
  void sum_and_count(double sum, std::uint64_t count);

  /// The whole text. Call once.
  std::string take();

 private:
  void line(std::string_view suffix, Labels labels, double value);

  MetricsForm form_;
  std::string out_;
  std::string_view name_;
  std::set<std::string> series_;  // of this family: two of the same name would spoil all others
};

}  // namespace shmeter::collector
