// SPDX-License-Identifier: MIT
// File events of directories, straight from inotify: libuv's own watcher keeps quiet when the
// kernel had to drop events, and the whole promise of being complete hangs on knowing that.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "collector/loop/fd.hpp"
#include "collector/loop/handles.hpp"

namespace shmeter::collector {

class DirWatcher {
 public:
  struct Events {
    /// Something happened to `name` (empty: to the directory itself). `mask` as in inotify(7).
    std::function<void(int watch, unsigned mask, std::string_view name)> changed;
    /// The kernel dropped events: anything may have changed.
    std::function<void()> overflowed;
    /// All events that were waiting have been told; how many there were.
    std::function<void(std::size_t count)> drained;
  };

  DirWatcher(Loop& loop, Events events);

  /// 0, or why there can be no events at all (errno of inotify_init).
  int error() const { return error_; }
  enum class Interest {
    entries,   // what appears in it
    contents,  // also when a file in it grows
  };
  /// A watch number >= 0, or -errno. It belongs to the directory, not to its path: watching the
  /// same one twice gives the same number.
  int add(const std::string& directory, Interest interest);
  /// The kernel answers with IN_IGNORED, as it does when the directory is gone.
  void remove(int watch);

 private:
  void read();

  Events events_;
  int error_ = 0;
  Fd fd_;
  std::unique_ptr<Readable> readable_;
};

}  // namespace shmeter::collector
