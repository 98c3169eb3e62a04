// SPDX-License-Identifier: MIT
#include "collector/store/rows.hpp"

#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kFirstSlots = 16;
// About what a node of a map or a string of our length takes beside its content.
constexpr std::size_t kNodeBytes = 48;
constexpr i64 kQuarter_ms = 15 * 60 * 1000;

i64 quarter_of(i64 at_ms) { return at_ms / kQuarter_ms - (at_ms % kQuarter_ms < 0 ? 1 : 0); }

u32 hash_of(const StoredEvent& event) {
  return static_cast<u32>(
      mix_bits(event.key.message ^ mix_bits(event.key.request + event.side_chain)));
}

}  // namespace

void OutcomeSum::add(const OutcomeSum& other) {
  requests += other.requests;
  tokens += other.tokens;
  failures += other.failures;
  failed_requests += other.failed_requests;
  timed += other.timed;
  latency_ms += other.latency_ms;
}

void StoreBatch::keep(const StoredEvent& event) {
  // Three of four lines of a transcript repeat the response of the line before.
  if (4 * (events_.size() + 1) > 3 * slots_.size()) grow_slots();
  const u32 hash = hash_of(event);
  Slot& slot = slots_[find_slot(event, hash)];
  if (slot.place == 0) {
    events_.push_back(event);
    slot = {static_cast<u32>(events_.size()), hash};
  } else if (event.only_counted) {
    events_[slot.place - 1].counted = event.counted;
    return;
  } else {
    events_[slot.place - 1] = event;
  }
  StoredEvent& kept = events_[slot.place - 1];
  for (std::string_view* text : {&kept.request_id, &kept.name, &kept.call.endpoint, &kept.call.key})
    *text = texts_.keep(*text);
}

void StoreBatch::book(const Booking& booking) {
  const RollupKey key{quarter_of(booking.at_ms), booking.session, booking.model};
  add(rollups_.try_emplace(key, shm::no_usage()).first->second, booking.amount);
}

void StoreBatch::clear() {
  StoreBatch fresh;
  fresh.events_.swap(events_);
  fresh.slots_.swap(slots_);
  *this = std::move(fresh);
  events_.clear();
  slots_.assign(slots_.size(), {});
}

bool StoreBatch::empty() const {
  return names.empty() && accounts.empty() && sessions.empty() && quota.empty() && files.empty() &&
         forgotten_files.empty() && joined.empty() && events_.empty() && rollups_.empty();
}

std::size_t StoreBatch::bytes() const {
  std::size_t sum = texts_.bytes() + events_.size() * sizeof(StoredEvent) +
                    slots_.capacity() * sizeof(Slot) + sessions.capacity() * sizeof(SessionRow) +
                    rollups_.size() * (sizeof(RollupKey) + sizeof(shm::Usage) + kNodeBytes) +
                    accounts.size() * sizeof(AccountRow) + joined.capacity() * sizeof(Joined);
  for (const SessionRow& row : sessions) sum += row.models.size();
  for (const NameRow& row : names) sum += sizeof row + row.text.size();
  for (const QuotaRow& row : quota) sum += sizeof row + row.details.size();
  for (const FileRow& row : files) sum += sizeof row + row.path.size();
  for (const std::string& path : forgotten_files) sum += sizeof path + path.size();
  return sum;
}

/// Where the event's key is, or the free slot where it would be.
std::size_t StoreBatch::find_slot(const StoredEvent& event, u32 hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at].place != 0; at = (at + 1) & mask) {
    if (slots_[at].hash != hash) continue;
    const StoredEvent& there = events_[slots_[at].place - 1];
    if (there.key == event.key && there.side_chain == event.side_chain) break;
  }
  return at;
}

void StoreBatch::grow_slots() {
  std::vector<Slot> old(slots_.empty() ? kFirstSlots : 2 * slots_.size());
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.place == 0) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].place != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

}  // namespace shmeter::collector
