// SPDX-License-Identifier: MIT
// Notices that the configuration file was saved. Invariant: each state of the file is told once,
// and not while somebody is still writing it.
#pragma once

#include <functional>
#include <string>

#include "collector/source/dir_watcher.hpp"
#include "collector/source/small_file.hpp"

namespace shmeter::collector {

class ConfigWatch {
 public:
  /// `path` may be empty: then nothing is watched. What it holds now is known already. `saved`
  /// says false when it has no time for that now; it is told again.
  ConfigWatch(Loop& loop, std::string path, std::function<bool()> saved);

  /// Sees what no event told: a file behind a link, a folder made later. Call it at each heartbeat.
  void look();

 private:
  void watch();
  void settled();

  std::string path_;
  std::function<bool()> saved_;
  FileMark known_;
  DirWatcher watcher_;
  int watch_ = -1;
  Timer settle_;
};

}  // namespace shmeter::collector
