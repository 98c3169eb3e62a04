// SPDX-License-Identifier: MIT
#include "collector/source/transcript_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "collector/source/observation.hpp"

namespace shmeter::collector {
namespace {

using shm::i64;

constexpr i64 kNsPerMs = 1'000'000;

i64 to_ns(const timespec& time) { return i64{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

void look_at_entry(const dirent& entry, int dir_fd, FoundDir& found,
                   std::vector<std::pair<std::string, DirKind>>& below) {
  const std::string_view name = entry.d_name;
  DirKind kind{};
  const bool maybe_dir =
      name != "." && name != ".." && entry.d_type != DT_REG && child_kind(found.kind, name, kind);
  const bool maybe_file = entry.d_type != DT_DIR && is_transcript(found.kind, name);
  if (!maybe_dir && !maybe_file) return;
  struct stat st {};
  const bool known = entry.d_type == DT_DIR || ::fstatat(dir_fd, entry.d_name, &st, 0) == 0;
  if (maybe_dir && (entry.d_type == DT_DIR || (known && S_ISDIR(st.st_mode)))) {
    below.emplace_back(found.path + '/' + entry.d_name, kind);
  } else if (maybe_file) {
    // What cannot be looked at (a link to nowhere) is listed too: reading it will say why.
    const i64 modified_ns = known ? to_ns(st.st_mtim) : 0;
    found.touched_ms = std::max(found.touched_ms, modified_ns / kNsPerMs);
    found.files.push_back(
        {entry.d_name, st.st_dev, st.st_ino, static_cast<shm::u64>(st.st_size), modified_ns});
  }
}

void list(const std::string& path, DirKind kind, int depth, std::vector<FoundDir>& out) {
  std::vector<std::pair<std::string, DirKind>> below;
  FoundDir found;
  if (!list_directory(path, kind, found, below)) return;
  out.push_back(std::move(found));
  if (depth < kMaxTreeDepth)
    for (const auto& [child, child_is] : below) list(child, child_is, depth + 1, out);
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string expand_home(std::string path, const std::string& home) {
  if (path == "~" || path.starts_with("~/")) path.replace(0, 1, home);
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

bool is_directory(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

TranscriptRoot root_of(const std::string& dir) {
  const std::string projects = dir + "/projects";
  if (last_part(dir) == "projects" && !is_directory(projects))
    return {dir.substr(0, std::max<std::size_t>(dir.rfind('/'), 1)), dir};
  return {dir, projects};
}

}  // namespace

bool list_directory(const std::string& path, DirKind kind, FoundDir& found,
                    std::vector<std::pair<std::string, DirKind>>& below) {
  found.path = path;
  found.kind = kind;
  const std::unique_ptr<DIR, CloseDir> dir(::opendir(path.c_str()));
  if (!dir) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    found.error = errno;
    return true;
  }
  struct stat st {};
  if (::fstat(::dirfd(dir.get()), &st) == 0) found.touched_ms = to_ns(st.st_mtim) / kNsPerMs;
  while (const dirent* entry = ::readdir(dir.get()))
    look_at_entry(*entry, ::dirfd(dir.get()), found, below);
  return true;
}

std::vector<FoundDir> list_transcripts(const std::string& path, DirKind kind) {
  std::vector<FoundDir> out;
  list(path, kind, 0, out);
  return out;
}

bool is_transcript(DirKind in, std::string_view name) {
  return (in == DirKind::project || in == DirKind::subagents) && name.ends_with(".jsonl");
}

bool child_kind(DirKind in, std::string_view name, DirKind& kind) {
  switch (in) {
    case DirKind::projects:
      kind = DirKind::project;
      return true;
    case DirKind::project:
      kind = DirKind::session;
      return valid_session_id(name);
    case DirKind::session:
      kind = DirKind::subagents;
      return name == "subagents";
    case DirKind::subagents:
      kind = DirKind::subagents;
      return true;
  }
  return false;
}

std::string session_of_file(std::string_view path) {
  constexpr std::string_view kBelow = "/subagents/";
  std::string_view name;
  if (const auto at = path.rfind(kBelow); at != std::string_view::npos) {
    name = last_part(path.substr(0, at));
  } else {
    name = last_part(path);
    if (name.ends_with(".jsonl")) name.remove_suffix(6);
  }
  std::string id(name.substr(0, shm::kIdBytes));
  for (char& c : id)
    if (!valid_session_id({&c, 1})) c = '_';
  return id.empty() ? "_" : id;
}

std::vector<TranscriptRoot> transcript_roots(const RootSettings& settings) {
  std::vector<std::string> dirs;
  std::string_view rest = settings.claude_config_dir;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    dirs.push_back(trimmed(rest.substr(0, comma)));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  if (settings.claude_config_dir.empty() && !settings.home.empty()) {
    dirs.push_back(settings.home + "/.claude");
    dirs.push_back(
        (settings.xdg_config_home.empty() ? settings.home + "/.config" : settings.xdg_config_home) +
        "/claude");
  }
  dirs.insert(dirs.end(), settings.more_config_dirs.begin(), settings.more_config_dirs.end());

  std::vector<TranscriptRoot> roots;
  for (const std::string& dir : dirs) {
    if (dir.empty()) continue;
    TranscriptRoot root = root_of(expand_home(dir, settings.home));
    const bool repeated = std::any_of(roots.begin(), roots.end(), [&](const TranscriptRoot& other) {
      return other.projects == root.projects;
    });
    if (!repeated) roots.push_back(std::move(root));
  }
  return roots;
}

}  // namespace shmeter::collector
