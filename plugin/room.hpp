// SPDX-License-Identifier: MIT
// A verb's working memory outside the stack: pages of zeroed memory that cost nothing until they
// are written. Each verb has its own, so that none pays for another's big buffers.
#pragma once

#include <array>
#include <cstddef>
#include <new>

#include "shm/layout.hpp"

namespace shmeter::plugin {

/// Room for one T, page aligned. T's members without initialisers stay untouched.
template <class T>
class RoomFor {
 public:
  /// To be called once.
  T& make() { return *new (bytes_.data()) T; }

 private:
  alignas(shm::kPageBytes) std::array<std::byte, sizeof(T)> bytes_{};
};

}  // namespace shmeter::plugin
