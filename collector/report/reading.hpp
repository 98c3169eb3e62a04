// SPDX-License-Identifier: MIT
// Reads of one commit for as long as it lives. Invariant: what was begun is ended, once.
#pragma once

#include <utility>

#include "collector/store/reader.hpp"

namespace shmeter::collector {

class Reading {
 public:
  static Result<Reading> of(StoreReader& store) {
    if (auto begun = store.begin(); !begun) return tl::unexpected(begun.error());
    return Reading(store);
  }
  Reading(Reading&& other) noexcept : store_(std::exchange(other.store_, nullptr)) {}
  Reading& operator=(Reading&&) = delete;
  ~Reading() {
    if (store_ != nullptr) store_->end();
  }

 private:
  explicit Reading(StoreReader& store) : store_(&store) {}
  StoreReader* store_;
};

}  // namespace shmeter::collector
