// SPDX-License-Identifier: MIT
// What a report was asked for. One table holds the options of all reports: it drives reading, help
// and messages. Invariant: what is not known, or not for this report, is refused with what was
// expected; nothing is skipped.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/config/config.hpp"
#include "collector/result.hpp"

namespace shmeter::collector {

enum class ReportVerb { daily, weekly, monthly, session, blocks, models, export_events };
std::string_view verb_name(ReportVerb verb);

enum class Order { ascending, descending };
enum class ExportFormat { csv, jsonl };

struct Question {
  ReportVerb verb = ReportVerb::daily;
  bool help = false;
  bool json = false;
  std::optional<i64> since;  // local days (day.hpp), both inclusive
  std::optional<i64> until;
  std::string timezone;  // empty = the configuration's
  std::string account;   // empty = all
  std::string project;   // empty = all; a whole path or its last part
  std::optional<i64> limit;
  bool breakdown = false;
  std::optional<Order> order;
  std::optional<Weekday> start_of_week;
  bool active = false;        // blocks
  std::optional<i64> recent;  // blocks: days
  std::string session;        // session: an id or its beginning
  std::optional<ExportFormat> format;
  bool redact = false;
  std::string config;
  std::vector<std::string> config_dirs;
  std::string runtime_dir;
};

/// Reads `--name value`, `--name=value` and switches. Errors: invalid, one line that names the
/// option and what it takes.
Result<Question> parse_question(ReportVerb verb, std::span<char* const> arguments);

/// The options of this report, for people.
std::string question_help(ReportVerb verb);

}  // namespace shmeter::collector
