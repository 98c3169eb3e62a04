// SPDX-License-Identifier: MIT
// `shmeter setup otel [--dry-run] [--uninstall]`: the client's settings and our configuration for
// telemetry, shown as they change, and as they were before.
#pragma once

#include "collector/command/client_words.hpp"
#include "collector/command/environment.hpp"

namespace shmeter::collector {

int run_setup_otel(const ClientWords& words, const Environment& environment);

}  // namespace shmeter::collector
