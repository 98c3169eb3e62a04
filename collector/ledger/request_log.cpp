// SPDX-License-Identifier: MIT
// A record: message less its lowest byte, which is the slot's tag (7), request (8), time and
// session (8), flags and model (1), if they say so more flags (1), then as variable-length numbers
// of seven bits a byte: the model if it is not one of the first three, input, output, write_5m,
// write_1h, read, and what the second flags name: web searches, agent, source, cost + 1.
#include "collector/ledger/request_log.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace shmeter::collector {
namespace {

static_assert(std::endian::native == std::endian::little);
constexpr unsigned kSessionBits = 20;
constexpr std::size_t kFixedBytes = 7 + 8 + 8;
constexpr unsigned kModelShift = 6;  // above the flags
constexpr u32 kModelFollows = 3;

enum Flag : unsigned {
  kSideChain = 1,
  kFast = 2,
  kHasSpeed = 4,
  kUsInference = 8,
  kBatch = 16,
  kMore = 32
};

enum More : unsigned { kSearches = 1, kAgent = 2, kSource = 4, kCost = 8 };
constexpr unsigned kNumbers = kSearches | kAgent | kSource | kCost;
constexpr unsigned kCostByShift = 4;

unsigned flags_of(const Line& line) {
  return (line.side_chain ? kSideChain : 0u) | (line.fast ? kFast : 0u) |
         (line.has_speed ? kHasSpeed : 0u) | (line.us_inference ? kUsInference : 0u) |
         (line.batch ? kBatch : 0u);
}

unsigned more_of(const Line& line) {
  const bool says_cost = line.cost_by != CostBy::list;
  return (line.tokens.web_searches != 0 ? kSearches : 0u) | (line.agent != 0 ? kAgent : 0u) |
         (line.source != Source::transcript ? kSource : 0u) |
         (says_cost ? kCost | static_cast<unsigned>(line.cost_by) << kCostByShift : 0u);
}

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
std::byte* store(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
  return to + sizeof value;
}

std::byte* store_number(std::byte* to, u64 value) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<std::byte>(value | 0x80u);
  *to++ = static_cast<std::byte>(value);
  return to;
}

i64 load_number(const std::byte*& from) {
  u64 value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const u64 byte = std::to_integer<u64>(*from++);
    value |= (byte & 0x7fu) << shift;
    if (byte < 0x80) return static_cast<i64>(value);
  }
}

}  // namespace

std::size_t RequestLog::pack(const Line& line, Record& out) {
  const Tokens& t = line.tokens;
  std::byte* to = store(out.data(), line.message >> 8) - 1;
  to = store(to, line.request);
  to = store(to, (static_cast<u64>(line.at_ms) << kSessionBits) | line.session);
  const u32 model = std::min(line.model, kModelFollows);
  const unsigned more = more_of(line);
  *to++ = static_cast<std::byte>(flags_of(line) | (more != 0 ? kMore : 0u) | model << kModelShift);
  if (more != 0) *to++ = static_cast<std::byte>(more);
  if (model == kModelFollows) to = store_number(to, line.model);
  for (const i64 count : {t.input, t.output, t.write_5m, t.write_1h, t.read})
    to = store_number(to, static_cast<u64>(count));
  if ((more & kSearches) != 0) to = store_number(to, static_cast<u64>(t.web_searches));
  if ((more & kAgent) != 0) to = store_number(to, line.agent);
  if ((more & kSource) != 0) to = store_number(to, static_cast<u64>(line.source));
  if ((more & kCost) != 0)
    to = store_number(to,
                      shm::known(line.cost_nanousd) ? static_cast<u64>(line.cost_nanousd) + 1 : 0);
  return static_cast<std::size_t>(to - out.data());
}

Line RequestLog::unpack(Slot slot) const {
  const std::byte* from = at(slots_[slot]);
  Line line;
  line.message = message_at(slot);
  line.request = load<u64>(from + 7);
  const u64 when = load<u64>(from + 15);
  line.at_ms = static_cast<i64>(when >> kSessionBits);
  line.session = static_cast<u32>(when & ((u64{1} << kSessionBits) - 1));
  from += kFixedBytes;
  const unsigned flags = std::to_integer<unsigned>(*from++);
  const unsigned more = (flags & kMore) != 0 ? std::to_integer<unsigned>(*from++) : 0;
  line.side_chain = (flags & kSideChain) != 0;
  line.fast = (flags & kFast) != 0;
  line.has_speed = (flags & kHasSpeed) != 0;
  line.us_inference = (flags & kUsInference) != 0;
  line.batch = (flags & kBatch) != 0;
  line.model = flags >> kModelShift;
  if (line.model == kModelFollows) line.model = static_cast<u32>(load_number(from));
  Tokens& t = line.tokens;
  for (i64* count : {&t.input, &t.output, &t.write_5m, &t.write_1h, &t.read})
    *count = load_number(from);
  if (more == 0) return line;
  line.cost_by = static_cast<CostBy>(more >> kCostByShift);
  if ((more & kSearches) != 0) t.web_searches = load_number(from);
  if ((more & kAgent) != 0) line.agent = static_cast<u32>(load_number(from));
  if ((more & kSource) != 0) line.source = static_cast<Source>(load_number(from));
  if ((more & kCost) != 0) {
    const i64 cost = load_number(from);
    line.cost_nanousd = cost == 0 ? kUnknown : cost - 1;
  }
  return line;
}

std::size_t RequestLog::packed_size(u32 position) const {
  const std::byte* from = at(position) + kFixedBytes;
  const unsigned flags = std::to_integer<unsigned>(*from++);
  const unsigned more = (flags & kMore) != 0 ? std::to_integer<unsigned>(*from++) : 0;
  int numbers = 5 + std::popcount(more & kNumbers);
  if (flags >> kModelShift == kModelFollows) ++numbers;
  for (; numbers > 0; --numbers) load_number(from);
  return static_cast<std::size_t>(from - at(position));
}

/// The record's eighth byte is the request's, and is shifted out.
u64 RequestLog::message_at(Slot slot) const {
  return load<u64>(at(slots_[slot])) << 8 | tags_[slot];
}

u32 RequestLog::allocate(std::size_t bytes) {
  if (u32& list = released_[bytes]; list != kFree) {
    const u32 position = list;
    list = load<u32>(at(position));
    return position;
  }
  if (used_in_last_ + bytes > kBlockBytes) {
    if (blocks_.size() == kMaxBlocks) return kFree;
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kBlockBytes));
    used_in_last_ = 0;
  }
  const u32 position = static_cast<u32>(blocks_.size() - 1) * kBlockBytes + used_in_last_;
  used_in_last_ += static_cast<u32>(bytes);
  return position;
}

void RequestLog::release(u32 position, std::size_t bytes) {
  store(at(position), released_[bytes]);
  released_[bytes] = position;
}

bool RequestLog::first_of_group(Slot slot) const {
  const u64 message = message_at(slot);
  for (Slot at = home(message); at != slot; at = next(at)) {
    if (message_at(at) == message) return false;
  }
  return true;
}

RequestLog::Slot RequestLog::free_slot(u64 message) const {
  Slot at = home(message);
  while (slots_[at] != kFree) at = next(at);
  return at;
}

void RequestLog::make_table(std::size_t slots) {
  RequestLog made;
  made.slots_.assign(slots, kFree);
  made.tags_.resize(slots);
  for (Slot from = 0; from < slots_.size(); ++from) {
    if (slots_[from] == kFree) continue;
    const Slot to = made.free_slot(message_at(from));
    made.slots_[to] = slots_[from];
    made.tags_[to] = tags_[from];
  }
  slots_.swap(made.slots_);
  tags_.swap(made.tags_);
}

bool RequestLog::add(const Line& line) {
  Record record;
  const std::size_t bytes = pack(line, record);
  const u32 position = allocate(bytes);
  if (position == kFree) return false;
  std::memcpy(at(position), record.data(), bytes);
  if ((size_ + 1) * 8 > slots_.size() * 7)
    make_table(slots_.empty() ? kFirstSlots : slots_.size() + slots_.size() / 2);
  const Slot slot = free_slot(line.message);
  slots_[slot] = position;
  tags_[slot] = tag(line.message);
  ++size_;
  return true;
}

bool RequestLog::replace(Slot slot, const Line& line) {
  Record record;
  const std::size_t bytes = pack(line, record);
  const u32 old = slots_[slot];
  const std::size_t old_bytes = packed_size(old);
  u32 position = old;
  if (bytes != old_bytes) {
    position = allocate(bytes);
    if (position == kFree) return false;
    release(old, old_bytes);
  }
  std::memcpy(at(position), record.data(), bytes);
  slots_[slot] = position;
  return true;
}

std::size_t RequestLog::bytes() const {
  return slots_.capacity() * sizeof(u32) + tags_.capacity() + blocks_.size() * kBlockBytes;
}

}  // namespace shmeter::collector
