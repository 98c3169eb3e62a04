// SPDX-License-Identifier: MIT
// What nobody can guess.
#pragma once

#include <cstddef>
#include <string>

namespace shmeter::collector {

/// So many random bytes of the system, at most 256, in hex; empty when it gives none.
std::string random_hex(std::size_t bytes);

}  // namespace shmeter::collector
