// SPDX-License-Identifier: MIT
// Which alerts have told, on disk, so that a restart does not tell again. Invariant: the file is
// replaced whole or not at all, and one that is not what save_alert_state writes, or wrote when it
// knew less, counts as absent.
#pragma once

#include <string>
#include <vector>

#include "collector/model/alerts.hpp"
#include "collector/result.hpp"

namespace shmeter::collector {

inline constexpr const char* kAlertStateName = "alerts.json";

struct AlertState {
  std::vector<ToldAlert> told;
  std::vector<AlertPast> past;
};

/// None when there is no file. Errors: forbidden (no file of ours), corrupt.
Result<AlertState> load_alert_state(const std::string& path);
/// 0600; makes its folder. Errors: unavailable.
Result<void> save_alert_state(const std::string& path, const AlertState& state);

}  // namespace shmeter::collector
