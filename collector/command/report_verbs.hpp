// SPDX-License-Identifier: MIT
// `shmeter daily weekly monthly session blocks models export`: words in, a report on stdout. Errors
// are one line on stderr.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "collector/command/environment.hpp"
#include "collector/command/flags.hpp"
#include "collector/report/question.hpp"
#include "collector/store/reader.hpp"

namespace shmeter::collector {

/// Gives a reader of everything that is known now; what it needs to live comes with it. `progress`
/// may be told how many of how many transcripts are read, as often as one likes.
using OpenHistory = std::function<Result<std::shared_ptr<StoreReader>>(
    const Flags& flags, const Environment& environment,
    std::function<void(i64 files, i64 of)> progress)>;

/// `arguments` are the words behind the verb. Returns the exit code: 0 also when there was nothing
/// to report, or when nobody read to the end; 64 wrong words, an unknown account, session or zone;
/// 69 the history cannot be read, or stdout not be written; 78 broken configuration.
int run_report(ReportVerb verb, std::span<char* const> arguments, const Environment& environment,
               const OpenHistory& open_history);

}  // namespace shmeter::collector
