// SPDX-License-Identifier: MIT
// What one run of a program costs in things that can be counted instead of timed: system calls
// and pages it has written. The same on a busy machine as on an idle one.
#pragma once

#include "tests/bench/process.hpp"

namespace shmeter::bench {

struct Count {
  int system_calls = 0;   // execve and the final exit included
  long faults = 0;        // minor page faults of its whole life
  int written_pages = 0;  // anonymous pages at its exit, the stack's left out
};

/// Runs the command under ptrace. Throws std::runtime_error when it cannot be traced.
Count count(const Command& command);

}  // namespace shmeter::bench
