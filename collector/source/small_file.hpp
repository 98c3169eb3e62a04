// SPDX-License-Identifier: MIT
// Files of other programs, read without trusting what lies at their path. Invariant: opening never
// waits (a FIFO, a device), and what is not an ordinary file is not read.
#pragma once

#include <sys/stat.h>

#include <string>

#include "collector/loop/fd.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

enum class Links { followed, refused };

/// The open file, or none when it is not there, not an ordinary one or not `owner`'s. `st` is its.
Fd open_file(const std::string& path, Links links, uid_t owner, struct stat& st);

/// A file of at most `most_bytes`, whole. False when it is longer or cannot be read.
bool read_whole(const Fd& fd, std::size_t most_bytes, std::string& out);

/// What changes when a file is written or replaced.
struct FileMark {
  shm::u64 inode = 0;
  shm::i64 size = -1;
  shm::i64 modified_ns = 0;
  bool operator==(const FileMark&) const = default;
};
FileMark file_mark(const struct stat& st);

}  // namespace shmeter::collector
