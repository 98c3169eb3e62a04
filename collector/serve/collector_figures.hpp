// SPDX-License-Identifier: MIT
// How the collector itself is doing, as plain counts that each part keeps of its own work. All but
// the gauges only grow while the process, or the part that counts, lives.
#pragma once

#include <array>
#include <cstdint>

#include "collector/model/model.hpp"

namespace shmeter::collector {

struct CollectorFigures {
  TakenIn taken;
  i64 waiting_lines = 0;                    // for the store's answer; a gauge
  i64 store_queue = shm::kUnknown;          // batches; a gauge; unknown = there is no store
  i64 store_waiting_bytes = shm::kUnknown;  // the same
  std::uint64_t publications = 0;           // of pictures into the region
  double publication_lag_s = 0;             // of all of them together
  std::uint64_t loop_turns = 0;
  std::array<std::uint64_t, 6> http_answers{};  // by the first digit of their status
};

}  // namespace shmeter::collector
