// SPDX-License-Identifier: MIT
// A report as JSON: {"schema":1,"days":[{"date":"2026-11-21",…U,"models":[{"model":"…",…U}]}],
// "totals":U}, and weeks, months, sessions, blocks, models likewise. Names are a published
// contract: added to, never renamed.
#pragma once

#include <string>

#include "collector/report/rows.hpp"

namespace shmeter::collector {

/// One object and '\n'.
std::string write_report_json(const Report& report);

}  // namespace shmeter::collector
