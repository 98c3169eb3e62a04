// SPDX-License-Identifier: MIT
// `alert list`: every configured alert and how it stands, for programs and for people. Invariant:
// asked of a collector or put together from what it left, the answer has the same form.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "collector/command/alert_state.hpp"
#include "collector/command/environment.hpp"
#include "collector/command/flags.hpp"
#include "collector/model/alerts.hpp"
#include "collector/report/surface.hpp"

namespace shmeter::collector {

/// One line: `{"schema":1,"generated_at":…,"live":…,"alerts":[…]}`. State: `fired` while a crossing
/// that was told stands, `quiet` while the condition holds in the alert's quiet hours, else
/// `armed`.
/// `pending` are the webhook deliveries of all of them.
std::string alert_list_json(std::span<const AlertStanding> alerts,
                            std::span<const WebhookDelivery> pending, i64 now_s, bool live);
/// The same as a table: a line for each account or session an alert looks at.
std::string write_alert_table(std::string_view json, const Surface& surface);

/// Without a collector: from the configuration, the region it left and its state file. What is in
/// none of them is unknown. Errors: those of the configuration.
Result<std::string> alerts_without_daemon(const Flags& flags, const Environment& environment,
                                          i64 now_s);

}  // namespace shmeter::collector
