// SPDX-License-Identifier: MIT
// `shmeter setup HOST... [--dry-run] [--yes] [--uninstall]`: the hosts' own files with what they
// need to show the line, shown as they change, and as they were before.
#pragma once

#include <span>

#include "collector/command/environment.hpp"

namespace shmeter::collector {

int run_setup(std::span<char* const> arguments, const Environment& environment);

}  // namespace shmeter::collector
