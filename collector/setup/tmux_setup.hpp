// SPDX-License-Identifier: MIT
// tmux.conf with our line on the right of the status line. Invariant: it stands there once, however
// often the file is sourced, before what the user or a theme put there.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/setup/host_edit.hpp"

namespace shmeter::collector {

/// The lines between our marks, for the reader at that absolute path. Errors (invalid): a path that
/// tmux cannot be told.
Result<std::string> tmux_lines(std::string_view shmeter);

/// Errors: invalid; (exists) the user has done it by hand, line:column.
Result<Edited> tmux_with(std::string_view text, std::string_view shmeter);

}  // namespace shmeter::collector
