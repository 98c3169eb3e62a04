// SPDX-License-Identifier: MIT
// Where transcripts lie: <root>/projects/<project>/<session>.jsonl, and what sub-agents write at
// <session>/subagents/**/*.jsonl beside it. Listing only: nothing is opened, nothing remembered.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shm/picture.hpp"

namespace shmeter::collector {

/// Directories this far below `projects` are listed. Deeper nests of sub-agents are not known; a
/// loop of links ends here.
inline constexpr int kMaxTreeDepth = 6;

/// What a directory is decides what in it is of interest.
enum class DirKind {
  projects,   // projects
  project,    // transcripts, session directories
  session,    // `subagents`
  subagents,  // transcripts, deeper ones
};

struct FoundFile {
  std::string name;
  shm::u64 device = 0;
  shm::u64 inode = 0;
  shm::u64 size = 0;
  shm::i64 modified_ns = 0;
};

struct FoundDir {
  std::string path;
  DirKind kind = DirKind::projects;
  shm::i64 touched_ms = 0;  // newest change of the directory itself or of a transcript in it
  int error = 0;            // errno when it could not be read; then nothing is known of its inside
  std::vector<FoundFile> files;
};

/// `path` and everything of interest below it, parents first. A path that is not there gives
/// nothing.
std::vector<FoundDir> list_transcripts(const std::string& path, DirKind kind);

/// That directory alone; `below` gets the directories of interest in it. False: it is not there.
bool list_directory(const std::string& path, DirKind kind, FoundDir& found,
                    std::vector<std::pair<std::string, DirKind>>& below);

bool is_transcript(DirKind in, std::string_view name);
/// What a directory `name` in a directory of kind `in` is. False: of no interest.
bool child_kind(DirKind in, std::string_view name, DirKind& kind);

/// The session whose lines stand in this file, for lines that do not say: the file's stem, or for a
/// sub-agent the directory above `subagents`; made a valid session id.
std::string session_of_file(std::string_view path);

/// A config directory to read.
struct TranscriptRoot {
  std::string config_dir;
  std::string projects;  // usually config_dir + "/projects"
};

/// What the environment says about where to read. Empty = not set.
struct RootSettings {
  std::string claude_config_dir;  // comma list; an item may be a `projects` directory itself
  std::string home;
  std::string xdg_config_home;
  std::vector<std::string> more_config_dirs;  // of the configuration
};
/// Roots in order, each once, existing or not. The default places only when the variable is unset.
std::vector<TranscriptRoot> transcript_roots(const RootSettings& settings);

}  // namespace shmeter::collector
