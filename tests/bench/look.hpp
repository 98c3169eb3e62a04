// SPDX-License-Identifier: MIT
// The look that asks most of a reader, of all that the product brings: what every line of a user of
// it costs. Read from a configuration as the collector reads it.
#pragma once

#include "shm/format_list.hpp"

namespace shmeter::bench {

/// Theme catppuccin, whose colours take the most bytes, with icons, a ground and caps around it;
/// and the form `rich` as tmux's own. Throws std::runtime_error when the configuration is refused.
shm::FormatList richest_look();

}  // namespace shmeter::bench
