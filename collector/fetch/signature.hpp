// SPDX-License-Identifier: MIT
// What shows that a message is from who shares a secret with its reader. libcrypto does it, which
// libcurl brings along: like that, it is loaded when it is first needed.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"

namespace shmeter::collector {

/// HMAC-SHA256 (RFC 2104) of `text`, in 64 lower-case hex digits. Errors: not_found (no libcrypto).
Result<std::string> hmac_sha256(std::string_view key, std::string_view text);

}  // namespace shmeter::collector
