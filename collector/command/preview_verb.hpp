// SPDX-License-Identifier: MIT
// `preview`: every host's line, as it looks there.
#pragma once

#include <span>

#include "collector/command/environment.hpp"

namespace shmeter::collector {

/// `preview [--session ID] [--width N] [--raw] [--html FILE] [--runtime-dir DIR] [--region PATH]`.
/// 0, also without a region: then the samples alone, and a word on stderr. 64 wrong words; 69 there
/// is no such session, or FILE cannot be written.
int run_preview(std::span<char* const> words, const Environment& environment);

}  // namespace shmeter::collector
