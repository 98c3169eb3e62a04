// SPDX-License-Identifier: MIT
// From facts to findings, part by part. Pure: every one is a table of what a fact means and what to
// do about it.
#pragma once

#include "collector/doctor/facts.hpp"
#include "collector/doctor/finding.hpp"

namespace shmeter::collector {

/// Everything, in the order in which it is read.
Findings judge(const Facts& facts);

void check_collector(const Facts& facts, Findings& to);
void check_region(const Facts& facts, Findings& to);
void check_paths(const Facts& facts, Findings& to);
void check_sources(const Facts& facts, Findings& to);
void check_hosts(const Facts& facts, Findings& to);
void check_tmux(const Facts& facts, Findings& to);
void check_terminal(const Facts& facts, Findings& to);

/// A command of a host's that was run, and how it went.
Finding judge_trial(const HostFact& host, const TrialFact& trial, bool picture_is_known);

}  // namespace shmeter::collector
