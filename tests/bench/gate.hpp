// SPDX-License-Identifier: MIT
// What one run of a program costs in things that can be counted instead of timed: system calls
// and pages it has written. The same on a busy machine as on an idle one.
#pragma once

#include <cstdint>

#include "collector/bench/process.hpp"

namespace shmeter::bench {

struct Count {
  int system_calls = 0;   // execve and the final exit included
  long faults = 0;        // minor page faults of its whole life
  int written_pages = 0;  // anonymous pages at its exit, the stack's left out
  long resident_kib = 0;  // all it had in memory then; the program's file included
};

/// Runs the command under ptrace. Throws std::runtime_error when it cannot be traced.
Count count(const Command& command);

struct Instructions {
  long count = 0;             // of its own, from execve to exit, the kernel's left out
  std::uint64_t highest = 0;  // address, where it was asked for; on x86-64 only
};

/// By single steps, some microseconds each. Throws as count does.
Instructions count_instructions(const Command& command, bool with_highest);

}  // namespace shmeter::bench
