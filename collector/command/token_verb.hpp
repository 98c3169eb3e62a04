// SPDX-License-Identifier: MIT
// `shmeter token rotate`: new secrets for HTTP over TCP, known to a collector that runs at once.
#pragma once

#include "collector/command/environment.hpp"
#include "collector/command/flags.hpp"

namespace shmeter::collector {

int rotate_token(const Flags& flags, const Environment& environment);

}  // namespace shmeter::collector
