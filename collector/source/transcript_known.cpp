// SPDX-License-Identifier: MIT
#include "collector/source/transcript_known.hpp"

#include <algorithm>
#include <tuple>

namespace shmeter::collector {

KnownTranscripts::KnownTranscripts(List files) : files_(std::move(files)) {
  std::erase_if(files_, [](const auto& file) { return file.second.inode == 0; });
  std::sort(files_.begin(), files_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  left_ = files_.size();
}

std::optional<FileCursor> KnownTranscripts::take(std::string_view path) {
  const auto at = std::lower_bound(
      files_.begin(), files_.end(), path,
      [](const auto& file, std::string_view wanted) { return file.first < wanted; });
  if (at == files_.end() || at->first != path || at->second.inode == 0) return std::nullopt;
  const FileCursor cursor = at->second;
  forget(at->second);
  if (left_ == 0) files_ = {};
  return cursor;
}

void CursorsByInode::sort() {
  std::sort(cursors_.begin(), cursors_.end(), [](const FileCursor* a, const FileCursor* b) {
    return std::tie(a->inode, a->device, b->offset) < std::tie(b->inode, b->device, a->offset);
  });
}

const FileCursor* CursorsByInode::find(shm::u64 device, shm::u64 inode) const {
  const auto at = std::lower_bound(cursors_.begin(), cursors_.end(), std::tie(inode, device),
                                   [](const FileCursor* cursor, const auto& wanted) {
                                     return std::tie(cursor->inode, cursor->device) < wanted;
                                   });
  const bool found = at != cursors_.end() && (*at)->inode == inode && (*at)->device == device;
  return found ? *at : nullptr;
}

}  // namespace shmeter::collector
