// SPDX-License-Identifier: MIT
// What this process takes of the machine, as the machine says.
#pragma once

#include "shm/picture.hpp"

namespace shmeter::collector {

struct ProcessFigures {
  double cpu_s = 0;
  double started_at_s = 0;  // epoch
  shm::i64 resident_bytes = shm::kUnknown;
  shm::i64 open_fds = shm::kUnknown;
};
ProcessFigures process_figures();

}  // namespace shmeter::collector
