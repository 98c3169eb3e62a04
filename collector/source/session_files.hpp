// SPDX-License-Identifier: MIT
// The sessions that run, by the file each of them keeps at <config dir>/sessions/<pid>.json.
// Invariant: a session is told alive only while its process was verified, and told gone once when
// no verified process has it any more.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "collector/loop/wall_clock.hpp"
#include "collector/source/dir_watcher.hpp"
#include "collector/source/observation.hpp"
#include "collector/source/session_claim.hpp"
#include "collector/source/small_file.hpp"

namespace shmeter::collector {

class SessionFiles {
 public:
  struct Sink {
    /// A LiveSeen; `root` is an index into the config directories. Texts live during the call.
    std::function<void(std::size_t root, const Observation&)> observed;
    /// After a group of them that came with an event; not after look().
    std::function<void()> turn_ends;
  };
  struct Options {
    std::string proc = "/proc";
    std::function<i64()> now_ms = wall_clock_ms;
  };

  SessionFiles(Loop& loop, const std::vector<std::string>& config_dirs, Sink sink, Options options);
  SessionFiles(Loop& loop, const std::vector<std::string>& config_dirs, Sink sink)
      : SessionFiles(loop, config_dirs, std::move(sink), Options{}) {}

  /// Verifies every process and file again; the first call finds what there is. Call it at each
  /// heartbeat.
  void look();

 private:
  static constexpr std::size_t kMaxFiles = 4096;  // in one directory; more are not looked at
  struct File {
    FileMark mark;
    SessionClaim claim;
    bool claims = false;  // `claim` was read
    bool alive = false;
    bool told_dead = false;
  };
  struct Root {
    std::string dir;
    int watch = -1;
    bool listed = false;
    std::map<std::string, File, std::less<>> files;
    std::map<std::string, SessionClaim, std::less<>> told;  // alive, by session
  };

  void changed(int watch, std::string_view name);
  void watch(Root& root);
  void list(Root& root);
  /// False when the file is gone.
  bool read(const Root& root, const std::string& name, File& file, bool notified) const;
  void tell(std::size_t index);
  void tell_gone(std::size_t index, std::string_view session_id, i64 pid);

  std::vector<Root> roots_;
  Sink sink_;
  Options options_;
  int looks_ = 0;
  DirWatcher watcher_;
};

}  // namespace shmeter::collector
