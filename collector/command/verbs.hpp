// SPDX-License-Identifier: MIT
// The verbs of shmeterd: one table drives dispatch and help.
#pragma once

namespace shmeter::collector {

/// Runs the verb that the arguments name; returns the exit code. Wrong words: one line, 64.
int run_command(int argc, char** argv);

}  // namespace shmeter::collector
