// SPDX-License-Identifier: MIT
#include "collector/source/dir_watcher.hpp"

#include <sys/inotify.h>

#include <cerrno>
#include <cstring>

namespace shmeter::collector {
namespace {

constexpr unsigned kEntries =
    IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;
// A flood of events must not keep the loop for ever: the rest comes in its next turn.
constexpr int kReadsPerTurn = 128;

}  // namespace

DirWatcher::DirWatcher(Loop& loop, Events events)
    : events_(std::move(events)), fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!fd_)
    error_ = errno;
  else
    readable_ = std::make_unique<Readable>(loop, fd_.get(), [this] { read(); });
}

int DirWatcher::add(const std::string& directory, Interest interest) {
  if (!fd_) return -error_;
  const unsigned mask = interest == Interest::contents ? kEntries | IN_MODIFY : kEntries;
  const int watch = ::inotify_add_watch(fd_.get(), directory.c_str(), mask);
  return watch < 0 ? -errno : watch;
}

void DirWatcher::remove(int watch) { ::inotify_rm_watch(fd_.get(), watch); }

void DirWatcher::read() {
  alignas(inotify_event) char buffer[16 * 1024];
  std::size_t count = 0;
  for (int reads = 0; reads < kReadsPerTurn; ++reads) {
    const ssize_t n = ::read(fd_.get(), buffer, sizeof buffer);
    if (n <= 0) break;
    for (const char* at = buffer; at < buffer + n;) {
      inotify_event event;
      std::memcpy(&event, at, sizeof event);
      const char* name = at + sizeof event;
      at = name + event.len;
      ++count;
      if ((event.mask & IN_Q_OVERFLOW) != 0)
        events_.overflowed();
      else
        events_.changed(event.wd, event.mask, event.len == 0 ? std::string_view{} : name);
    }
  }
  events_.drained(count);
}

}  // namespace shmeter::collector
