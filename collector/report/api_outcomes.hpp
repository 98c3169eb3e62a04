// SPDX-License-Identifier: MIT
// How requests went, added up from the sums that the store keeps. Pure. Invariant: a request that
// nobody timed is in no average.
#pragma once

#include "collector/report/api_reading.hpp"

namespace shmeter::collector {

/// A failure is a request without tokens; a request with tokens can have failed as well.
struct ApiOutcomes {
  i64 failures = 0;         // events of that kind: requests that nobody booked
  i64 failed_requests = 0;  // booked ones that failed all the same
  i64 timed = 0;
  i64 latency_ms = 0;  // sum of the timed ones

  void add(const OutcomeSum& sum);
  i64 failed() const { return failures + failed_requests; }
  /// Half up; unknown when nothing was timed.
  i64 average_latency_ms() const {
    return timed == 0 ? kUnknown : (latency_ms + timed / 2) / timed;
  }
};

/// How long requests took. A percentile is right for requests that took equally long, and at most
/// 1/32 (3.2 %) beside the true one for any.
class ApiLatencies {
 public:
  void add(const LatencySum& sum);
  /// Nearest rank; `percent` 1-100. Unknown when nothing was timed.
  i64 percentile_ms(i64 percent) const;

 private:
  std::vector<LatencySum> buckets_;  // by number
  i64 requests_ = 0;
};

}  // namespace shmeter::collector
