// SPDX-License-Identifier: MIT
// What the verbs write on: the terminal behind a descriptor, and what the environment says of it.
#pragma once

#include "collector/report/surface.hpp"

namespace shmeter::collector {

/// Columns; 0 = it is no terminal, or does not say.
int terminal_width(int fd);
Surface surface_of_stdout();

}  // namespace shmeter::collector
