// SPDX-License-Identifier: MIT
// How far transcripts had been read before this process began, until they are found again: under
// their path, or, when they were moved, as the same file on the same device. Invariant: each is
// handed out once; what was never found again is named in the end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/source/transcript_file.hpp"

namespace shmeter::collector {

class KnownTranscripts {
 public:
  using List = std::vector<std::pair<std::string, FileCursor>>;

  KnownTranscripts() = default;
  explicit KnownTranscripts(List files);

  bool empty() const { return left_ == 0; }
  std::optional<FileCursor> take(std::string_view path);
  /// Calls `look(path, cursor)` for each that was not taken.
  template <class Look>
  void for_each(Look&& look) const {
    for (const auto& [path, cursor] : files_)
      if (cursor.inode != 0) look(path, cursor);
  }
  /// Drops those not taken for which `drop(path)` is true.
  template <class Drop>
  void drop_if(Drop&& drop) {
    for (auto& [path, cursor] : files_)
      if (cursor.inode != 0 && drop(path)) forget(cursor);
    if (left_ == 0) files_ = {};
  }

 private:
  void forget(FileCursor& cursor) {
    cursor.inode = 0;
    --left_;
  }

  List files_;  // by path; inode 0 = taken
  std::size_t left_ = 0;
};

/// Cursors by device and inode: a file that is new under its path may be an old one that was moved.
class CursorsByInode {
 public:
  void add(const FileCursor& cursor) {
    if (cursor.inode != 0) cursors_.push_back(&cursor);
  }
  /// After the last add().
  void sort();
  bool empty() const { return cursors_.empty(); }
  /// The one that was read farthest; null: none. Valid as long as what was added.
  const FileCursor* find(shm::u64 device, shm::u64 inode) const;

 private:
  std::vector<const FileCursor*> cursors_;
};

}  // namespace shmeter::collector
