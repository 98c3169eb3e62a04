// SPDX-License-Identifier: MIT
// Claude Code's settings with a hook of ours for what it tells of. Invariant: hooks that the user
// has stay, and stay where they are.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/setup/host_edit.hpp"

namespace shmeter::collector {

/// The member `hooks` where there is none.
std::string hooks_member(std::string_view shmeter);

/// Errors (invalid): line:column and what is wrong.
Result<Edited> hooks_with(std::string_view settings, std::string_view shmeter);

/// What to say when these settings switch all hooks off, and the status line with them; else empty.
std::string note_of_disabled(std::string_view settings);

/// Errors: as above.
Result<std::string> hooks_without(std::string_view settings);

}  // namespace shmeter::collector
