// SPDX-License-Identifier: MIT
// The few steps around a unix stream socket that server and client share.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "collector/loop/fd.hpp"
#include "collector/result.hpp"

namespace shmeter::collector {

/// In the runtime directory.
inline constexpr const char* kControlSocketName = "control.sock";

/// Binds `path` (0600, non-blocking) in place of what a dead collector left there, and listens:
/// call it under the lock. Errors: invalid (path too long for a socket), unavailable.
Result<Fd> listen_unix(const std::string& path);

/// Errors: invalid (path too long), not_found (nobody listens there), forbidden, unavailable.
Result<Fd> connect_unix(const std::string& path);

/// Who is at the other end, by the kernel; empty when it does not say.
std::optional<uid_t> peer_uid(int fd);

/// The same user, or root.
constexpr bool peer_allowed(uid_t peer, uid_t we) { return peer == we || peer == 0; }

}  // namespace shmeter::collector
