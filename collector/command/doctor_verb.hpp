// SPDX-License-Identifier: MIT
// `doctor`: what is set up, tried for real, and what to do about what is wrong.
#pragma once

#include <span>

#include "collector/command/environment.hpp"

namespace shmeter::collector {

/// `doctor [--redact] [--runtime-dir DIR] [--config FILE] [--config-dir DIR]`. 0 when nothing is
/// bad; 69 when something is; 64 wrong words. Nothing is changed and no collector started.
int run_doctor(std::span<char* const> words, const Environment& environment);

}  // namespace shmeter::collector
