// SPDX-License-Identifier: MIT
#include "shm/image.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <new>

#include "shm/ring.hpp"
#include "shm/schema.hpp"
#include "shm/slot.hpp"

namespace shmeter::shm {
namespace {

constexpr u64 page_up(u64 bytes) { return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes; }

/// A section behind `end`, which it moves. Everything is a multiple of 8, so nothing is padded.
Section place(u64& end, std::size_t record_bytes, u32 capacity) {
  const auto bytes = static_cast<u32>(record_bytes);
  const Section section{end, bytes, bytes, capacity, 0};
  end += u64{bytes} * capacity;
  return section;
}

/// Any length: the last word is filled up with zero bytes.
void store_bytes(char* shared, std::string_view bytes) {
  const std::size_t whole = bytes.size() / 8 * 8;
  store_words(shared, bytes.data(), whole);
  if (whole == bytes.size()) return;
  std::array<char, 8> last{};
  bytes.copy(last.data(), 8, whole);
  store_words(shared + whole, last.data(), 8);
}

template <class Record>
u32 store_records(char* slot, const Section& section, std::span<const Record> records) {
  const auto count = static_cast<u32>(std::min<std::size_t>(records.size(), section.capacity));
  store_words(slot + section.offset, records.data(), count * sizeof(Record));
  return count;
}

}  // namespace

Header plan_header(u32 session_capacity) {
  Header header{};
  header.magic = kMagic;
  header.endian = kEndian;
  header.header_bytes = sizeof(Header);
  header.layout_major = kLayoutMajor;
  header.layout_minor = kLayoutMinor;
  header.layout_compat_minor = kLayoutCompatMinor;
  header.slots = kSlots;
  header.layout_hash = layout_hash();
  header.schema_offset = kHeaderBytes;
  header.schema_bytes = schema_text().size();
  header.slots_offset = page_up(kHeaderBytes + header.schema_bytes);
  // The small and often read first; the sessions last, so that capacity without use is never
  // touched.
  u64 end = 0;
  header.summary = place(end, sizeof(Summary), 1);
  header.accounts = place(end, sizeof(Account), kAccounts);
  header.models = place(end, sizeof(Model), kModels);
  header.formats = place(end, sizeof(Format), kFormats);
  header.index = place(end, sizeof(IndexEntry), session_capacity);
  header.text = place(end, 1, kFormatTextBytes);
  header.sessions = place(end, sizeof(Session), session_capacity);
  header.slot_stride = page_up(end);
  header.file_bytes = header.slots_offset + kSlots * header.slot_stride;
  return header;
}

Image::Image(char* base, const Header& header) : base_(base), header_(header) {
  index_.reserve(header_.index.capacity);
}

Live& Image::live() const noexcept {
  return *std::launder(reinterpret_cast<Live*>(base_ + kLiveOffset));
}

void Image::lay_out(u64 last, std::string_view writer_version) noexcept {
  store_words(base_ + 8, reinterpret_cast<const char*>(&header_) + 8, sizeof(Header) - 8);
  store_bytes(base_ + header_.schema_offset, schema_text());
  Live& live = *new (base_ + kLiveOffset) Live{};
  live.begin.store(last, std::memory_order_relaxed);
  live.head.store(last, std::memory_order_relaxed);
  sign(writer_version);
}

void Image::seal() noexcept {
  std::atomic_ref<u64>(*reinterpret_cast<u64*>(base_)).store(kMagic, std::memory_order_release);
}

void Image::sign(std::string_view writer_version) noexcept {
  Live& words = live();
  words.writer_pid.store(static_cast<u64>(::getpid()), std::memory_order_relaxed);
  words.writer_started_at_s.store(static_cast<u64>(::time(nullptr)), std::memory_order_relaxed);
  words.state.store(static_cast<u32>(WriterState::running), std::memory_order_relaxed);
  std::array<char, kVersionTextBytes> version{};
  writer_version.copy(version.data(), version.size());
  store_words(base_ + kWriterVersionOffset, version.data(), version.size());
}

u32 Image::store_formats(char* slot, const Picture& picture) noexcept {
  const std::string_view text = picture.format_text.substr(0, header_.text.capacity);
  store_bytes(slot + header_.text.offset, text);
  u32 count = 0;
  for (const Format& format : picture.formats) {
    if (count == header_.formats.capacity) break;
    // A format whose text did not fit is none.
    if (format.offset > text.size() || format.length > text.size() - format.offset) continue;
    store_words(slot + header_.formats.offset + u64{count++} * sizeof(Format), &format,
                sizeof(Format));
  }
  return count;
}

u32 Image::store_sessions(char* slot, const Picture& picture) noexcept {
  const auto count =
      static_cast<u32>(std::min<std::size_t>(picture.sessions.size(), header_.sessions.capacity));
  index_.clear();
  for (u32 i = 0; i < count; ++i) {
    const Session& session = *picture.sessions[i];
    store_words(slot + header_.sessions.offset + u64{i} * sizeof(Session), &session,
                sizeof(Session));
    index_.push_back({index_prefix(session.session_id.view()), i});
  }
  const auto id = [&](const IndexEntry& entry) {
    return picture.sessions[entry.position]->session_id.view();
  };
  std::sort(index_.begin(), index_.end(), [&](const IndexEntry& a, const IndexEntry& b) {
    return a.prefix != b.prefix ? a.prefix < b.prefix : id(a) < id(b);
  });
  store_words(slot + header_.index.offset, index_.data(), index_.size() * sizeof(IndexEntry));
  return count;
}

u64 Image::publish(const Picture& picture) noexcept {
  const u64 sequence = begin_publication(live());
  char* slot = base_ + header_.slots_offset + sequence % kSlots * header_.slot_stride;
  Summary summary = picture.summary;
  summary.sequence = sequence;
  summary.accounts = store_records(slot, header_.accounts, picture.accounts);
  summary.models = store_records(slot, header_.models, picture.models);
  summary.formats = store_formats(slot, picture);
  summary.sessions = store_sessions(slot, picture);
  summary.checksum = summary_checksum(summary);
  store_words(slot + header_.summary.offset, &summary, sizeof summary);
  end_publication(live(), sequence);
  return sequence;
}

}  // namespace shmeter::shm
