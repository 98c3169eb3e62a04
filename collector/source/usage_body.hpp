// SPDX-License-Identifier: MIT
// An account's limits as JSON, in the two forms there are: what a status line says
// (`used_percentage`, epoch seconds) and what the service's usage answer says (`utilization`, ISO
// 8601); both count in percent. Invariant: a window leaves this file with a share and a reset time
// or not at all; a window that is not open, and every one with a name nobody has explained, is
// unknown.
#pragma once

#include <vector>

#include "collector/source/json_fields.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// Rows of scoped windows that are looked at; real ones are a handful.
inline constexpr std::size_t kMaxLimitRows = 64;
/// No window is longer than a month.
inline constexpr i64 kLongestWindow_s = i64{32} * 24 * 3600;

struct UsageBody {
  WindowSeen five_hour;
  WindowSeen seven_day;
  bool says_scoped = false;
  std::vector<ScopedWindowSeen> scoped;  // texts of the document
  bool says_extra_usage = false;
  shm::ExtraUsage extra_usage;
  shm::SpendLimit spend_limit;

  bool says_nothing() const;
};

/// What `trouble` does not keep the caller from using is right: each member stands for itself.
UsageBody read_usage_body(simdjson::dom::element body, const json::Place& place, i64 now_ms,
                          json::Trouble& trouble);

/// The body as an observation that lives no longer than it.
QuotaSeen quota_seen(const UsageBody& body, shm::QuotaSource source, i64 observed_at_ms);

}  // namespace shmeter::collector
