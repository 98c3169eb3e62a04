// SPDX-License-Identifier: MIT
#include "collector/command/config_watch.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <utility>

namespace shmeter::collector {
namespace {

// Editors write a file in a few steps, or another one and rename it.
constexpr std::uint64_t kSettle_ms = 50;
constexpr std::uint64_t kAgain_ms = 500;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

FileMark mark_of(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 ? file_mark(st) : FileMark{};
}

}  // namespace

ConfigWatch::ConfigWatch(Loop& loop, std::string path, std::function<bool()> saved)
    : path_(std::move(path)),
      saved_(std::move(saved)),
      watcher_(loop, {.changed =
                          [this](int, unsigned mask, std::string_view name) {
                            if ((mask & IN_IGNORED) != 0) watch_ = -1;
                            if (name == path_.substr(path_.rfind('/') + 1))
                              settle_.start_once(kSettle_ms);
                          },
                      .overflowed = [this] { settle_.start_once(kSettle_ms); },
                      .drained = [](std::size_t) {}}),
      settle_(loop, [this] { settled(); }) {
  if (path_.empty()) return;
  known_ = mark_of(path_);
  watch();
}

void ConfigWatch::watch() {
  if (watch_ < 0) watch_ = watcher_.add(folder_of(path_), DirWatcher::Interest::contents);
}

void ConfigWatch::look() {
  if (path_.empty()) return;
  watch();
  if (!settle_.active() && mark_of(path_) != known_) settle_.start_once(kSettle_ms);
}

void ConfigWatch::settled() {
  const FileMark now = mark_of(path_);
  if (now == known_) return;
  if (saved_())
    known_ = now;
  else
    settle_.start_once(kAgain_ms);
}

}  // namespace shmeter::collector
