// SPDX-License-Identifier: MIT
// The two secrets of HTTP over TCP as files: kept in the state directory, so that they outlive a
// reboot, with a copy in the runtime directory, where clients look. Invariant: nobody but the user
// can read one, at no moment, and a file that somebody else put there is not believed.
#pragma once

#include <string>

#include "collector/result.hpp"
#include "collector/serve/http_gate.hpp"

namespace shmeter::collector {

inline constexpr const char* kHttpTokenName = "http.token";
inline constexpr const char* kHandInTokenName = "otel.token";

/// Those that are there, or new ones. An empty `state_dir`: in the runtime directory alone.
/// Errors: forbidden (a link, another's, readable by others), corrupt (no token), unavailable.
Result<HttpTokens> load_tokens(const std::string& state_dir, const std::string& runtime_dir);

/// New ones in place of those that are there. Who has an old one has nothing any more.
Result<HttpTokens> rotate_tokens(const std::string& state_dir, const std::string& runtime_dir);

}  // namespace shmeter::collector
