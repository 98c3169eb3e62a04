// SPDX-License-Identifier: MIT
// Whether a collector runs and is well, and whether what it published can be believed.
#include <algorithm>

#include "collector/doctor/checks.hpp"

namespace shmeter::collector {
namespace {

using enum Level;

constexpr std::string_view kCollector = "collector";
constexpr std::string_view kRegion = "region";
constexpr auto kRestart = "shmeter daemon stop; shmeter daemon start";

std::string octal(shm::u32 mode) {
  std::string text;
  for (int shift = 6; shift >= 0; shift -= 3) text += static_cast<char>('0' + (mode >> shift & 7));
  return text;
}

/// Of a file or folder that nobody else may look into.
void check_mode(const FileFact& file, Findings& to) {
  if (!file.there) return;
  const bool is_private = file.is_ours && (file.mode & 077) == 0;
  if (is_private) return;
  Told text = Told::path(file.path) << ": ";
  if (!file.is_ours) {
    to.push_back({kRegion, bad, text << "belongs to somebody else, so nothing in it is believed",
                  Told("rm -r ") << Told::shell_path(file.path) << "  (or ask who owns it)"});
    return;
  }
  const Told want = file.is_dir ? Told("700") : Told("600");
  to.push_back({kRegion, bad,
                text << "mode " << Told::ours(octal(file.mode)) << ": others can look into it, "
                     << want << " is right",
                Told("chmod ") << want << " " << Told::shell_path(file.path)});
}

void check_starter(const CollectorFact& collector, Findings& to) {
  if (collector.autostarts)
    to.push_back({kCollector, ok, "Claude Code's status line starts one when none runs", {}});
  if (collector.is_service)
    to.push_back({kCollector, ok, "a systemd unit of yours starts one", {}});
  if (!collector.autostarts && !collector.is_service)
    to.push_back(
        {kCollector, note, "nothing starts one by itself",
         collector.something_is_set_up ? Told("shmeter setup claude-code, or systemd") : Told()});
}

Told what_opened(shm::Opened opened) {
  switch (opened) {
    case shm::Opened::ok:
    case shm::Opened::absent:
      break;
    case shm::Opened::forbidden:
      return "it is no plain file of yours that only you can write";
    case shm::Opened::not_ready:
      return "it has no picture yet";
    case shm::Opened::foreign_version:
      return "it is of another version: reader and collector must be installed together";
    case shm::Opened::corrupt:
      return "it is damaged; a collector that runs makes it anew within seconds";
  }
  return "it is there";
}

void check_picture(const RegionFact& region, Findings& to) {
  const auto completeness = static_cast<shm::Completeness>(region.summary.completeness);
  if (completeness != shm::Completeness::complete)
    to.push_back({kRegion,
                  note,
                  Told("transcripts are still being read: ")
                      << region.summary.files_read << " of " << region.summary.files_known,
                  {}});
  if (region.summary.unreadable_files > 0)
    to.push_back({kRegion,
                  note,
                  Told(region.summary.unreadable_files) << " files or folders could not be read",
                  {}});
  if (region.summary.damaged_lines + region.summary.skipped_lines > 0)
    to.push_back({kRegion,
                  note,
                  Told(region.summary.damaged_lines)
                      << " damaged and " << region.summary.skipped_lines
                      << " too long lines of transcripts were not counted",
                  {}});
}

}  // namespace

void check_collector(const Facts& facts, Findings& to) {
  const CollectorFact& collector = facts.collector;
  const RegionFact& region = facts.region;
  const bool will_start = collector.autostarts || collector.is_service;
  if (!collector.runs) {
    const bool is_missed =
        region.opened == shm::Opened::ok || (collector.something_is_set_up && !will_start);
    to.push_back({kCollector, is_missed ? bad : note, "none runs",
                  is_missed ? Told("shmeter daemon start") : Told()});
    return check_starter(collector, to);
  }
  Told text = Told("runs, pid ") << collector.pid;
  if (!region.version.empty()) text << ", version " << Told::version(region.version);
  if (shm::known(region.runs_for_s)) text << ", for " << Told::age(region.runs_for_s);
  to.push_back({kCollector, ok, text, {}});
  if (!collector.trouble.empty())
    to.push_back({kCollector, bad,
                  Told("it does not answer on its socket: ") << Told::foreign(collector.trouble),
                  Told::ours(kRestart)});
  if (!region.version.empty() && region.version != facts.version)
    to.push_back({kCollector, bad,
                  Told("it is of version ")
                      << Told::version(region.version) << ", and installed is "
                      << Told::version(facts.version),
                  Told::ours(kRestart)});
  check_starter(collector, to);
}

void check_region(const Facts& facts, Findings& to) {
  const RegionFact& region = facts.region;
  check_mode(facts.runtime.state, to);
  if (!region.file.there) {
    to.push_back({kRegion, facts.collector.runs ? bad : note,
                  Told::path(region.file.path) << ": not there, so every host shows its fallback",
                  facts.collector.runs ? Told::ours(kRestart) : Told()});
    return;
  }
  check_mode(region.file, to);
  if (region.opened != shm::Opened::ok) {
    const bool may_come = region.opened == shm::Opened::not_ready && facts.collector.runs;
    to.push_back({kRegion, may_come ? note : bad,
                  Told::path(region.file.path) << ": " << what_opened(region.opened),
                  may_come ? Told() : Told::ours(kRestart)});
    return;
  }
  to.push_back({kRegion,
                ok,
                Told::path(region.file.path)
                    << ": " << static_cast<i64>(region.file.size >> 10) << " KiB, layout "
                    << static_cast<i64>(shm::kLayoutMajor) << "." << static_cast<i64>(region.minor)
                    << ", " << region.summary.sessions << " sessions",
                {}});
  const Told age = Told::age(region.heartbeat_age_s);
  if (region.liveness == shm::Liveness::live)
    to.push_back({kRegion, ok, Told("heartbeat ") << age << " ago", {}});
  else if (region.liveness == shm::Liveness::wedged)
    to.push_back({kRegion, bad,
                  Told("the collector hangs: its last heartbeat was ") << age << " ago",
                  Told::ours(kRestart)});
  else
    to.push_back({kRegion, bad,
                  Told("what hosts show is old: the last heartbeat was ") << age << " ago",
                  "shmeter daemon start"});
  check_picture(region, to);
}

}  // namespace shmeter::collector
