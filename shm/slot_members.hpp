// SPDX-License-Identifier: MIT
// The members of Slot, for the two files that make them for one kind of bytes each: who prints one
// line and ends need not have those of who stays (plugin/sys/reader.ld).
#pragma once

#include <cstddef>

#include "shm/slot.hpp"

namespace shmeter::shm {
namespace slot {

/// The part of a summary that says what else the slot holds.
inline constexpr std::size_t kCountsBytes = offsetof(Summary, active_sessions);

inline u64 word_at(const char* summary, std::size_t offset) {
  u64 word;
  std::memcpy(&word, summary + offset, 8);
  return word;
}

inline bool accept_count(u64 count, const Section& section, u32& out) {
  if (count > section.capacity) return false;  // a negative one is huge
  out = static_cast<u32>(count);
  return true;
}

constexpr u32 min_of(u64 a, u64 b) { return static_cast<u32>(a < b ? a : b); }

/// Where to look first. Most ids are random hexadecimal, so their first digits tell how far down
/// the sorted index they stand; a wrong guess costs one probe.
inline u32 first_probe(std::string_view id, u32 count) {
  u64 fraction = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const char c = i < id.size() ? id[i] : '\0';
    if (c >= '0' && c <= '9')
      fraction = fraction * 16 + static_cast<u64>(c - '0');
    else if (c >= 'a' && c <= 'f')
      fraction = fraction * 16 + static_cast<u64>(c - 'a' + 10);
    else
      return count / 2;
  }
  return static_cast<u32>(fraction * count >> 16);
}

}  // namespace slot

template <class Bytes>
template <class Record>
bool Slot<Bytes>::record(const Section& section, u64 i, Record& out) noexcept {
  if (section.record_bytes < sizeof(Record)) out = Record{};
  return bytes_.read(section.offset + i * section.stride, &out,
                     slot::min_of(section.record_bytes, sizeof(Record)));
}

template <class Bytes>
bool Slot<Bytes>::accept(const char* summary) noexcept {
  const auto count = [&](std::size_t offset, const Section& section, u32& out) {
    return slot::accept_count(slot::word_at(summary, offset), section, out);
  };
  counted_ = slot::word_at(summary, offsetof(Summary, sequence)) == sequence_ &&
             count(offsetof(Summary, accounts), header_->accounts, accounts_) &&
             count(offsetof(Summary, models), header_->models, models_) &&
             count(offsetof(Summary, sessions), header_->sessions, sessions_) &&
             count(offsetof(Summary, formats), header_->formats, formats_);
  return counted_;
}

template <class Bytes>
bool Slot<Bytes>::accept(const Summary& summary) noexcept {
  return summary.checksum == summary_checksum(summary) &&
         accept(reinterpret_cast<const char*>(&summary));
}

/// Who wants one session need not copy the whole summary first.
template <class Bytes>
bool Slot<Bytes>::counted() noexcept {
  if (counted_) return true;
  alignas(8) char front[slot::kCountsBytes];
  return bytes_.read(header_->summary.offset, front, sizeof front) && accept(front);
}

template <class Bytes>
bool Slot<Bytes>::summary(Summary& out) noexcept {
  return record(header_->summary, 0, out) && accept(out);
}

template <class Bytes>
bool Slot<Bytes>::summary_and_first_account(SummaryAndAccount& out) noexcept {
  const Section& one = header_->summary;
  const Section& two = header_->accounts;
  const bool adjacent = two.offset == one.offset + sizeof(Summary) &&
                        one.record_bytes == sizeof(Summary) && two.capacity > 0 &&
                        two.record_bytes >= sizeof(Account);
  if (adjacent) return bytes_.read(one.offset, &out, sizeof out) && accept(out.summary);
  return summary(out.summary) && (accounts_ == 0 || account(0, out.account));
}

template <class Bytes>
bool Slot<Bytes>::account(u32 i, Account& out) noexcept {
  return counted() && i < accounts_ && record(header_->accounts, i, out);
}

template <class Bytes>
bool Slot<Bytes>::model(u32 i, Model& out) noexcept {
  return counted() && i < models_ && record(header_->models, i, out);
}

template <class Bytes>
bool Slot<Bytes>::session(u32 i, Session& out) noexcept {
  return counted() && i < sessions_ && record(header_->sessions, i, out);
}

/// By one read where they lie as ours do.
template <class Bytes>
template <class Record>
bool Slot<Bytes>::records(const Section& section, u32 first, u32 n, Record* out) noexcept {
  if (section.stride == sizeof(Record) && section.record_bytes == sizeof(Record))
    return bytes_.read(section.offset + u64{first} * sizeof(Record), out, u64{n} * sizeof(Record));
  for (u32 i = 0; i < n; ++i)
    if (!record(section, u64{first} + i, out[i])) return false;
  return true;
}

template <class Bytes>
bool Slot<Bytes>::sessions(u32 first, u32 n, Session* out) noexcept {
  if (!counted() || first > sessions_ || n > sessions_ - first) return false;
  return records(header_->sessions, first, n, out);
}

template <class Bytes>
bool Slot<Bytes>::find_session(std::string_view id, Session& out, u32& position) noexcept {
  if (id.empty() || id.size() > kIdBytes || !counted()) return false;
  const Section& index = header_->index;
  const u32 widest = index.stride == sizeof(IndexEntry) ? Bytes::kIndexWindow : 1;
  const u64 prefix = index_prefix(id);
  u32 low = 0;
  u32 high = sessions_;
  u32 probe = slot::first_probe(id, high);
  u32 reach = widest;  // how far from the last probe to look next: the guess was good
  while (low < high) {
    // A window around the probe, inside [low, high).
    IndexEntry window[Bytes::kIndexWindow];
    const u32 n = slot::min_of(high - low, widest);
    const u32 first = slot::min_of(probe > low + n / 2 ? probe - n / 2 : low, high - n);
    if (!bytes_.read(index.offset + u64{first} * index.stride, window, n * sizeof(IndexEntry)))
      return false;
    u32 less = 0;
    u32 equal = 0;
    for (u32 i = 0; i < n; ++i) {
      less += window[i].prefix < prefix ? 1 : 0;
      equal += window[i].prefix == prefix ? 1 : 0;
    }
    if (less > 0) low = first + less;
    if (less + equal < n) high = first + less + equal;
    if (equal > 0) {  // the middle one of its equals decides by the whole id
      const u32 middle = less + equal / 2;
      const u64 at = window[middle].position;
      if (at >= sessions_ || !record(header_->sessions, at, out)) return false;
      const int order = out.session_id.view().compare(id);
      if (order == 0) {
        position = static_cast<u32>(at);
        return true;
      }
      if (order < 0)
        low = first + middle + 1;
      else
        high = first + middle;
    }
    const u32 step = slot::min_of(reach, (high - low) / 2);
    probe = less > 0 ? low + step : high - step;
    if (reach < sessions_) reach *= 8;
  }
  return false;
}

template <class Bytes>
bool Slot<Bytes>::find_session(std::string_view id, u32& position) noexcept {
  Session unwanted;
  return find_session(id, unwanted, position);
}

template <class Bytes>
bool Slot<Bytes>::formats(u32 n, Format* out) noexcept {
  return counted() && n <= formats_ && records(header_->formats, 0, n, out);
}

template <class Bytes>
bool Slot<Bytes>::format_text(u64 offset, u64 n, char* out) noexcept {
  const Section& text = header_->text;
  if (offset > text.capacity || n > text.capacity - offset) return false;
  // Whole words are read, so that a mapping is only ever read by words.
  while (n > 0) {
    char word[8];
    const u64 skip = offset % 8;
    const u64 take = 8 - skip < n ? 8 - skip : n;
    if (skip == 0 && n >= 8) {
      const u64 whole = n - n % 8;
      if (!bytes_.read(text.offset + offset, out, whole)) return false;
      offset += whole, n -= whole, out += whole;
      continue;
    }
    if (!bytes_.read(text.offset + offset - skip, word, 8)) return false;
    std::memcpy(out, word + skip, take);
    offset += take, n -= take, out += take;
  }
  return true;
}

}  // namespace shmeter::shm
