// SPDX-License-Identifier: MIT
// Facts that are there to be looked at: collector, region, paths, sources, terminal. Invariant:
// nothing is written, started or waited for longer than two seconds.
#pragma once

#include <string>

#include "collector/command/client_words.hpp"
#include "collector/command/command_runner.hpp"
#include "collector/command/environment.hpp"
#include "collector/doctor/facts.hpp"
#include "plugin/environment.hpp"

namespace shmeter::collector {

/// What the doctor was told and where it stands.
struct DoctorCall {
  const ClientWords& words;
  Flags flags;
  const Environment& environment;
  plugin::Environment reader_env;
  std::string starship_shell;
  std::string tmux;         // TMUX: of the pane we are in; empty = we are in none
  std::string tmux_tmpdir;  // TMUX_TMPDIR
};

/// All but hosts and tmux; what they say of the collector's start is left out, too.
Facts gather_facts(const DoctorCall& call, CommandRunner& runner);

/// The program `name` as found in `path`, and what version it says it is if it is not ours.
ProgramFact program_fact(const std::string& name, std::string_view path, const std::string& ours,
                         CommandRunner& runner);
/// Where a reader finds a region; empty when nowhere.
std::string region_path(const shm::RuntimeDirs& dirs);

}  // namespace shmeter::collector
