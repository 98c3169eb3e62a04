// SPDX-License-Identifier: MIT
#include "collector/store/new_keys.hpp"

#include <utility>

namespace shmeter::collector {
namespace {

constexpr std::size_t kFirstSlots = 1024;

u32 tag_of(u64 message) { return static_cast<u32>(message >> 32); }

}  // namespace

i64 NewKeys::add(u64 message) {
  const std::lock_guard guard(mutex_);
  make_room(slots_, ++size_);
  put(slots_, tag_of(message), size_);
  return size_;
}

Result<void> NewKeys::find(std::span<const u64> messages, std::vector<Row>& to) const {
  if (!loaded_) return fail(Errc::unavailable, "which keys are the newest could not be read");
  const std::lock_guard guard(mutex_);
  if (slots_.empty()) return {};
  const std::size_t mask = slots_.size() - 1;
  for (const u64 message : messages) {
    const u32 tag = tag_of(message);
    for (std::size_t at = tag & mask; slots_[at].row != 0; at = (at + 1) & mask)
      if (slots_[at].tag == tag) to.push_back({message, slots_[at].row});
  }
  return {};
}

void NewKeys::clear() {
  const std::lock_guard guard(mutex_);
  std::vector<Slot>().swap(slots_);
  size_ = 0;
}

Result<void> NewKeys::load(Connection& db) {
  auto rows = db.prepare("SELECT row,message FROM new_key ORDER BY row");
  SHMETER_TRY(rows);
  std::vector<Slot> slots;
  u32 last = 0;
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW) {
    last = rows->small(0);
    make_room(slots, last);
    put(slots, tag_of(rows->word(1)), last);
  }
  SHMETER_TRY(db.check(code, "read the newest keys"));
  const std::lock_guard guard(mutex_);
  slots_ = std::move(slots);
  size_ = last;
  loaded_ = true;
  return {};
}

u32 NewKeys::size() const {
  const std::lock_guard guard(mutex_);
  return size_;
}

/// The half of a message's hash that is kept says both where it stands and whether it may be it.
void NewKeys::put(std::vector<Slot>& slots, u32 tag, u32 row) {
  const std::size_t mask = slots.size() - 1;
  std::size_t at = tag & mask;
  while (slots[at].row != 0) at = (at + 1) & mask;
  slots[at] = {tag, row};
}

void NewKeys::make_room(std::vector<Slot>& slots, u32 rows) {
  if (4 * std::size_t{rows} <= 3 * slots.size()) return;
  std::vector<Slot> old(slots.empty() ? kFirstSlots : 2 * slots.size());
  old.swap(slots);
  for (const Slot& slot : old)
    if (slot.row != 0) put(slots, slot.tag, slot.row);
}

}  // namespace shmeter::collector
