// SPDX-License-Identifier: MIT
// What a tmux server says of itself: the environment that it gives its jobs, and what of ours is in
// its options. Invariant: a server is asked, never started, and one that does not answer is asked
// once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/command/doctor_facts.hpp"
#include "collector/setup/host_commands.hpp"

namespace shmeter::collector {

using Variables = std::map<std::string, std::string, std::less<>>;

struct TmuxServer {
  TmuxFact fact;
  Variables environment;  // of its jobs
  std::vector<HostCommand> commands;
};

/// `region` is the one that was found here; empty = none was.
TmuxServer ask_tmux(const DoctorCall& call, const std::string& region, CommandRunner& runner);

/// The lines NAME=VALUE of `tmux show-environment`; what else there is, such as variables that are
/// unset, is none.
Variables parse_variables(std::string_view text);

}  // namespace shmeter::collector
