// SPDX-License-Identifier: MIT
// The files that zsh, bash and fish read when they start, with our line in the prompt. Invariant:
// no process is started for it; without a collector, without a terminal, and whatever options are
// set, the prompt is the user's own.
#pragma once

#include <string_view>

#include "collector/result.hpp"
#include "collector/setup/host_edit.hpp"

namespace shmeter::collector {

/// The lines between our marks. The collector keeps a file in `line/` up to date once it is there.
extern const std::string_view kZshLines;
extern const std::string_view kBashLines;
extern const std::string_view kFishLines;

/// `lines` is one of those. Errors: invalid; (exists) the user has done it by hand, line:column.
Result<Edited> shell_with(std::string_view text, std::string_view lines);

}  // namespace shmeter::collector
