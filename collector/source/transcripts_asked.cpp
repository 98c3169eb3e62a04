// SPDX-License-Identifier: MIT
// What others ask of the transcripts while they run: a hook's doorbell, a config directory that
// somebody's datagram named, and how far everything was read. Paths from outside are believed only
// as far as a listing could have found them.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "collector/source/transcripts.hpp"

namespace shmeter::collector {
namespace {

// Longer paths the kernel does not open either.
constexpr std::size_t kMaxPath = 4096;
// Transcripts that wait to be read a second time. More sessions do not ring at once; the rest has
// its file events.
constexpr std::size_t kMostAgain = 256;

shm::i64 steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

bool is_plain_path(std::string_view path) {
  return path.starts_with('/') && path.size() < kMaxPath &&
         std::none_of(path.begin(), path.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool same_directory(const std::string& a, const std::string& b) {
  struct stat at_a {};
  struct stat at_b {};
  return a == b || (::stat(a.c_str(), &at_a) == 0 && ::stat(b.c_str(), &at_b) == 0 &&
                    at_a.st_dev == at_b.st_dev && at_a.st_ino == at_b.st_ino);
}

// Of a path below `projects`: the kind of the directory that the transcript lies in.
std::optional<DirKind> kind_of_place(std::string_view below) {
  DirKind kind = DirKind::projects;
  for (auto slash = below.find('/'); slash != std::string_view::npos; slash = below.find('/')) {
    const std::string_view name = below.substr(0, slash);
    if (name.empty() || name == "." || name == ".." || !child_kind(kind, name, kind))
      return std::nullopt;
    below.remove_prefix(slash + 1);
  }
  return is_transcript(kind, below) ? std::optional(kind) : std::nullopt;
}

}  // namespace

std::optional<Transcripts::Place> Transcripts::place_of(const std::string& path) {
  struct stat st {};
  for (std::size_t root = 0; root < roots_.size(); ++root) {
    const std::string& projects = roots_[root].projects;
    if (path.size() <= projects.size() || !path.starts_with(projects) ||
        path[projects.size()] != '/')
      continue;
    const auto kind = kind_of_place(std::string_view(path).substr(projects.size() + 1));
    if (!kind || ::stat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) continue;
    const std::string dir_path = path.substr(0, path.rfind('/'));
    if (dirs_.find(dir_path) == dirs_.end()) enter(dir_path, *kind, root);
    const auto dir = dirs_.find(dir_path);
    if (dir == dirs_.end()) continue;
    auto& file = *dir->second.files.try_emplace(path.substr(dir_path.size() + 1)).first;
    file.second.generation = generation_;
    return Place{&*dir, &file};
  }
  return std::nullopt;
}

// False: it is not one of ours.
bool Transcripts::read_asked(const std::string& path) {
  const auto place = place_of(path);
  if (!place) return false;
  sink_.turn_begins();
  mark_dirty(*place);
  read_dirty();
  read_pending();
  sink_.turn_ends();
  return true;
}

void Transcripts::read_now(std::string_view path) {
  const bool running = rescan_timer_.active();
  if (!running || !is_plain_path(path)) return;
  const std::string asked(path);
  if (!read_asked(asked) || again_.size() >= kMostAgain) return;
  again_.push_back({steady_ms() + static_cast<shm::i64>(options_.read_again_after_ms), asked});
  if (!again_timer_.active()) again_timer_.start_once(options_.read_again_after_ms);
}

void Transcripts::read_again() {
  const shm::i64 now_ms = steady_ms();
  // The timer may be a millisecond early by this clock.
  while (!again_.empty() && again_.front().due_ms <= now_ms + 1) {
    const std::string path = std::move(again_.front().path);
    again_.pop_front();
    read_asked(path);
  }
  if (!again_.empty())
    again_timer_.start_once(
        static_cast<shm::u64>(std::max<shm::i64>(again_.front().due_ms - now_ms, 1)));
}

bool Transcripts::add_root(TranscriptRoot root) {
  struct stat st {};
  if (roots_added_ >= kMostRootsAdded || !is_plain_path(root.config_dir) ||
      !is_plain_path(root.projects) || ::stat(root.config_dir.c_str(), &st) != 0 ||
      !S_ISDIR(st.st_mode))
    return false;
  for (const TranscriptRoot& other : roots_)
    if (same_directory(other.config_dir, root.config_dir) ||
        same_directory(other.projects, root.projects))
      return false;
  roots_.push_back(std::move(root));
  ++roots_added_;
  if (rescan_timer_.active()) rescan();
  return true;
}

KnownTranscripts::List Transcripts::known() const {
  KnownTranscripts::List all;
  for (const auto& [path, dir] : dirs_)
    for (const auto& [name, file] : dir.files)
      if (file.cursor.inode != 0) all.emplace_back(path + '/' + name, file.cursor);
  known_.for_each(
      [&](const std::string& path, const FileCursor& cursor) { all.emplace_back(path, cursor); });
  return all;
}

}  // namespace shmeter::collector
