// SPDX-License-Identifier: MIT
// Claude Code's settings with our status line. Invariant: a status line that the user has goes on
// being shown: ours runs it with `--then`, and gives it back from there.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/setup/host_edit.hpp"

namespace shmeter::collector {

/// The member `statusLine` where there is none.
std::string statusline_member(std::string_view shmeter);

/// Errors (invalid): line:column and what is wrong.
Result<Edited> statusline_with(std::string_view settings, std::string_view shmeter);

/// The settings without ours; `before` is what they were once, or empty. Errors: as above.
Result<std::string> statusline_without(std::string_view settings, std::string_view before);

}  // namespace shmeter::collector
