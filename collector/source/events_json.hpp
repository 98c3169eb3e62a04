// SPDX-License-Identifier: MIT
// Usage events that somebody posts: one object or an array of them. Invariant: all of a document or
// nothing of it; every event has an id, so that a document sent twice counts once.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/result.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

inline constexpr std::size_t kMaxEventsJson = std::size_t{16} << 20;
inline constexpr std::size_t kMaxEvents = 100'000;

/// Makes an id that nobody else has.
using MakeId = std::function<std::string()>;

/// Members of an event, `*` required: session_id*, event_type* (tokens, tool_call, message,
/// compute), value, id (<= 256 bytes; absent: made), created_at (ISO 8601 with its offset or epoch
/// seconds; absent: now; at most five minutes ahead), agent_name (`main` and absent are the main
/// agent), endpoint, key, is_error, latency_ms; of tokens also model, cost_usd, input_tokens,
/// output_tokens, cache_creation_tokens, cache_creation_5m_tokens, cache_creation_1h_tokens,
/// cache_read_tokens.
///
/// tokens gives a RequestSeen (uuid "posted:" + id). `value` is input + output: beside either of
/// them it must be their sum and may be absent; alone it is taken as output, the dearer of the two,
/// so that no cost is understated. The others give an EventSeen under the id as it is, so that a
/// tool call posted with the id of its tool_use counts once with the transcript's. Value of
/// compute: seconds*; of tool_call and message: a count, absent = 1.
///
/// Returns the ids in order. Errors (invalid) name index and member: `[2].value: negative`.
[[nodiscard]] Result<std::vector<std::string>> parse_events(
    std::string_view bytes, i64 now_ms, const MakeId& make_id,
    const std::function<void(const Observation&)>& take);

}  // namespace shmeter::collector
