// SPDX-License-Identifier: MIT
// `alert test NAME`: what an alert does, without waiting for it.
#pragma once

#include <span>

#include "collector/command/environment.hpp"

namespace shmeter::collector {

/// Runs the actions of one alert with a sample value, whatever the hour, and says how each ended.
/// 0 = each was told; 69 = one was not; 64 = there is no such alert.
int run_alert(std::span<char* const> words, const Environment& environment);

}  // namespace shmeter::collector
