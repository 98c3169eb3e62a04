// SPDX-License-Identifier: MIT
// The verbs that speak to a daemon from outside: start it, end it, ask how it is.
#pragma once

#include "collector/command/environment.hpp"
#include "collector/command/flags.hpp"

namespace shmeter::collector {

/// Starts `daemon run` detached and waits up to 5 s until its picture is complete.
int start_daemon(const Flags& flags, const Environment& environment);
/// Ends the daemon that holds the lock and waits up to 10 s for it.
int stop_daemon(const Flags& flags, const Environment& environment);
/// Makes it read its configuration again; whether that was fine it says on its own stderr.
int reload_daemon(const Flags& flags, const Environment& environment);
/// 0 and what it is doing, or kExitNotRunning.
int print_daemon_status(const Flags& flags, const Environment& environment);

}  // namespace shmeter::collector
