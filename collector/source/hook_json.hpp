// SPDX-License-Identifier: MIT
// What Claude Code gives to a hook, whole or reduced as readers pass it on, to one observation.
// Invariant: nothing but the members of HookSeen leaves this file; prompts, tool input and answers
// are never kept, not even for the next call.
#pragma once

#include <functional>
#include <string_view>

#include "collector/result.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// A hook's JSON holds a tool's input and answer, such as a whole file.
inline constexpr std::size_t kMaxHookJson = std::size_t{4} << 20;

/// One HookSeen; its texts live during the call. A member of another type is absent. Errors
/// (invalid): not an object, no valid session_id, no hook_event_name.
[[nodiscard]] Result<void> parse_hook(std::string_view bytes, i64 now_ms,
                                      const std::function<void(const Observation&)>& take);

}  // namespace shmeter::collector
