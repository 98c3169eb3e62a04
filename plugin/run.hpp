// SPDX-License-Identifier: MIT
// The reader as one function: what main, or the freestanding entry, calls.
#pragma once

#include <span>

namespace shmeter::plugin {

/// sysexits.h: what the reader can end with besides 0.
inline constexpr int kUsageError = 64;
inline constexpr int kUnavailable = 69;

/// Runs one command line; the result is the exit status. `envp` ends with a null pointer.
int run(std::span<const char* const> argv, const char* const* envp);

}  // namespace shmeter::plugin
