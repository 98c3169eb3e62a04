// SPDX-License-Identifier: MIT
// Texts as small numbers, counted from 0 in the order they came: sessions and models by the
// thousand, each stored once. Invariant: a number, once given, stays that text's number. Not for
// two threads at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::u32;

class Interner {
 public:
  /// The text's number, given now if it has none yet.
  u32 intern(std::string_view text);
  /// The next number is this text's. If it has one already, find() goes on giving the first.
  void append(std::string_view text);
  std::optional<u32> find(std::string_view text) const;
  /// Valid until the next intern().
  std::string_view text(u32 number) const;
  u32 size() const { return static_cast<u32>(ends_.size()); }
  /// Memory taken, for the record.
  std::size_t bytes() const {
    return bytes_.capacity() + (ends_.capacity() + slots_.capacity()) * sizeof(u32);
  }

 private:
  std::size_t slot_of(std::string_view text) const;
  void grow();
  void place(u32 number);

  std::string bytes_;       // all texts, one after another
  std::vector<u32> ends_;   // where each ends
  std::vector<u32> slots_;  // number + 1 by hash, 0 = free; a power of two, at most 3/4 full
  mutable u32 last_ = 0;    // what find() found last: names come in runs
};

}  // namespace shmeter::collector
