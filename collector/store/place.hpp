// SPDX-License-Identifier: MIT
// The files of a store and who may touch them: PATH, its -wal and -shm (SQLite's), PATH.lock (held
// by the one collector that writes it) and PATH.check (left by who met damage). Invariant: while a
// StorePlace lives, no other one has that path.
#pragma once

#include <functional>
#include <string>

#include "collector/loop/fd.hpp"
#include "collector/result.hpp"

namespace shmeter::collector {

class StorePlace {
 public:
  /// Makes the folder (0700, its parents as the umask says) and an empty file (0600) if need be,
  /// makes both private, and takes the lock. Errors: exists (another collector has it), forbidden
  /// (a link, not ours, read-only), unavailable.
  static Result<StorePlace> take(const std::string& path);

  /// Renames the damaged file and what belongs to it to PATH.damaged-YYYYMMDD-HHMMSS (UTC) and
  /// makes an empty one. No connection may be open. Answers with the new name.
  Result<std::string> set_aside();

  /// "Look at it closely at the next start": opening cannot afford that each time.
  void ask_for_check() const;
  bool check_asked_for() const;
  void checked() const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Fd lock_;
};

}  // namespace shmeter::collector
