// SPDX-License-Identifier: MIT
// Handing over to shmeterd: it stands beside the reader, or else on PATH.
#pragma once

#include <span>

#include "plugin/environment.hpp"
#include "plugin/text.hpp"

namespace shmeter::plugin {

/// Becomes `shmeterd` with the same words. Returns only if there is none: says so on stderr, and
/// the exit status is kUnavailable.
int become_heavy(std::span<const char* const> argv, const Environment& env);

/// The path of the shmeterd beside this executable, empty if that cannot be told. It need not be
/// there.
void path_beside_us(Path& out);

}  // namespace shmeter::plugin
