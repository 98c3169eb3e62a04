// SPDX-License-Identifier: MIT
// From a store to a finished report or export: the one place of this folder that reads. Invariant:
// all of one answer is of one commit.
#pragma once

#include <functional>
#include <string_view>

#include "collector/model/calendar.hpp"
#include "collector/report/rows.hpp"
#include "collector/store/reader.hpp"

namespace shmeter::collector {

/// Every verb but export. `calendar` in the zone and with the first weekday that were asked for.
/// Errors: invalid, when account or session are not known; those of the reader.
Result<Report> make_report(const Question& question, BlockMode mode, const Calendar& calendar,
                           StoreReader& store, i64 now_ms);

/// Takes a piece of text; false: no more is wanted.
using TextSink = std::function<bool(std::string_view)>;
/// Errors as above. An end that the sink wanted is none.
Result<void> write_export(const Question& question, const Calendar& calendar, StoreReader& store,
                          const TextSink& sink);

}  // namespace shmeter::collector
