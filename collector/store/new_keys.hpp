// SPDX-License-Identifier: MIT
// Which rows of the table `new_key` may be about a message: eight bytes a row, for the writer, who
// must find a key that came before, and for look-ups. Invariant: every committed row of `new_key`
// is named here until a commit has brought it home to `event_key`. More may be named than there
// are: who reads a row that was named here looks at its message again.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

#include "collector/store/sqlite.hpp"

namespace shmeter::collector {

class NewKeys {
 public:
  /// Four megabytes: slots are a power of two and at most 3/4 full.
  static constexpr u32 kMost = u32{3} << 17;

  struct Row {
    u64 message;
    i64 row;
  };

  /// The row that the next key gets, counted from 1.
  i64 add(u64 message);
  /// Appends the rows that may be about one of `messages`. Errors: unavailable, when load() has
  /// never gone well.
  Result<void> find(std::span<const u64> messages, std::vector<Row>& to) const;
  void clear();
  /// Says what the table has: at the start, and after a commit failed, when rows are named that
  /// never came. An error leaves all as it was.
  Result<void> load(Connection& db);
  bool loaded() const { return loaded_; }

  bool empty() const { return size() == 0; }
  bool full() const { return size() >= kMost; }

 private:
  struct Slot {
    u32 tag;  // upper half of the message; the place says the rest
    u32 row;  // 0 = free
  };
  u32 size() const;
  static void put(std::vector<Slot>& slots, u32 tag, u32 row);
  static void make_room(std::vector<Slot>& slots, u32 rows);

  mutable std::mutex mutex_;  // the writer's thread adds, the look-up's asks
  std::vector<Slot> slots_;
  u32 size_ = 0;
  std::atomic<bool> loaded_ = false;
};

}  // namespace shmeter::collector
