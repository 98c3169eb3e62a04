// SPDX-License-Identifier: MIT
// What is known of one session beside its published record, as plain numbers, so that the store can
// keep it column by column. Invariant: record, counted and marks together are all there is; nothing
// else of a session must be saved.
#pragma once

#include <string>

#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::i64;

/// X(type, name, meaning); every type is i64. Appended, never renamed: names are columns of the
/// store.
#define SHMETER_SESSION_MARKS(X)                                                        \
  X(i64, account, "number of its account, unknown = none")                              \
  X(i64, has_requests, "1: a request of it was seen, counted or not")                   \
  X(i64, owned_by_others, "responses it has lines about that another session owns")     \
  X(i64, account_said, "1: the account is known from a status line, not by its folder") \
  X(i64, response_ms, "its newest response")                                            \
  X(i64, status_line_ms, "its newest status line")                                      \
  X(i64, status_cost_nanousd, "cost by that status line")                               \
  X(i64, status_api_ms, "API time by that status line")                                 \
  X(i64, client_cost_nanousd, "cost by the client's greatest aggregate")                \
  X(i64, client_tokens, "tokens of all models by that aggregate")                       \
  X(i64, client_exceeds, "1: it has more tokens of some model than were counted")       \
  X(i64, cwd_ms, "when the newest line said the cwd")                                   \
  X(i64, branch_ms, "and the branch")                                                   \
  X(i64, version_ms, "and the version")                                                 \
  X(i64, model_ms, "and the model")                                                     \
  X(i64, context_ms, "and the context")                                                 \
  X(i64, status_ms, "when somebody last said what it is doing")                         \
  X(i64, pid, "its process, unknown = not known to live")                               \
  X(i64, messages_transcript, "prompts by transcript lines and posted events")          \
  X(i64, messages_cli, "prompts by CLI results")                                        \
  X(i64, messages_telemetry, "prompts by telemetry, which also tells of notifications") \
  X(i64, tool_calls_counted, "tool calls, all sources")                                 \
  X(i64, turn_ms, "sum of turn durations, by transcript lines and posted events")       \
  X(i64, cli_ms, "sum of durations by CLI results")                                     \
  X(i64, derived_ms, "sum from prompts to their last answers")                          \
  X(i64, reported_ms, "when the newest SET_USAGE came; unknown = none")                 \
  X(i64, reported_input_tokens, "what it said")                                         \
  X(i64, reported_output_tokens, "")                                                    \
  X(i64, reported_cache_creation_tokens, "")                                            \
  X(i64, reported_cache_read_tokens, "")                                                \
  X(i64, reported_cost_nanousd, "")                                                     \
  X(i64, reported_messages, "")                                                         \
  X(i64, reported_tool_calls, "")                                                       \
  X(i64, reported_compute_ms, "")                                                       \
  X(i64, reported_model, "number of the model it is booked under, unknown = none yet")  \
  X(i64, reported_booked, "1: it stands in the books, as the session has no requests")  \
  X(i64, request_ms, "date of its newest request, counted or not")

/// Times in epoch ms; 0 in `has_requests`, `owned_by_others`, flags and sums means none.
struct SessionMarks {
#define SHMETER_MARK(type, name, meaning) type name = shm::kUnknown;
  SHMETER_SESSION_MARKS(SHMETER_MARK)
#undef SHMETER_MARK
  bool operator==(const SessionMarks&) const = default;
};

/// A session as it is stored.
struct SessionRow {
  shm::u32 number = 0;  // the ledger's
  shm::Session record;
  shm::Usage counted = shm::no_usage();
  SessionMarks marks;
  /// Tokens counted and said by the client's aggregate, model by model. A text the model makes and
  /// reads: the store keeps it as it is, in one column.
  std::string models;
};

}  // namespace shmeter::collector
