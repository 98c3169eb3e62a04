// SPDX-License-Identifier: MIT
// How requests went, counted from the events that tell: failures, and requests with details of
// their call. Pure. Invariant: a request that nobody timed is in no average.
#pragma once

#include "collector/report/api_reading.hpp"

namespace shmeter::collector {

/// What must be read to count outcomes.
EventFilter outcome_filter(const ApiTimes& times);

/// A failure is a request without tokens; a request with tokens can have failed as well.
bool is_failed(const StoredEvent& event);

struct ApiOutcomes {
  i64 failures = 0;         // events of that kind: requests that nobody booked
  i64 failed_requests = 0;  // booked ones that failed all the same
  i64 timed = 0;
  i64 latency_ms = 0;  // sum of the timed ones

  void add(const StoredEvent& event);
  i64 failed() const { return failures + failed_requests; }
  /// Half up; unknown when nothing was timed.
  i64 average_latency_ms() const {
    return timed == 0 ? kUnknown : (latency_ms + timed / 2) / timed;
  }
};

}  // namespace shmeter::collector
