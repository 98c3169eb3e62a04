// SPDX-License-Identifier: MIT
// The place that an error names, shown: the line of the file, and a caret below.
#pragma once

#include <string>
#include <string_view>

namespace shmeter::collector {

/// `message` begins with `path:line:column: `, both from 1 and columns in characters. Two lines, or
/// nothing when it names no place in `text`. Long lines are cut around the place; what a terminal
/// would act on is taken out.
std::string point_out(std::string_view message, std::string_view path, std::string_view text);

}  // namespace shmeter::collector
