// SPDX-License-Identifier: MIT
// Reading what the host writes to stdin without ever hanging on it: the end of the JSON object is
// enough, the end of the file is not awaited.
#pragma once

#include <span>
#include <string_view>

#include "shm/os.hpp"

namespace shmeter::plugin {

inline constexpr std::size_t kStdinBytes = std::size_t{128} << 10;  // more is no status line
inline constexpr int kPatience_ms = 1000;  // the host writes at once, or not at all

/// One read from stdin that waits at most kPatience_ms. 0 = the end, trouble, or nothing came.
std::size_t read_some(std::span<char> room);
/// Reads what is left and throws it away, so that the host's write succeeds; a second at most.
void drain(std::span<char> room);
/// Whether the text may be a whole JSON object: it ends in a brace.
bool may_be_whole(std::string_view text);

/// What stood on stdin, read into `room`, as soon as `is_whole(text)` says that it is all; empty if
/// it never did: nothing came, the end came too early, or more came than fits. `size` is what came,
/// all or not.
template <class IsWhole>
std::string_view read_stdin(std::span<char> room, std::size_t& size, IsWhole&& is_whole) {
  size = 0;
  std::int64_t deadline_ns = 0;  // set when the first read did not bring it all: rarely
  while (size < room.size()) {
    const std::size_t n = read_some(room.subspan(size));
    if (n == 0) return {};
    size += n;
    const std::string_view text(room.data(), size);
    if (may_be_whole(text) && is_whole(text)) return text;
    const std::int64_t now_ns = os::monotonic_ns();
    if (deadline_ns == 0) deadline_ns = now_ns + std::int64_t{kPatience_ms} * 1'000'000;
    if (now_ns >= deadline_ns) return {};
  }
  drain(room);
  return {};
}

}  // namespace shmeter::plugin
