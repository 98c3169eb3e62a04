// SPDX-License-Identifier: MIT
// What one sessions/<pid>.json says of its session, and whether the system agrees: after a crash
// the file stays, and its number may be another process by now.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// Real ones are below 1 KB.
inline constexpr std::size_t kMaxSessionFile = std::size_t{64} << 10;

struct SessionClaim {
  std::string session_id;  // valid by valid_session_id
  i64 pid = kUnknown;
  i64 process_start = kUnknown;  // field 22 of /proc/<pid>/stat; unknown = not said
  shm::SessionStatus status = shm::SessionStatus::unknown;
  i64 status_at_ms = kUnknown;
  i64 started_at_ms = kUnknown;
  std::string name;
  std::string cwd;
  std::string version;
  bool operator==(const SessionClaim&) const = default;
};

/// The process a file in `sessions` is named after; unknown: it is none of those files.
i64 pid_of_file(std::string_view file_name);

/// Empty when it is no JSON object with a session id, or speaks of another process than `pid`.
std::optional<SessionClaim> parse_session_file(std::string_view bytes, i64 pid);

/// True when the process lives and began when the claim says; without that: is ours. `proc` is
/// /proc, or what a test puts in its place.
bool process_agrees(const SessionClaim& claim, const std::string& proc);

}  // namespace shmeter::collector
