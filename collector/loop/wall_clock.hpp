// SPDX-License-Identifier: MIT
// The time of day. Asked for only at the edge: what is below takes it as an argument.
#pragma once

#include <chrono>
#include <cstdint>

namespace shmeter::collector {

/// Epoch milliseconds.
inline std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace shmeter::collector
