// SPDX-License-Identifier: MIT
// See stdin_json.hpp.
#include "plugin/stdin_json.hpp"

#include "plugin/sys/sys.hpp"
#include "shm/os.hpp"

namespace shmeter::plugin {
namespace {

constexpr int kPatience_ms = 1000;  // the host writes at once, or not at all
constexpr std::int64_t kPatience_ns = std::int64_t{kPatience_ms} * 1'000'000;
constexpr std::size_t kMostDrained = std::size_t{8} << 20;

/// Braces that balance outside strings: the object is whole. Not a parser: what it takes for whole
/// is still to be believed or not.
class Balance {
 public:
  void feed(std::string_view bytes) {
    for (const char c : bytes) {
      if (escaped_) {
        escaped_ = false;
      } else if (in_string_) {
        escaped_ = c == '\\';
        in_string_ = c != '"';
      } else if (c == '"') {
        in_string_ = true;
      } else if (c == '{' || c == '[') {
        ++depth_;
        opened_ = true;
      } else if (c == '}' || c == ']') {
        --depth_;
      }
    }
  }
  bool whole() const { return opened_ && depth_ <= 0 && !in_string_; }

 private:
  long depth_ = 0;
  bool opened_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
};

/// One read that waits at most `timeout_ms`; <= 0 = the end, trouble, or nothing in that time.
long read_some(std::span<char> room, int timeout_ms) {
  if (sys::wait_readable(sys::kStdin, timeout_ms) <= 0) return 0;
  return sys::read(sys::kStdin, room.data(), room.size());
}

void drain(std::span<char> room, std::int64_t deadline_ns) {
  std::size_t drained = 0;
  for (long n = 1; n > 0 && drained < kMostDrained && os::monotonic_ns() < deadline_ns;) {
    n = read_some(room, kPatience_ms);
    if (n > 0) drained += static_cast<std::size_t>(n);
  }
}

}  // namespace

std::string_view read_stdin(std::span<char> room) {
  std::size_t size = 0;
  Balance balance;
  std::int64_t deadline_ns = 0;  // set when the first read did not bring it all: rarely
  while (size < room.size()) {
    const long n = read_some(room.subspan(size), kPatience_ms);
    if (n <= 0) break;
    balance.feed({room.data() + size, static_cast<std::size_t>(n)});
    size += static_cast<std::size_t>(n);
    if (balance.whole()) break;
    if (deadline_ns == 0) deadline_ns = os::monotonic_ns() + kPatience_ns;
    if (os::monotonic_ns() >= deadline_ns) break;
  }
  if (size < room.size()) return {room.data(), size};
  drain(room, os::monotonic_ns() + kPatience_ns);
  return {};
}

}  // namespace shmeter::plugin
