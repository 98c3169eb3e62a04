// SPDX-License-Identifier: MIT
// The picture and the collector itself in the text forms of Prometheus and OpenMetrics. Invariant:
// names, units and labels are a published contract; what is not known has no sample, never 0; what
// is called a counter never falls while the process lives; the number of series is bounded by
// accounts, models, statuses and sources, never by sessions.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "collector/serve/collector_figures.hpp"
#include "collector/serve/process_figures.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

enum class MetricsForm { prometheus, openmetrics };

inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";
inline constexpr const char* kOpenMetricsType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What an `Accept` header wants: the newer form when it is named and not refused by q=0.
MetricsForm metrics_form(std::string_view accept);

/// The most that was ever said of each counted sum. A line that is found later may take something
/// back (a copy in another chain, say), and a counter that falls would be taken for one that began
/// anew: until the sum has caught up, the counter stands still.
class HighWater {
 public:
  /// `value`, or what was said before if that was more. At most kMost names are remembered.
  shm::i64 of(std::string_view name, std::string_view label, std::string_view kind, shm::i64 value);

 private:
  static constexpr std::size_t kMost = 4096;  // far above what one process' pictures can name
  std::map<std::string, shm::i64, std::less<>> most_;
};

struct MetricsSource {
  const shm::Picture& picture;
  shm::i64 now_s = 0;
  ProcessFigures process;
  CollectorFigures collector;
};

std::string metrics_text(const MetricsSource& source, HighWater& said,
                         MetricsForm form = MetricsForm::prometheus);

}  // namespace shmeter::collector
