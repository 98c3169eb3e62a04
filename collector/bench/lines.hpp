// SPDX-License-Identifier: MIT
// What programs cost, as people read it. Pure.
#pragma once

#include <string>
#include <vector>

#include "collector/bench/spawn.hpp"

namespace shmeter::bench {

/// A table whose ratios are to the first of them.
std::string lines_of(const std::vector<SpawnResult>& results);

}  // namespace shmeter::bench
