// SPDX-License-Identifier: MIT
#include "collector/report/api_outcomes.hpp"

#include <algorithm>

#include "collector/store/outcome_sums.hpp"

namespace shmeter::collector {

void ApiOutcomes::add(const OutcomeSum& sum) {
  failures += sum.failures;
  failed_requests += sum.failed_requests;
  timed += sum.timed;
  latency_ms += sum.latency_ms;
}

void ApiLatencies::add(const LatencySum& sum) {
  if (buckets_.empty()) buckets_.resize(kMostLatencyBuckets);
  LatencySum& bucket =
      buckets_[static_cast<std::size_t>(std::clamp<i64>(sum.bucket, 0, kMostLatencyBuckets - 1))];
  bucket.requests += sum.requests;
  bucket.latency_ms += sum.latency_ms;
  requests_ += sum.requests;
}

i64 ApiLatencies::percentile_ms(i64 percent) const {
  i64 left = (requests_ * percent + 99) / 100;
  for (const LatencySum& bucket : buckets_) {
    left -= bucket.requests;
    if (left <= 0 && bucket.requests > 0)
      return (bucket.latency_ms + bucket.requests / 2) / bucket.requests;
  }
  return kUnknown;
}

}  // namespace shmeter::collector
