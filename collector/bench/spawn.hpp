// SPDX-License-Identifier: MIT
// What starting programs costs, in pairs: every round runs every program once in a fresh random
// order, and each is compared with the first one of its own round, so that a busy machine moves
// both. Whole life: from before the spawn until stdout is at its end and the child is reaped.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "collector/bench/process.hpp"

namespace shmeter::bench {

struct Contestant {
  std::string name;
  Command command;
};

struct SpawnResult {
  std::string name;
  double median_us = 0;
  double p10_us = 0;
  double p90_us = 0;
  double ratio = 0;          // median over the rounds of own time / first one's time
  double over_first_us = 0;  // median over the rounds of the difference
  double faults = 0;         // minor page faults in the mean
  long peak_kib = 0;  // largest resident set of it or a child it waited for, over all rounds;
                      // what we had at the spawn ourselves counts as its own
};

/// `between` runs between rounds, outside every measured time.
/// Throws std::runtime_error when a program cannot be started, or ends badly in the first round.
std::vector<SpawnResult> compare_spawns(const std::vector<Contestant>& contestants, int rounds,
                                        std::uint64_t seed, const std::function<void()>& between);

}  // namespace shmeter::bench
