// SPDX-License-Identifier: MIT
// Which directories are watched, and what the kernel says of them.
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "collector/loop/wall_clock.hpp"
#include "collector/source/transcripts.hpp"

namespace shmeter::collector {
namespace {

using shm::i64;

bool is_directory(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

}  // namespace

// ---- what the kernel says ----

void Transcripts::on_event(int watch, unsigned mask, std::string_view name) {
  for (const Waiting& waiting : std::vector<Waiting>(waiting_)) {
    if (waiting.watch != watch) continue;
    const bool gone = (mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
    if (gone || name == waiting.name) wait_for(waiting.root);
  }
  const auto at = by_watch_.find(watch);
  if (at == by_watch_.end()) return;
  Dirs::value_type& dir = *at->second;
  if ((mask & IN_MOVE_SELF) != 0) {
    // The watch moves along with the directory. Whether the path it is filed under is the old or
    // the new one depends on the order of events: look what the path means now.
    unwatch(dir);
    if (dir.second.kind == DirKind::projects) return wait_for(dir.second.root);
    return enter(dir.first, dir.second.kind, dir.second.root);
  }
  if ((mask & IN_IGNORED) != 0) return on_dir_gone(dir);
  if (name.empty()) return;
  if ((mask & IN_ISDIR) != 0) {
    DirKind kind{};
    if (child_kind(dir.second.kind, name, kind))
      enter(dir.first + '/' + std::string(name), kind, dir.second.root);
  } else if (is_transcript(dir.second.kind, name)) {
    auto file = dir.second.files.find(name);
    if (file == dir.second.files.end()) file = dir.second.files.emplace(name, File{}).first;
    file->second.generation = generation_;
    mark_dirty({&dir, &*file});
  }
}

void Transcripts::on_dir_gone(Dirs::value_type& dir) {
  by_watch_.erase(dir.second.watch);
  dir.second.watch = -1;
  status_.watches = by_watch_.size();
  if (dir.second.kind == DirKind::projects) wait_for(dir.second.root);
}

// ---- watches ----

// A directory that is made between its parent's event and our watch has no event for what was put
// into it meanwhile: hence the listing after every new watch.
void Transcripts::watch(Dirs::value_type& dir, i64 touched_ms, LookAgain look) {
  const bool wanted = dir.second.kind == DirKind::projects ||
                      touched_ms >= wall_clock_ms() - options_.watch_within_ms;
  if (!wanted) return unwatch(dir);
  if (dir.second.watch >= 0 || watcher_.error() != 0) return;
  const bool holds_files = is_transcript(dir.second.kind, ".jsonl");
  const int watch = by_watch_.size() >= options_.watch_limit
                        ? -ENOSPC
                        : watcher_.add(dir.first, holds_files ? DirWatcher::Interest::contents
                                                              : DirWatcher::Interest::entries);
  if (watch < 0) return watch_failed(-watch, dir.first);
  dir.second.watch = watch;
  by_watch_[watch] = &dir;
  status_.watches = by_watch_.size();
  if (look == LookAgain::now)
    look_again(dir);
  else
    rescan_wanted_ = true;
}

void Transcripts::look_again(Dirs::value_type& dir) {
  std::vector<FoundDir> again(1);
  std::vector<std::pair<std::string, DirKind>> below;
  if (!list_directory(dir.first, dir.second.kind, again[0], below)) return;
  merge(again, dir.second.root, LookAgain::now);
  const auto from_root = static_cast<std::ptrdiff_t>(roots_[dir.second.root].projects.size());
  const auto depth = std::count(dir.first.begin() + from_root, dir.first.end(), '/');
  if (depth >= kMaxTreeDepth) return;
  for (const auto& [path, kind] : below)
    if (!dirs_.contains(path)) merge(list_transcripts(path, kind), dir.second.root, LookAgain::now);
}

void Transcripts::watch_failed(int error, const std::string& path) {
  if (error == ENOENT || error == ENOTDIR) return;
  if (said_watch_limit_) return;
  said_watch_limit_ = true;
  rescan_wanted_ = true;
  const char* remedy =
      error == ENOSPC ? "; raise it with: sysctl fs.inotify.max_user_watches=524288" : "";
  sink_.say("cannot watch " + path + ": " +
            (error == ENOSPC ? "the limit of file watches is reached" : std::strerror(error)) +
            "; what is not watched is looked at every minute" + remedy);
}

void Transcripts::unwatch(Dirs::value_type& dir) {
  if (dir.second.watch < 0) return;
  const auto at = by_watch_.find(dir.second.watch);
  // A directory that was moved keeps its number under its new path.
  if (at != by_watch_.end() && at->second == &dir) {
    watcher_.remove(dir.second.watch);
    by_watch_.erase(at);
  }
  dir.second.watch = -1;
  status_.watches = by_watch_.size();
}

void Transcripts::enter(const std::string& path, DirKind kind, std::size_t root) {
  const auto found = list_transcripts(path, kind);
  // Made anew under the same name, it is another directory than the one that was watched.
  if (const auto at = dirs_.find(path); at != dirs_.end() && !found.empty()) unwatch(*at);
  merge(found, root, LookAgain::now);
}

void Transcripts::stop_waiting(std::size_t root) {
  const auto is_root = [&](const Waiting& waiting) { return waiting.root == root; };
  const auto at = std::find_if(waiting_.begin(), waiting_.end(), is_root);
  if (at == waiting_.end()) return;
  const int watch = at->watch;
  waiting_.erase(at);
  const bool shared = by_watch_.contains(watch) ||
                      std::any_of(waiting_.begin(), waiting_.end(),
                                  [&](const Waiting& waiting) { return waiting.watch == watch; });
  if (!shared) watcher_.remove(watch);
}

// Watches for what of the way to `projects` is missing, or enters it when nothing is.
void Transcripts::wait_for(std::size_t root) {
  stop_waiting(root);
  std::string path = roots_[root].projects;
  if (is_directory(path)) {
    const auto at = dirs_.find(path);
    if (at == dirs_.end() || at->second.watch < 0) enter(path, DirKind::projects, root);
    return;
  }
  while (path.size() > 1) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return;
    const std::string name = path.substr(slash + 1);
    path.resize(std::max<std::size_t>(slash, 1));
    if (!is_directory(path)) continue;
    const int watch = watcher_.add(path, DirWatcher::Interest::entries);
    if (watch < 0) return;
    waiting_.push_back({watch, root, name});
    // It may have been made just before the watch was.
    path.append("/").append(name);
    if (is_directory(path)) wait_for(root);
    return;
  }
}

}  // namespace shmeter::collector
