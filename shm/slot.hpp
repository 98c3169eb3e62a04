// SPDX-License-Identifier: MIT
// One slot of the ring, read record by record: by pread (FileSlot) or in a mapping (MappedSlot).
// Invariant: no offset, count, length or position found in the file leads outside the slot, even
// while it is being overwritten; what a copy is worth is known only when the reader has looked at
// `begin` again. Records of a newer minor are longer and read as far as we know them; fields that
// an older writer does not have stay unknown.
#pragma once

#include <cstddef>
#include <string_view>

#include "shm/layout.hpp"
#include "shm/os.hpp"
#include "shm/ring.hpp"

namespace shmeter::shm {

/// Session ids are looked up by their first 8 bytes, big-endian, so that numbers sort as bytes do.
constexpr u64 index_prefix(std::string_view id) noexcept {
  u64 prefix = 0;
  for (std::size_t i = 0; i < 8; ++i)
    prefix = prefix << 8 | (i < id.size() ? static_cast<unsigned char>(id[i]) : 0u);
  return prefix;
}

/// A slot in a file. One call is one system call, so the index is read 128 entries at a time.
class FileBytes {
 public:
  static constexpr u32 kIndexWindow = 128;
  FileBytes(int fd, u64 slot_offset) noexcept : fd_(fd), slot_offset_(slot_offset) {}
  bool read(u64 offset, void* to, std::size_t bytes) const noexcept {
    return os::pread(fd_, to, bytes, slot_offset_ + offset) == static_cast<long>(bytes);
  }

 private:
  int fd_;
  u64 slot_offset_;
};

/// A slot in memory. Looking at one entry is one load, so nothing is gained by a window.
class MappedBytes {
 public:
  static constexpr u32 kIndexWindow = 1;
  explicit MappedBytes(const char* slot) noexcept : slot_(slot) {}
  bool read(u64 offset, void* to, std::size_t bytes) const noexcept {
    load_words(to, slot_ + offset, bytes);
    return true;
  }

 private:
  const char* slot_;
};

/// As they lie in a slot of our own minor, so that one read fills both in place.
struct SummaryAndAccount {
  Summary summary;
  Account account;
};

/// What a reader's `copy` is given. Every function returns false when the record is not there or
/// not whole; the reader then decides whether the slot was overwritten (it tries again) or is
/// corrupt.
template <class Bytes>
class Slot {
 public:
  /// `header` has passed check_header and outlives the slot.
  Slot(Bytes bytes, const Header& header, u64 sequence) noexcept
      : bytes_(bytes), header_(&header), sequence_(sequence) {}

  u64 sequence() const noexcept { return sequence_; }
  /// Checked: number, checksum, and every count against its capacity.
  bool summary(Summary& out) noexcept;
  /// Both in one read. The account is worth nothing when the picture has none.
  bool summary_and_first_account(SummaryAndAccount& out) noexcept;
  bool account(u32 i, Account& out) noexcept;
  bool model(u32 i, Model& out) noexcept;
  bool session(u32 i, Session& out) noexcept;
  /// Sessions [first, first + n), newest first.
  bool sessions(u32 first, u32 n, Session* out) noexcept;
  /// The session of that id and where it stands; false when the picture has none.
  bool find_session(std::string_view id, Session& out, u32& position) noexcept;
  bool find_session(std::string_view id, u32& position) noexcept;
  /// Formats [0, n), n at most what the summary says.
  bool formats(u32 n, Format* out) noexcept;
  /// Bytes [offset, offset + n) of the formats' text.
  bool format_text(u64 offset, u64 n, char* out) noexcept;

 private:
  template <class Record>
  bool record(const Section& section, u64 i, Record& out) noexcept;
  template <class Record>
  bool records(const Section& section, u32 first, u32 n, Record* out) noexcept;
  bool accept(const Summary& summary) noexcept;
  bool accept(const char* counts) noexcept;
  bool counted() noexcept;

  Bytes bytes_;
  const Header* header_;
  u64 sequence_;
  bool counted_ = false;
  u32 accounts_ = 0, models_ = 0, sessions_ = 0, formats_ = 0;
};

using FileSlot = Slot<FileBytes>;
using MappedSlot = Slot<MappedBytes>;
extern template class Slot<FileBytes>;
extern template class Slot<MappedBytes>;

}  // namespace shmeter::shm
