// SPDX-License-Identifier: MIT
// `top`: the region as a live view that fills the terminal. It speaks to no collector and reads no
// configuration.
#pragma once

#include <span>

#include "collector/command/environment.hpp"

namespace shmeter::collector {

/// `top [--once] [--runtime-dir DIR] [--region PATH]`. 0; 64 wrong words; 69 the terminal cannot be
/// set; ended by a signal, it ends by that. Where stdin or stdout is no terminal, and with --once,
/// it prints one frame.
int run_top_verb(std::span<char* const> words, const Environment& environment);

}  // namespace shmeter::collector
