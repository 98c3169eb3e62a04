// SPDX-License-Identifier: MIT
// Every tool call, prompt, turn and failure, 24 bytes each, found through a table of 4-byte
// numbers: about 30 bytes in all. Invariant: what add() or replace() was given is
// what at() shows, to the bit, and no two have the same key.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "collector/ledger/request_log.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// Anything that counts once and is no request, as the ledger keeps it.
struct Event {
  u64 key = 0;  // EventKey::message
  EventKind kind = EventKind::message;
  Source source = Source::transcript;
  u32 session = 0;  // 20 bits
  u32 agent = 0;    // 16 bits
  i64 at_ms = 0;    // 44 bits, not negative
  i64 value = 0;    // 32 bits, not negative
  bool operator==(const Event&) const = default;
};

class EventLog {
 public:
  static constexpr i64 kMaxValue = 0xffffffff;  // as milliseconds 49 days

  /// Where an event stands; valid until the next keep_only().
  using Place = u32;

  std::optional<Place> find(u64 key) const;
  Event at(Place place) const { return unpack(record(place)); }
  /// Of a key that is not there. False when 2^25 are kept already.
  [[nodiscard]] bool add(const Event& event);
  /// The one there gives way to another one of the same key.
  void replace(Place place, const Event& event) { record(place) = pack(event); }

  /// Drops every event for which keep(const Event&) is false, and gives its memory back.
  template <class Keep>
  void keep_only(Keep&& keep) {
    u32 kept = 0;
    for (u32 from = 0; from < size_; ++from) {
      if (keep(at(from))) record(kept++) = record(from);
    }
    shrink(kept);
  }

  /// Calls visit(const Event&) for every event.
  template <class Visit>
  void each(Visit&& visit) const {
    for (u32 place = 0; place < size_; ++place) visit(at(place));
  }

  std::size_t size() const { return size_; }
  /// Memory taken, for the record.
  std::size_t bytes() const {
    return slots_.capacity() * sizeof(u32) + blocks_.size() * sizeof(Block);
  }

 private:
  struct Record {
    u64 key;
    u64 when_and_session;
    u32 value;
    std::uint16_t agent;
    EventKind kind;
    Source source;
  };
  static_assert(sizeof(Record) == 24);
  static constexpr u32 kBlockRecords = 1024;
  // A slot: seven bits of the key, so that looking past other events does not touch them, above the
  // place + 1.
  static constexpr unsigned kPlaceBits = 25;
  static constexpr u32 kPlaceMask = (u32{1} << kPlaceBits) - 1;
  static constexpr u32 kMaxEvents = kPlaceMask;
  using Block = std::array<Record, kBlockRecords>;

  static Record pack(const Event& event);
  static Event unpack(const Record& record);
  Record& record(Place place) { return (*blocks_[place / kBlockRecords])[place % kBlockRecords]; }
  const Record& record(Place place) const {
    return (*blocks_[place / kBlockRecords])[place % kBlockRecords];
  }
  static u32 slot(u64 key, Place place) {
    return static_cast<u32>(key) << kPlaceBits | (place + 1);
  }
  static Place place_in(u32 slot) { return (slot & kPlaceMask) - 1; }
  std::size_t find_slot(u64 key) const;
  void make_table(std::size_t slots);
  void shrink(u32 size);

  std::vector<u32> slots_;  // by key, 0 = free; at most 7/8 full; grows by half
  std::vector<std::unique_ptr<Block>> blocks_;
  u32 size_ = 0;
};

}  // namespace shmeter::collector
