// SPDX-License-Identifier: MIT
// What somebody says about a session with SET_USAGE: absolute values, only those that are given.
// Invariant: a document with one wrong member says nothing, and the error names that member.
#pragma once

#include <functional>
#include <string_view>

#include "collector/result.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

inline constexpr std::size_t kMaxUsageJson = std::size_t{64} << 10;

/// One ReportedSeen; its texts live during the call. Members: input_tokens, output_tokens,
/// cache_creation_tokens, cache_read_tokens, messages, tool_calls, rate_limit_remaining,
/// rate_limit_limit (whole numbers), rate_limit_reset (epoch s), estimated_cost or cost_usd
/// (dollars), compute_seconds, model. `total_tokens` is no value of its own: beside input_tokens
/// and output_tokens it must be their sum, or that of all kinds given, else it is ignored. Unknown
/// members are ignored, null is not given. Errors (invalid): no session id, not an object, a wrong
/// type, negative or absurd numbers, none of these members.
[[nodiscard]] Result<void> parse_usage(std::string_view session_id, std::string_view bytes,
                                       i64 now_ms,
                                       const std::function<void(const Observation&)>& take);

}  // namespace shmeter::collector
