// SPDX-License-Identifier: MIT
// What the doctor looks at, as plain values: gathered at the edge, judged by checks.hpp. Times are
// epoch seconds, ages seconds; kUnknown where nobody knows.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "collector/doctor/told.hpp"
#include "collector/loop/child_process.hpp"
#include "formats/values.hpp"
#include "shm/reader.hpp"

namespace shmeter::collector {

using shm::i64;
using shm::kUnknown;

/// What stands at a path.
struct FileFact {
  std::string path;
  bool there = false;
  bool is_file = false;
  bool is_dir = false;
  bool is_ours = false;
  bool can_run = false;    // by us
  bool can_read = false;   //
  bool can_write = false;  //
  shm::u32 mode = 0;       // permission bits
  shm::u64 size = 0;       // bytes
  i64 age_s = kUnknown;    // since it was written
};

/// A reader or collector that was found.
struct ProgramFact {
  FileFact file;             // an empty path: none was found
  std::string version;       // as it says; empty = it does not
  bool is_same_file = true;  // as the reader beside this program
};

struct RuntimeFact {
  std::string dir;         // where the collector is or would be
  std::string_view named;  // by what: --runtime-dir, SHMETER_RUNTIME_DIR, …
  bool is_first = true;    // the best candidate
  FileFact state;
};

struct CollectorFact {
  bool runs = false;
  i64 pid = 0;
  std::string trouble;      // why its socket gave no answer; empty = it did
  bool autostarts = false;  // a status line starts it
  bool is_service = false;  // a systemd unit does
  bool something_is_set_up = false;
};

struct RegionFact {
  shm::Opened opened = shm::Opened::absent;
  FileFact file;
  std::string version;  // of the collector that wrote it
  shm::u32 minor = 0;   // of the layout
  shm::Liveness liveness = shm::Liveness::stale;
  i64 heartbeat_age_s = kUnknown;
  i64 runs_for_s = kUnknown;
  shm::Summary summary;
};

struct ConfigFact {
  std::string path;  // empty: no home directory
  bool there = false;
  std::string trouble;  // file:line:column: what; empty = fine
  bool keeps_on_disk = true;
};

struct RootFact {
  FileFact projects;
  i64 files = 0;
  i64 newest_age_s = kUnknown;
  i64 unreadable = 0;  // folders
};

/// One source of the running collector.
struct SourceFact {
  std::string name;
  i64 count = 0;
  i64 age_s = kUnknown;  // since it was heard last
};

/// A limit window of an account.
struct QuotaFact {
  std::string account;
  std::string_view window;
  i64 used_ppm = kUnknown;
  i64 age_s = kUnknown;
  shm::QuotaSource source = shm::QuotaSource::statusline;
};

/// What a host expects of a command.
enum class Expected { line, nothing };

/// A command of a host's that was run.
struct TrialFact {
  std::string command;
  ProgramFact program;
  Expected expected = Expected::line;
  Told not_run;  // why it was not run; empty = it was
  ChildProcess::Ended ended;
  i64 took_ms = 0;
  i64 limit_ms = 0;
  std::string shown;    // the line as the host would show it
  std::string refused;  // why it would not
};

/// A line that the collector keeps in a file for a shell.
struct LineFileFact {
  FileFact file;                    // where the shell looks
  bool collector_is_there = false;  // its runtime directory is the one the shell looks in
};

struct HostFact {
  std::string_view name;
  std::string path;       // of its file
  std::string trouble;    // why that cannot be read
  bool is_ours = false;   // something of ours is in it
  bool names_us = false;  // it names shmeter in a form that is not known
  Told switched_off;      // by what else; empty = it is not
  bool starts_collector = false;
  bool lacks_collector = false;  // it would start one, but none is beside its reader
  std::vector<TrialFact> trials;
  std::optional<LineFileFact> line_file;
  std::optional<ProgramFact> service;
};

/// A variable that jobs of tmux have another value of than we have.
struct TmuxVariable {
  std::string_view name;
  std::string there;
  std::string here;
};

struct TmuxFact {
  enum class Server { none, running, silent };
  Server server = Server::none;
  std::vector<TmuxVariable> differing;
  bool finds_region = true;  // a job looks where our region is
  bool has_ours = false;     // in the options of the server
  std::string features;      // of the client we are in; empty = we are in none
};

struct TerminalFact {
  bool is_terminal = false;
  int columns = 0;  // 0 = unknown
  std::string term, colorterm, no_color, force_color;
  formats::Colour colour = formats::Colour::none;
  bool is_utf8 = true;
};

struct Facts {
  std::string version;  // of this program
  ProgramFact reader;   // beside it
  ProgramFact in_path;
  RuntimeFact runtime;
  CollectorFact collector;
  RegionFact region;
  ConfigFact config;
  FileFact state_dir, database;
  std::vector<RootFact> roots;
  std::vector<SourceFact> sources;
  std::vector<QuotaFact> quota;
  std::vector<HostFact> hosts;
  TmuxFact tmux;
  TerminalFact terminal;
};

}  // namespace shmeter::collector
