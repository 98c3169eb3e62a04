// SPDX-License-Identifier: MIT
// A finished report as values: what tables and JSON are written from. Invariant: the total is the
// sum of the rows that are there, and a row the sum of its models.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "collector/report/question.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

struct ModelSum {
  std::string model;
  shm::Usage usage = shm::no_usage();
  bool operator==(const ModelSum&) const = default;
};

struct Sums {
  shm::Usage usage = shm::no_usage();
  std::vector<ModelSum> models;  // the dearest first
  bool operator==(const Sums&) const = default;
};

/// A day, a week or a month.
struct PeriodFacts {
  i64 first_day = 0;  // day.hpp
};

/// What one agent of a session did: `main`, or a kind of sub-agent.
struct AgentSum {
  std::string agent;
  shm::Usage usage = shm::no_usage();
  i64 messages = 0;    // prompts it was given
  i64 tool_calls = 0;  // tools it called
  i64 compute_ms = 0;  // wall clock of its turns; 0 = nobody said
  bool operator==(const AgentSum&) const = default;
};

struct SessionFacts {
  std::string id;
  std::string name;     // empty = none
  std::string account;  // its name
  std::string cwd;      // empty = unknown
  i64 started_at_s = kUnknown;
  i64 updated_at_s = kUnknown;
  i64 messages = kUnknown;  // these four as in `shmeter json`
  i64 tool_calls = kUnknown;
  i64 compute_ms = kUnknown;
  i64 api_ms = kUnknown;
  std::vector<AgentSum> agents;  // only where one session was asked for
};

struct BlockFacts {
  i64 start_ms = 0;
  i64 end_ms = 0;
  bool gap = false;
  bool active = false;
  i64 first_ms = kUnknown;  // its first and last request
  i64 last_ms = kUnknown;
  i64 tokens_per_min = kUnknown;  // all kinds of token
  i64 nanousd_per_hour = kUnknown;
  i64 projected_tokens = kUnknown;  // by its end, going on like this; of the active one only
  i64 projected_nanousd = kUnknown;
};

struct ReportRow {
  std::variant<std::monostate, PeriodFacts, SessionFacts, BlockFacts> about;
  Sums sums;
};

struct Report {
  ReportVerb verb = ReportVerb::daily;
  std::vector<ReportRow> rows;  // of `models`: none, the total has them
  Sums totals;
};

}  // namespace shmeter::collector
