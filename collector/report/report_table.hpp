// SPDX-License-Identifier: MIT
// A report as a table for people.
#pragma once

#include <string>

#include "collector/model/calendar.hpp"
#include "collector/report/rows.hpp"
#include "collector/report/table.hpp"

namespace shmeter::collector {

/// Times on the calendar's clock. `breakdown`: a line for each model under every row.
std::string write_report(const Report& report, bool breakdown, const Calendar& calendar, i64 now_ms,
                         const Surface& surface);

}  // namespace shmeter::collector
