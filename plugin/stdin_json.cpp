// SPDX-License-Identifier: MIT
// See stdin_json.hpp.
#include "plugin/stdin_json.hpp"

#include "plugin/sys/sys.hpp"

namespace shmeter::plugin {

std::size_t read_some(std::span<char> room) {
  if (sys::wait_readable(sys::kStdin, kPatience_ms) <= 0) return 0;
  const long n = sys::read(sys::kStdin, room.data(), room.size());
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

void drain(std::span<char> room) {
  constexpr std::size_t kMost = std::size_t{8} << 20;
  const std::int64_t deadline_ns = os::monotonic_ns() + std::int64_t{kPatience_ms} * 1'000'000;
  for (std::size_t drained = 0; drained < kMost && os::monotonic_ns() < deadline_ns;) {
    const std::size_t n = read_some(room);
    if (n == 0) return;
    drained += n;
  }
}

bool may_be_whole(std::string_view text) {
  while (!text.empty() &&
         (text.back() == '\n' || text.back() == ' ' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text.ends_with('}');
}

}  // namespace shmeter::plugin
