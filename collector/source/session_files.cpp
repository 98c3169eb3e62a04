// SPDX-License-Identifier: MIT
#include "collector/source/session_files.hpp"

#include <dirent.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <memory>

namespace shmeter::collector {
namespace {

// Events may get lost, and a directory without a watch has none.
constexpr int kLooksPerListing = 12;

LiveSeen live(const SessionClaim& claim, i64 now_ms) {
  return {.session_id = claim.session_id,
          .alive = true,
          .pid = claim.pid,
          .status = claim.status,
          .status_at_ms = claim.status_at_ms,
          .started_at_ms = claim.started_at_ms,
          .name = claim.name,
          .cwd = claim.cwd,
          .version = claim.version,
          .seen_at_ms = now_ms};
}

}  // namespace

SessionFiles::SessionFiles(Loop& loop, const std::vector<std::string>& config_dirs, Sink sink,
                           Options options)
    : sink_(std::move(sink)),
      options_(std::move(options)),
      watcher_(loop, {.changed =
                          [this](int watch, unsigned mask, std::string_view name) {
                            changed(watch, (mask & IN_IGNORED) != 0 ? std::string_view{} : name);
                          },
                      .overflowed = [this] { looks_ = 0; },
                      .drained =
                          [this](std::size_t) {
                            for (std::size_t i = 0; i < roots_.size(); ++i) tell(i);
                            if (sink_.turn_ends) sink_.turn_ends();
                          }}) {
  for (const std::string& dir : config_dirs) roots_.emplace_back().dir = dir + "/sessions";
}

void SessionFiles::look() {
  const bool list_all = looks_++ % kLooksPerListing == 0;
  for (std::size_t i = 0; i < roots_.size(); ++i) {
    Root& root = roots_[i];
    watch(root);
    if (list_all || !root.listed) list(root);
    for (auto file = root.files.begin(); file != root.files.end();)
      file =
          read(root, file->first, file->second, false) ? std::next(file) : root.files.erase(file);
    tell(i);
  }
}

// A directory that is not there yet, or was taken away, is tried again at each look.
void SessionFiles::watch(Root& root) {
  if (root.watch >= 0) return;
  root.watch = watcher_.add(root.dir, DirWatcher::Interest::contents);
  root.listed = false;
}

void SessionFiles::changed(int watch, std::string_view name) {
  for (Root& root : roots_) {
    if (root.watch != watch) continue;
    if (name.empty()) {
      root.watch = -1;
    } else if (pid_of_file(name) != kUnknown && root.files.size() < kMaxFiles) {
      const auto entry = root.files.try_emplace(std::string(name)).first;
      if (!read(root, entry->first, entry->second, true)) root.files.erase(entry);
    }
  }
}

void SessionFiles::list(Root& root) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(root.dir.c_str()), ::closedir);
  root.listed = dir != nullptr;
  if (!dir) return;
  while (const dirent* entry = ::readdir(dir.get()))
    if (pid_of_file(entry->d_name) != kUnknown && root.files.size() < kMaxFiles)
      root.files.try_emplace(entry->d_name);
}

// A file half written keeps what it said before; its next change comes.
bool SessionFiles::read(const Root& root, const std::string& name, File& file,
                        bool notified) const {
  struct stat st {};
  const Fd fd = open_file(root.dir + '/' + name, Links::refused, ::geteuid(), st);
  if (!fd) return false;
  const FileMark mark = file_mark(st);
  if (notified || !(mark == file.mark)) {
    file.mark = mark;
    std::string bytes;
    if (st.st_size <= static_cast<off_t>(kMaxSessionFile) &&
        read_whole(fd, kMaxSessionFile, bytes)) {
      if (auto claim = parse_session_file(bytes, pid_of_file(name))) {
        file.told_dead = file.told_dead && claim->session_id == file.claim.session_id;
        file.claim = std::move(*claim);
        file.claims = true;
      }
    }
  }
  file.alive = file.claims && process_agrees(file.claim, options_.proc);
  return true;
}

// A session may have left a dead file behind and live on under another process, and a process may
// go on to another session: sessions are told, not files.
void SessionFiles::tell(std::size_t index) {
  Root& root = roots_[index];
  std::map<std::string_view, const SessionClaim*> alive;
  for (const auto& [name, file] : root.files) {
    if (!file.alive) continue;
    const SessionClaim*& best = alive[file.claim.session_id];
    if (best == nullptr || best->started_at_ms < file.claim.started_at_ms) best = &file.claim;
  }
  std::map<std::string, i64> gone;  // and the process it was
  for (const auto& [session_id, claim] : root.told)
    if (!alive.contains(session_id)) gone.emplace(session_id, claim.pid);
  for (auto& [name, file] : root.files) {
    if (!file.claims || file.alive || file.told_dead) continue;
    file.told_dead = true;
    if (!alive.contains(file.claim.session_id)) gone.emplace(file.claim.session_id, file.claim.pid);
  }
  for (const auto& [session_id, pid] : gone) {
    root.told.erase(session_id);
    tell_gone(index, session_id, pid);
  }
  for (const auto& [session_id, claim] : alive) {
    SessionClaim& told = root.told[std::string(session_id)];
    if (told == *claim) continue;
    told = *claim;
    sink_.observed(index, Observation(live(told, options_.now_ms())));
  }
}

void SessionFiles::tell_gone(std::size_t index, std::string_view session_id, i64 pid) {
  LiveSeen seen;
  seen.session_id = session_id;
  seen.alive = false;
  seen.pid = pid;
  seen.seen_at_ms = options_.now_ms();
  sink_.observed(index, Observation(seen));
}

}  // namespace shmeter::collector
