// SPDX-License-Identifier: MIT
// How far the models go: as ctest runs them, or as long as the arguments say (main.cpp).
#pragma once

#include <cstdint>

namespace shmeter::model {

struct Bounds {
  /// Beside the first one. Four are the fewest with which a reader can be lapped.
  std::uint32_t publications = 8;
  std::uint64_t rounds = 20'000;  // of random ones
  std::uint64_t seed = 1;
};
Bounds& bounds();

}  // namespace shmeter::model
