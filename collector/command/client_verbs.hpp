// SPDX-License-Identifier: MIT
// `shmeter set ingest guard quota usage`: verbs that speak to the running daemon, and fall back to
// the region where that is as good. Each takes the words behind the verb and returns the exit code;
// errors are one line on stderr.
#pragma once

#include <span>

#include "collector/command/environment.hpp"

namespace shmeter::collector {

/// `set SESSION JSON`: 0 once it is durable; 64 refused; 69 no collector, or it could not store it.
int run_set(std::span<char* const> arguments, const Environment& environment);

/// `ingest [--format NAME]`: stdin to the daemon, and unchanged to stdout unless that is a terminal
/// or /dev/null. As a filter it always ends with 0; as a sink 64 = refused, 69 = nobody took it.
int run_ingest(std::span<char* const> arguments, const Environment& environment);

/// `guard [NEED] [--window NAME] [--min-remaining SHARE] [--account NAME] [--fail-open] [--json]`:
/// 0 go, 1 stop, 64 wrong words, 69 nothing is known (with --fail-open: 0).
int run_guard(std::span<char* const> arguments, const Environment& environment);

/// `quota [--account NAME] [--json]`: 0; 64 wrong words; 69 no collector and no picture of one.
int run_quota(std::span<char* const> arguments, const Environment& environment);

/// `usage [SESSION] [--json]`: the same; 64 also for a session that nobody has heard of.
int run_usage(std::span<char* const> arguments, const Environment& environment);

}  // namespace shmeter::collector
