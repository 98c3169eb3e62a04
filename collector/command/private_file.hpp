// SPDX-License-Identifier: MIT
// Small files of ours that nobody else may read. Invariant: at its path stands the old text or the
// new one, whole, and at no moment could anybody else have read either.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"

namespace shmeter::collector {

/// Writes `text` in place of what is at `path` (0600), and makes the folder (0700) where there is
/// none. Errors: not_found, forbidden, unavailable.
Result<void> write_private(const std::string& path, std::string_view text);

}  // namespace shmeter::collector
