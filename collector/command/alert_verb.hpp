// SPDX-License-Identifier: MIT
// `alert list`: how the configured alerts stand; `alert test NAME`: what one does, without waiting
// for it.
#pragma once

#include <span>

#include "collector/command/environment.hpp"

namespace shmeter::collector {

/// `list` asks the collector, or else what it left. `test` runs the actions of one alert with a
/// sample value, whatever the hour, and says how each ended. 0 = each was told; 69 = one was not;
/// 64 = there is no such alert; 78 = the configuration is wrong.
int run_alert(std::span<char* const> words, const Environment& environment);

}  // namespace shmeter::collector
