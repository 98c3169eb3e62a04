// SPDX-License-Identifier: MIT
// Which alerts have told, on disk, so that a restart does not tell again. Invariant: the file is
// replaced whole or not at all, and one that is not exactly what save_told writes counts as absent.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "collector/model/alerts.hpp"
#include "collector/result.hpp"

namespace shmeter::collector {

inline constexpr const char* kAlertStateName = "alerts.json";

/// None when there is no file. Errors: forbidden (no file of ours), corrupt.
Result<std::vector<ToldAlert>> load_told(const std::string& path);
/// 0600; makes its folder. Errors: unavailable.
Result<void> save_told(const std::string& path, std::span<const ToldAlert> told);

}  // namespace shmeter::collector
