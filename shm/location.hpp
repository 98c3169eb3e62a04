// SPDX-License-Identifier: MIT
// Where the region may be: the candidate runtime directories, in the order in which the collector
// takes the first usable one and a reader tries them until a region opens. Pure: the environment
// comes in as arguments, the paths stand in fixed buffers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace shmeter::shm {

/// The number is kLayoutMajor: two majors can stand side by side.
inline constexpr const char* kRegionName = "region.1";
inline constexpr const char* kLockName = "lock";
inline constexpr const char* kIngestSocketName = "ingest.sock";
inline constexpr std::size_t kRuntimePathBytes = 256;  // with the NUL; longer ones are left out

/// A path in a fixed buffer, NUL-terminated.
struct FixedPath {
  std::array<char, kRuntimePathBytes> text{};
  std::size_t length = 0;

  constexpr const char* c_str() const { return text.data(); }
  constexpr std::string_view view() const { return {text.data(), length}; }
  constexpr bool empty() const { return length == 0; }
  /// False when it does not fit; the path is then unchanged.
  constexpr bool append(std::string_view more) {
    if (more.size() >= text.size() - length) return false;
    for (const char c : more) text[length++] = c;
    text[length] = '\0';
    return true;
  }
};

struct RuntimeDirs {
  std::array<FixedPath, 4> paths{};
  std::uint32_t count = 0;

  constexpr const FixedPath* begin() const { return paths.data(); }
  constexpr const FixedPath* end() const { return paths.data() + count; }
};

namespace detail {
constexpr bool append_number(FixedPath& path, std::uint64_t number) {
  std::array<char, 20> digits{};
  std::size_t at = digits.size();
  do digits[--at] = static_cast<char>('0' + number % 10);
  while ((number /= 10) != 0);
  return path.append({digits.data() + at, digits.size() - at});
}
}  // namespace detail

/// The candidates, best first; empty arguments are not set. A directory that was named (by the
/// flag, else by SHMETER_RUNTIME_DIR) is the only candidate: who names one wants no other one's
/// numbers. Without it: XDG_RUNTIME_DIR/shmeter (if absolute, as its specification demands),
/// /run/user/EUID/shmeter, /tmp/shmeter-EUID. Too long a path is left out.
constexpr RuntimeDirs runtime_dirs(std::string_view flag, std::string_view shmeter_runtime_dir,
                                   std::string_view xdg_runtime_dir, std::uint64_t euid) {
  RuntimeDirs dirs;
  FixedPath path;
  const auto keep = [&dirs](const FixedPath& candidate) {
    for (const FixedPath& have : dirs)
      if (have.view() == candidate.view()) return;
    dirs.paths[dirs.count++] = candidate;
  };
  const std::string_view named = flag.empty() ? shmeter_runtime_dir : flag;
  if (!named.empty()) {
    if (path.append(named)) keep(path);
    return dirs;
  }
  if (xdg_runtime_dir.starts_with('/') && path.append(xdg_runtime_dir) && path.append("/shmeter"))
    keep(path);
  path = {};
  if (path.append("/run/user/") && detail::append_number(path, euid) && path.append("/shmeter"))
    keep(path);
  path = {};
  if (path.append("/tmp/shmeter-") && detail::append_number(path, euid)) keep(path);
  return dirs;
}

/// `dir/name`, or an empty path when that is too long.
constexpr FixedPath in_dir(const FixedPath& dir, std::string_view name) {
  FixedPath path = dir;
  return path.append("/") && path.append(name) ? path : FixedPath{};
}

}  // namespace shmeter::shm
