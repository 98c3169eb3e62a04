// SPDX-License-Identifier: MIT
// starship.toml with a custom module that starts the reader with no shell in between. Invariant: it
// was TOML before and is afterwards, and every other key belongs to the table that it belonged to.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/setup/host_edit.hpp"

namespace shmeter::collector {

/// The table between our marks.
std::string starship_lines(std::string_view shmeter);

/// Errors: (invalid) line:column and what is wrong; (exists) the user has such a module.
Result<Edited> starship_with(std::string_view text, std::string_view shmeter);

}  // namespace shmeter::collector
