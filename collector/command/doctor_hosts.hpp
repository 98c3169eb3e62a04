// SPDX-License-Identifier: MIT
// What stands in hosts' files, run as the hosts run it. Invariant: only commands whose program is
// our reader are run, with a sample that the collector throws away, and none of them starts a
// collector.
#pragma once

#include <vector>

#include "collector/command/doctor_facts.hpp"
#include "collector/command/doctor_tmux.hpp"

namespace shmeter::collector {

/// Every host that `setup` knows. `facts` has what gather_facts() found.
std::vector<HostFact> gather_hosts(const DoctorCall& call, const Facts& facts,
                                   const TmuxServer& tmux, CommandRunner& runner);

}  // namespace shmeter::collector
