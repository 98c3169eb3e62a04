// SPDX-License-Identifier: MIT
// The greatest line of every request, packed: 24 fixed bytes and variable-length numbers behind
// them, about 34 bytes in all, in blocks that never move, found through a table of 4-byte
// positions. 170k requests are thus about 7 MB, where plain structs in a map would be 30.
// Invariant: what add() or replace() was given is what group() shows, to the bit.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "collector/ledger/interner.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// Where a line's cost comes from.
enum class CostBy : std::uint8_t {
  list,    // the price list; `cost_nanousd` says nothing
  stored,  // as it was booked by another price list: taken back so when it must be
  sender,  // who posted it said so, and no list changes it
};

/// One line about a request, as the ledger keeps it.
struct Line {
  u64 message = 0;  // of its EventKey
  u64 request = 0;  // of its EventKey, 0 = none
  u32 session = 0;  // 20 bits
  u32 model = 0;    // 16 bits
  u32 agent = 0;    // 16 bits
  Source source = Source::transcript;
  CostBy cost_by = CostBy::list;
  i64 at_ms = 0;  // 44 bits, not negative
  bool side_chain = false;
  bool fast = false;
  bool has_speed = false;
  bool us_inference = false;
  bool batch = false;
  Tokens tokens = {};           // each 32 bits
  i64 cost_nanousd = kUnknown;  // kUnknown = no price known; else not negative
  bool operator==(const Line&) const = default;
};

/// Of such lines the log has room for one.
inline bool same_place(const Line& a, const Line& b) {
  return a.message == b.message && a.request == b.request && a.side_chain == b.side_chain;
}

class RequestLog {
 public:
  static constexpr u32 kMaxSessions = u32{1} << 20;
  static constexpr u32 kMaxModels = u32{1} << 16;
  static constexpr u32 kMaxAgents = u32{1} << 16;
  static constexpr i64 kMaxTime_ms = i64{1} << 44;  // the year 2527

  /// Whether every count can be kept.
  static constexpr bool fits(const Tokens& t) {
    const auto fits = [](i64 count) { return count >= 0 && count <= 0xffffffff; };
    return fits(t.input) && fits(t.output) && fits(t.write_5m) && fits(t.write_1h) &&
           fits(t.read) && fits(t.web_searches);
  }

  /// Where a line stands; valid until the next add().
  using Slot = std::size_t;

  /// Calls visit(Slot, const Line&) for every line of the message, in no particular order.
  template <class Visit>
  void group(u64 message, Visit&& visit) const {
    if (slots_.empty()) return;
    for (Slot at = home(message); slots_[at] != kFree; at = next(at)) {
      if (tags_[at] == tag(message) && message_at(at) == message) visit(at, unpack(at));
    }
  }

  /// Calls visit(u64 message) once for every message.
  template <class Visit>
  void each_message(Visit&& visit) const {
    for (Slot at = 0; at < slots_.size(); ++at) {
      if (slots_[at] != kFree && first_of_group(at)) visit(message_at(at));
    }
  }

  /// Calls visit(const Line&) for every line.
  template <class Visit>
  void each(Visit&& visit) const {
    for (Slot at = 0; at < slots_.size(); ++at) {
      if (slots_[at] != kFree) visit(unpack(at));
    }
  }

  /// False when 4 GiB of requests are stored already.
  [[nodiscard]] bool add(const Line& line);
  /// The line there gives way to another one of the same message. False as above.
  [[nodiscard]] bool replace(Slot slot, const Line& line);

  /// Drops every line for which keep(const Line&) is false, and gives its memory back.
  template <class Keep>
  void keep_only(Keep&& keep) {
    std::vector<Slot> staying;
    for (Slot at = 0; at < slots_.size(); ++at) {
      if (slots_[at] != kFree && keep(unpack(at))) staying.push_back(at);
    }
    // They come in the order of their homes: in a table that grows behind them all would stand at
    // its beginning, and each would look past most of the others.
    RequestLog kept;
    kept.make_table(std::max(kFirstSlots, staying.size() + staying.size() / 2));
    for (const Slot at : staying) {
      if (!kept.add(unpack(at))) return;
    }
    *this = std::move(kept);
  }

  std::size_t size() const { return size_; }
  /// Memory taken, for the record.
  std::size_t bytes() const;

 private:
  static constexpr u32 kFree = 0xffffffffu;
  static constexpr std::size_t kFirstSlots = 1024;
  static constexpr u32 kBlockBytes = u32{1} << 16;
  static constexpr u32 kMaxBlocks = (u32{1} << 16) - 1;
  static constexpr std::size_t kMaxRecordBytes = 80;
  using Record = std::array<std::byte, kMaxRecordBytes>;

  Slot home(u64 message) const {
    return static_cast<Slot>(((message >> 32) * slots_.size()) >> 32);
  }
  Slot next(Slot at) const { return at + 1 == slots_.size() ? 0 : at + 1; }
  static unsigned char tag(u64 message) { return static_cast<unsigned char>(message); }
  bool first_of_group(Slot slot) const;
  Slot free_slot(u64 message) const;
  void make_table(std::size_t slots);

  const std::byte* at(u32 position) const {
    return &blocks_[position / kBlockBytes][position % kBlockBytes];
  }
  std::byte* at(u32 position) { return &blocks_[position / kBlockBytes][position % kBlockBytes]; }
  u64 message_at(Slot slot) const;
  Line unpack(Slot slot) const;
  static std::size_t pack(const Line& line, Record& out);
  std::size_t packed_size(u32 position) const;
  u32 allocate(std::size_t bytes);
  void release(u32 position, std::size_t bytes);

  std::vector<u32> slots_;           // positions by message, at most 7/8 full; grows by half
  std::vector<unsigned char> tags_;  // a byte of the message beside each, so that looking past
                                     // other messages stays in the cache
  std::size_t size_ = 0;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  u32 used_in_last_ = kBlockBytes;
  std::array<u32, kMaxRecordBytes> released_ = all_free();  // by size: lists of places given back

  static constexpr std::array<u32, kMaxRecordBytes> all_free() {
    std::array<u32, kMaxRecordBytes> lists{};
    lists.fill(kFree);
    return lists;
  }
};

}  // namespace shmeter::collector
