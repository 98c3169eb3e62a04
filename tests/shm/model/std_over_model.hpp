// SPDX-License-Identifier: MIT
// Puts the production sources of shm/ over WeakMemory without changing a byte of them: inside
// namespace shmeter::shm the name `std` is found here first, and what is not here is the real one.
// Every source of the test is compiled with it (-include), so that there is one of everything.
#pragma once

#include <atomic>
#include <type_traits>

#include "weak_memory.hpp"

namespace shmeter::shm::std {

using namespace ::std;

template <class T>
class atomic_ref {
  static_assert(::std::is_unsigned_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));

 public:
  static constexpr bool is_always_lock_free = true;
  static constexpr ::std::size_t required_alignment = sizeof(T);
  explicit atomic_ref(T& word) noexcept : word_(&word) {}
  void store(T value, memory_order order) const noexcept {
    model::memory().store(word_, sizeof(T), value, order);
  }
  T load(memory_order order) const noexcept {
    return static_cast<T>(model::memory().load(word_, sizeof(T), order));
  }

 private:
  T* word_;
};

template <class T>
class atomic {
 public:
  static constexpr bool is_always_lock_free = true;
  T load(memory_order order) const noexcept {
    return static_cast<T>(model::memory().load(&word_, sizeof(T), order));
  }
  void store(T value, memory_order order) noexcept {
    model::memory().store(&word_, sizeof(T), value, order);
  }
  T fetch_add(T value, memory_order order) noexcept {
    return static_cast<T>(model::memory().add(&word_, sizeof(T), value, order));
  }

 private:
  alignas(sizeof(T)) T word_ = 0;
};

inline void atomic_thread_fence(memory_order order) noexcept { model::memory().fence(order); }

}  // namespace shmeter::shm::std
