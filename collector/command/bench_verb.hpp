// SPDX-License-Identifier: MIT
// `bench`: what the reader of this installation costs here, beside programs that do nothing.
#pragma once

#include <span>

#include "collector/command/environment.hpp"

namespace shmeter::collector {

/// `bench [--rounds N] [--runtime-dir DIR]`. 0; 64 wrong words; 69 without a reader beside this
/// program, or when one of the programs cannot be started.
int run_bench(std::span<char* const> words, const Environment& environment);

}  // namespace shmeter::collector
