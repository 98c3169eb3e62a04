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

/// Deliveries of one alert that wait to be confirmed.
inline constexpr std::size_t kMaxPendingOfAlert = 32;

/// A webhook's request that nobody has confirmed yet. It names its alert; where that sends it to,
/// and signs it with, is the configuration's to say.
struct WebhookDelivery {
  std::string id;  // the same for all its tries
  std::string alert;
  std::string body;
  i64 created_s = kUnknown;
  bool operator==(const WebhookDelivery&) const = default;
};

struct AlertState {
  std::vector<ToldAlert> told;
  std::vector<AlertPast> past;
  std::vector<WebhookDelivery> pending;
};

/// None when there is no file. Errors: forbidden (no file of ours), corrupt.
Result<AlertState> load_alert_state(const std::string& path);
/// 0600; makes its folder. Errors: unavailable.
Result<void> save_alert_state(const std::string& path, const AlertState& state);

}  // namespace shmeter::collector
