// SPDX-License-Identifier: MIT
// Limits of an account that somebody feeds in: SET_QUOTA, or what `[quota] command` printed. Either
// form of usage_body.hpp, also as the member `rate_limits` of an object. Invariant: a document that
// is wrong anywhere in what is looked at gives nothing but an error that names the member.
#pragma once

#include <functional>
#include <string_view>

#include "collector/result.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

inline constexpr std::size_t kMaxQuotaJson = std::size_t{64} << 10;

/// One QuotaSeen of `source` (manual or command), observed now; its texts live during the call.
/// Errors (invalid): not an object, nothing known in it, a percentage not in 0..100, a reset in the
/// past or more than 32 days ahead, a share without its reset.
[[nodiscard]] Result<void> parse_quota(std::string_view bytes, i64 now_ms, shm::QuotaSource source,
                                       const std::function<void(const Observation&)>& take);

}  // namespace shmeter::collector
