// SPDX-License-Identifier: MIT
// The local hours and days that a timeline shows, up to the running one. Invariant: buckets touch
// without gap or overlap, all but the running one are over, and no two have one date.
#pragma once

#include <string>
#include <vector>

#include "collector/report/api_query.hpp"

namespace shmeter::collector {

struct ApiBucket {
  Period period;  // a whole number of quarter hours
  std::string
      date;  // 2026-11-21, or 2026-11-21T15:00; +01:00 behind it where the clock is set back
};

/// 24, 168 or 720 hours; or 1, 7 or 30 days. Oldest first; the last one holds `now_s`.
std::vector<ApiBucket> make_buckets(const Calendar& calendar, i64 now_s, ApiSpan span,
                                    ApiBuckets kind);

/// What a summary of that period is about: from the first of its buckets to the end of the last. A
/// day is made of hours.
Period span_of(const Calendar& calendar, i64 now_s, ApiSpan span);

}  // namespace shmeter::collector
