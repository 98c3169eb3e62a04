// SPDX-License-Identifier: MIT
// Bodies that a client compressed. Invariant: whatever the bytes, no more than the limit is ever
// unpacked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "collector/result.hpp"

namespace shmeter::collector {

/// All members of a gzip file, one after another, at most `most` bytes of them. Errors: invalid
/// (not gzip, damaged, cut off, something else behind it), unavailable (more than `most`).
[[nodiscard]] Result<std::string> gunzip(std::string_view bytes, std::size_t most);

}  // namespace shmeter::collector
