// SPDX-License-Identifier: MIT
// Where things are looked for, and what was heard from each source.
#include <algorithm>

#include "collector/doctor/checks.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

using enum Level;

constexpr std::string_view kPaths = "paths";
constexpr std::string_view kSources = "sources";
constexpr std::size_t kMostSocketPath = 107;  // sun_path, without its NUL
constexpr i64 kOldQuota_s = 3600;

void check_runtime(const RuntimeFact& runtime, Findings& to) {
  Told text = Told("runtime directory ") << Told::path(runtime.dir);
  if (runtime.dir.empty()) {
    to.push_back({kPaths, bad, "there is no runtime directory whose path is short enough",
                  "name one with --runtime-dir, or SHMETER_RUNTIME_DIR (0700, yours)"});
    return;
  }
  text << ", by " << Told::ours(runtime.named);
  const bool fits =
      runtime.dir.size() + std::string_view("/control.sock").size() <= kMostSocketPath;
  to.push_back({kPaths, fits ? ok : bad, fits ? text : text << ": too long for a socket",
                fits ? Told() : Told("name a shorter one with SHMETER_RUNTIME_DIR")});
  if (!runtime.is_first)
    to.push_back({kPaths,
                  note,
                  "a better place was not usable when the collector began, or has come since",
                  {}});
}

void check_config(const ConfigFact& config, Findings& to) {
  if (!config.trouble.empty()) {
    // The name of the file is a path, what stands behind it may quote what is in the file.
    std::string_view rest = config.trouble;
    Told text;
    if (!config.path.empty() && rest.starts_with(config.path)) {
      text << Told::path(config.path);
      rest.remove_prefix(config.path.size());
    }
    const auto behind = rest.find_first_not_of("0123456789:");
    text << Told::ours(rest.substr(0, behind));
    text << Told::foreign(behind == rest.npos ? "" : rest.substr(behind));
    to.push_back({kPaths, bad, text,
                  "shmeter config validate  (shows the place; until it is right, the collector "
                  "does not start, or keeps what it had)"});
  } else if (config.path.empty()) {
    to.push_back({kPaths, note, "no configuration: HOME is not set", {}});
  } else {
    to.push_back({kPaths,
                  ok,
                  Told("configuration ")
                      << Told::path(config.path)
                      << (config.there ? Told(": fine") : Told(": none, the defaults hold")),
                  {}});
  }
}

void check_state(const Facts& facts, Findings& to) {
  const FileFact& dir = facts.state_dir;
  const FileFact& database = facts.database;
  if (!facts.config.keeps_on_disk) {
    to.push_back({kPaths, ok, "history is kept in memory alone, as configured", {}});
  } else if (dir.path.empty()) {
    to.push_back({kPaths, bad, "no place for history: HOME is not set", "set HOME"});
  } else if (dir.there && !dir.can_write) {
    to.push_back({kPaths, bad, Told::path(dir.path) << ": history cannot be written there",
                  Told("chown it to yourself, and chmod 700 ") << Told::shell_path(dir.path)});
  } else if (database.there && !(database.can_read && database.can_write)) {
    to.push_back({kPaths, bad, Told::path(database.path) << ": cannot be read and written",
                  Told("chmod 600 ") << Told::shell_path(database.path)});
  } else if (database.there) {
    to.push_back({kPaths,
                  ok,
                  Told("history ") << Told::path(database.path) << ": "
                                   << static_cast<i64>(database.size >> 10) << " KiB",
                  {}});
  } else {
    to.push_back({kPaths, ok, Told("history ") << Told::path(database.path) << ": none yet", {}});
  }
}

void check_programs(const Facts& facts, Findings& to) {
  const ProgramFact& reader = facts.reader;
  const ProgramFact& found = facts.in_path;
  if (!reader.file.can_run) {
    to.push_back({kPaths, bad,
                  Told::path(reader.file.path) << ": there is no reader beside shmeterd",
                  "install shmeter and shmeterd together, into one folder"});
    return;
  }
  if (!reader.version.empty() && reader.version != facts.version)
    to.push_back({kPaths, bad,
                  Told::path(reader.file.path)
                      << ": version " << Told::version(reader.version) << " beside a shmeterd of "
                      << Told::version(facts.version),
                  "install shmeter and shmeterd together, into one folder"});
  if (found.file.path.empty()) {
    to.push_back({kPaths, note, Told::path(reader.file.path) << ": not in PATH",
                  "put its folder into PATH, or write its absolute path where you use it"});
    return;
  }
  if (found.is_same_file) {
    to.push_back({kPaths, ok, Told("shmeter in PATH is ") << Told::path(found.file.path), {}});
    return;
  }
  const bool is_other = !found.version.empty() && found.version != facts.version;
  Told text = Told("shmeter in PATH is ")
              << Told::path(found.file.path) << ", not " << Told::path(reader.file.path);
  if (is_other) text << ", and of version " << Told::version(found.version);
  to.push_back({kPaths, is_other ? bad : note, text,
                is_other ? Told("remove ") << Told::shell_path(found.file.path)
                                           << ", or install the same version there"
                         : Told()});
}

void check_root(const RootFact& root, bool is_only, Findings& to) {
  const FileFact& projects = root.projects;
  Told text = Told("transcripts ") << Told::path(projects.path) << ": ";
  if (!projects.there) {
    to.push_back({kSources, is_only ? note : ok, text << "not there",
                  is_only ? Told("use Claude Code once as this user, or say where its data is with "
                                 "CLAUDE_CONFIG_DIR")
                          : Told()});
  } else if (!projects.can_read || root.unreadable > 0) {
    to.push_back({kSources, bad, text << "cannot be read, or parts of it cannot",
                  Told("chmod -R u+rX ") << Told::shell_path(projects.path)});
  } else if (root.files == 0) {
    to.push_back({kSources, ok, text << "none yet", {}});
  } else {
    to.push_back({kSources,
                  ok,
                  text << root.files << " files, the newest written "
                       << Told::age(root.newest_age_s) << " ago",
                  {}});
  }
}

Told name_of(shm::QuotaSource source) {
  switch (source) {
    case shm::QuotaSource::statusline:
      return "the status line";
    case shm::QuotaSource::utilization_file:
      return "Claude Code's cache of /usage";
    case shm::QuotaSource::limit_line:
      return "a transcript's line about a limit";
    case shm::QuotaSource::stream:
      return "claude -p";
    case shm::QuotaSource::manual:
      return "shmeter or a program by hand";
    case shm::QuotaSource::command:
      return "a command of yours";
    case shm::QuotaSource::fleet:
      break;
  }
  return "another machine";
}

void check_quota(const Facts& facts, Findings& to) {
  if (facts.region.opened != shm::Opened::ok) return;
  bool any = false;
  for (const QuotaFact& one : facts.quota) {
    if (!shm::known(one.used_ppm)) continue;
    any = true;
    formats::Word share;
    formats::write_percent(share, one.used_ppm, 0);
    to.push_back({kSources,
                  one.age_s > kOldQuota_s ? note : ok,
                  Told("quota of account ")
                      << Told::foreign(one.account) << ": " << Told::ours(one.window) << " "
                      << Told::ours(share.view()) << ", said by " << name_of(one.source) << " "
                      << Told::age(one.age_s) << " ago",
                  {}});
  }
  if (any) return;
  const bool has_line = std::any_of(facts.hosts.begin(), facts.hosts.end(), [](const auto& host) {
    return host.name == "claude-code" && (host.is_ours || host.names_us);
  });
  to.push_back({kSources, note, "no limit is known: nothing has said one since its last reset",
                has_line ? Told() : Told("shmeter setup claude-code")});
}

}  // namespace

void check_paths(const Facts& facts, Findings& to) {
  check_runtime(facts.runtime, to);
  check_config(facts.config, to);
  check_state(facts, to);
  check_programs(facts, to);
}

void check_sources(const Facts& facts, Findings& to) {
  const bool none_there = std::none_of(facts.roots.begin(), facts.roots.end(),
                                       [](const RootFact& root) { return root.projects.there; });
  if (facts.roots.empty())
    to.push_back(
        {kSources, note, "no folder of transcripts is known: HOME is not set", "set HOME"});
  for (const RootFact& root : facts.roots)
    check_root(root, none_there && &root == facts.roots.data(), to);
  for (const SourceFact& source : facts.sources) {
    Told text = Told::ours(source.name) << ": ";
    if (source.count == 0)
      text << "not heard since the collector began";
    else
      text << (source.count == 1 ? Told("once") : Told(source.count) << " times")
           << " since the collector began, last " << Told::age(source.age_s) << " ago";
    to.push_back({kSources, ok, text, {}});
  }
  check_quota(facts, to);
}

}  // namespace shmeter::collector
