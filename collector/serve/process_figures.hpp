// SPDX-License-Identifier: MIT
// What this process takes of the machine, as the machine says.
#pragma once

#include "shm/picture.hpp"

namespace shmeter::collector {

struct ProcessFigures {
  double cpu_s = 0;
  double started_at_s = 0;  // epoch
  double loop_cpu_s = 0;    // of the thread that asks: the loop's
  shm::i64 resident_bytes = shm::kUnknown;
  shm::i64 private_bytes = shm::kUnknown;  // what would come free if it ended
  shm::i64 open_fds = shm::kUnknown;
};
/// Reads /proc: some tenths of a millisecond.
ProcessFigures process_figures();

}  // namespace shmeter::collector
