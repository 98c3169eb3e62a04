// SPDX-License-Identifier: MIT
// Reading what the host writes to stdin without ever hanging on it: the end of the JSON object is
// enough, the end of the file is not awaited.
#pragma once

#include <span>
#include <string_view>

namespace shmeter::plugin {

inline constexpr std::size_t kStdinBytes = 128 * 1024;  // more is no status line

/// What stood on stdin, read into `room`. Empty when nothing came within a second, or more than
/// fits: the rest is then read and thrown away, so that the host's write succeeds, up to a bound.
std::string_view read_stdin(std::span<char> room);

}  // namespace shmeter::plugin
