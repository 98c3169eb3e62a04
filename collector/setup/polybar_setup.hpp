// SPDX-License-Identifier: MIT
// polybar's configuration with a module of ours, and its name in one bar's list. Invariant: the
// module stands between our marks; the name is known again as a word of its own.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/setup/host_edit.hpp"

namespace shmeter::collector {

/// The module between our marks.
std::string polybar_lines(std::string_view shmeter);

/// The name goes to the end of the first `modules-right` of a bar, or of a section that bars
/// inherit; where there is none, of `modules-center`, then `modules-left`. Errors: (invalid) no
/// such list, or one that is said elsewhere; (exists) the user has such a module, line:column.
Result<Edited> polybar_with(std::string_view text, std::string_view shmeter);

Result<std::string> polybar_without(std::string_view text);

}  // namespace shmeter::collector
