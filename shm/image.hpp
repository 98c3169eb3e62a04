// SPDX-License-Identifier: MIT
// The memory half of the writer: plans a region for a capacity, lays out its first bytes, and
// publishes pictures into it by the protocol of ring.hpp. It sees a block of memory and knows
// nothing of files, so tests can run it over a heap buffer.
#pragma once

#include <string_view>
#include <vector>

#include "shm/layout.hpp"

namespace shmeter::shm {

/// The header of a region with room for that many sessions. The same build and capacity always
/// give the same bytes: two headers that are equal describe interchangeable files.
Header plan_header(u32 session_capacity);

/// A region in memory that this process may write. Does not own the memory.
class Image {
 public:
  /// `base` is page aligned and has header.file_bytes bytes.
  Image(char* base, const Header& header);

  /// All that never changes and the live words, as of a ring that has published `last` numbers.
  /// The memory is zero before. The magic is not written: seal() does that, after a first picture.
  void lay_out(u64 last, std::string_view writer_version) noexcept;
  void seal() noexcept;
  /// Whose region it is now: pid, start time, version, state running.
  void sign(std::string_view writer_version) noexcept;

  /// Publishes; nobody is woken. What exceeds a capacity is left out. Returns the number.
  u64 publish(const Picture& picture) noexcept;

  Live& live() const noexcept;
  const Header& header() const noexcept { return header_; }

 private:
  u32 store_sessions(char* slot, const Picture& picture) noexcept;
  u32 store_formats(char* slot, const Picture& picture) noexcept;

  char* base_;
  Header header_;
  std::vector<IndexEntry> index_;  // of the picture being published
};

}  // namespace shmeter::shm
