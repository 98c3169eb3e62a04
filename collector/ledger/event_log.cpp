// SPDX-License-Identifier: MIT
// Open addressing over places. Keys are hashes already: their upper bits are the home slot.
#include "collector/ledger/event_log.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

constexpr unsigned kSessionBits = 20;
constexpr std::size_t kFirstSlots = 1024;

}  // namespace

EventLog::Record EventLog::pack(const Event& event) {
  return {event.key,
          static_cast<u64>(event.at_ms) << kSessionBits | event.session,
          static_cast<u32>(event.value),
          static_cast<std::uint16_t>(event.agent),
          event.kind,
          event.source};
}

Event EventLog::unpack(const Record& record) {
  Event event;
  event.key = record.key;
  event.kind = record.kind;
  event.source = record.source;
  event.session = static_cast<u32>(record.when_and_session & ((u64{1} << kSessionBits) - 1));
  event.agent = record.agent;
  event.at_ms = static_cast<i64>(record.when_and_session >> kSessionBits);
  event.value = record.value;
  return event;
}

/// Where the key stands or would stand. There is always a free slot.
std::size_t EventLog::find_slot(u64 key) const {
  std::size_t at = static_cast<std::size_t>(((key >> 32) * slots_.size()) >> 32);
  const auto is_it = [&](u32 there) {
    return ((there ^ slot(key, 0)) & ~kPlaceMask) == 0 && record(place_in(there)).key == key;
  };
  while (slots_[at] != 0 && !is_it(slots_[at])) at = at + 1 == slots_.size() ? 0 : at + 1;
  return at;
}

std::optional<EventLog::Place> EventLog::find(u64 key) const {
  if (slots_.empty()) return std::nullopt;
  const u32 found = slots_[find_slot(key)];
  if (found == 0) return std::nullopt;
  return place_in(found);
}

void EventLog::make_table(std::size_t slots) {
  slots_ = std::vector<u32>(slots, 0);
  for (u32 place = 0; place < size_; ++place) {
    const u64 key = record(place).key;
    slots_[find_slot(key)] = slot(key, place);
  }
}

bool EventLog::add(const Event& event) {
  if (size_ == kMaxEvents) return false;
  if ((std::size_t{size_} + 1) * 8 > slots_.size() * 7)
    make_table(slots_.empty() ? kFirstSlots : slots_.size() + slots_.size() / 2);
  if (size_ == blocks_.size() * kBlockRecords)
    blocks_.push_back(std::make_unique_for_overwrite<Block>());
  const Place place = size_++;
  record(place) = pack(event);
  slots_[find_slot(event.key)] = slot(event.key, place);
  return true;
}

void EventLog::shrink(u32 size) {
  size_ = size;
  blocks_.resize((std::size_t{size} + kBlockRecords - 1) / kBlockRecords);
  make_table(std::max(kFirstSlots, std::size_t{size} + size / 2));
}

}  // namespace shmeter::collector
