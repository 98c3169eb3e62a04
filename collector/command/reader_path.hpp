// SPDX-License-Identifier: MIT
// The reader that was installed with this program.
#pragma once

#include <string>

#include "collector/result.hpp"

namespace shmeter::collector {

/// Where the reader beside this program is, or would be. Errors: unavailable.
Result<std::string> path_beside_us();

/// The same, when it can be run and its path can stand in other programs' files. Errors:
/// unavailable, invalid.
Result<std::string> path_of_reader();

}  // namespace shmeter::collector
