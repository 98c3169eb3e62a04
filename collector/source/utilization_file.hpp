// SPDX-License-Identifier: MIT
// The limits that Claude Code itself last heard from the service, as it keeps them in its global
// file, and whose login they belong to. The file is big and private: it passes by in pieces, and of
// all of it only `cachedUsageUtilization` and `oauthAccount.accountUuid` are looked at. Invariant:
// no other file is ever opened, least of all one with credentials; limits of another login than the
// file's are dropped.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/loop/wall_clock.hpp"
#include "collector/result.hpp"
#include "collector/source/observation.hpp"
#include "collector/source/small_file.hpp"
#include "collector/source/top_members.hpp"

namespace shmeter::collector {

inline constexpr std::size_t kMaxGlobalFile = std::size_t{16} << 20;

/// One global file, in any cuts.
class UtilizationReader {
 public:
  UtilizationReader();
  void feed(std::string_view bytes) { members_.feed(bytes); }
  /// LoginSeen, then QuotaSeen when the file has limits of that login that were fetched in the
  /// past. A login without an id says nothing, no login at all is an empty one. Texts live during
  /// the call. Errors (corrupt): not one JSON object; then nothing is taken.
  [[nodiscard]] Result<void> finish(i64 now_ms,
                                    const std::function<void(const Observation&)>& take);
  /// Of what was looked at: the same as long as nothing of that changed.
  shm::u64 hash() const;

 private:
  TopMembers members_;
};

/// Where the global file of a config directory lies: in it; beside it for ~/.claude when the client
/// was not told a directory (`is_default`). Of all others only their own is right: it is another
/// login's.
std::string global_file(std::string_view config_dir, std::string_view home, bool is_default);

class UtilizationFiles {
 public:
  struct File {
    std::size_t root = 0;  // index into the config directories
    std::string path;
  };
  struct Sink {
    /// LoginSeen or QuotaSeen. Texts live during the call.
    std::function<void(std::size_t root, const Observation&)> observed;
    /// One line for people; each trouble is said once.
    std::function<void(const std::string&)> say;
  };
  struct Options {
    i64 read_every_ms = 10'000;  // a busy client rewrites megabytes with each prompt
    std::function<i64()> now_ms = wall_clock_ms;
    /// How a file is opened: for tests that watch what is.
    std::function<Fd(const std::string& path, struct stat& st)> open = {};
  };

  UtilizationFiles(std::vector<File> files, Sink sink, Options options);
  UtilizationFiles(std::vector<File> files, Sink sink)
      : UtilizationFiles(std::move(files), std::move(sink), Options{}) {}

  /// Reads what was written since. Call it at each heartbeat: the file is replaced, not appended
  /// to, by each prompt, and its directory may be the home directory, so nothing is gained by
  /// watching.
  void look();

 private:
  struct Watched {
    File file;
    FileMark mark;
    i64 read_at_ms = kUnknown;
    shm::u64 hash = 0;
    bool too_big = false;
  };

  void look(Watched& watched);
  void read(Watched& watched, const Fd& fd, i64 now_ms);

  std::vector<Watched> files_;
  Sink sink_;
  Options options_;
};

}  // namespace shmeter::collector
