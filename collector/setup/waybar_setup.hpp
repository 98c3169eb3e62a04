// SPDX-License-Identifier: MIT
// waybar's configuration with a module of ours in its first bar. Invariant: comments, other bars
// and the order of their modules stay as they are.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/setup/host_edit.hpp"

namespace shmeter::collector {

/// The member of a bar's object.
std::string waybar_member(std::string_view shmeter);

/// The name goes to the end of `modules-right` of the first bar that has one; where none has, of
/// `modules-center`, then `modules-left`. Errors: (invalid) line:column and what is wrong, or no
/// such list; (exists) a module of that name is not ours.
Result<Edited> waybar_with(std::string_view text, std::string_view shmeter);

/// Out of every bar. Errors (invalid): as above.
Result<std::string> waybar_without(std::string_view text);

}  // namespace shmeter::collector
