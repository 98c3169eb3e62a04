// SPDX-License-Identifier: MIT
// The answers of the HTTP API that are made from the store: a query in, one JSON text out. Nothing
// here knows sockets, and nothing asks the clock. Invariant: all of one answer is of one commit; no
// data is zeros, nulls and empty lists, never an error.
#pragma once

#include <string>
#include <vector>

#include "collector/config/config.hpp"
#include "collector/report/api_query.hpp"

namespace shmeter::collector {

/// What the live model knows of an account, and the store does not.
struct ApiLiveAccount {
  std::string name;
  std::string windows = "[]";    // its limit windows, as a JSON list
  i64 block_began_s = kUnknown;  // its active five-hour block, unknown = none
};

struct ApiContext {
  const Config& config;
  const Calendar& calendar;  // of the thread that asks: a zone remembers what it found
  i64 now_ms = 0;
  std::string windows = "[]";  // those that stand for all accounts, as a JSON list
  std::vector<ApiLiveAccount> accounts = {};
};

// Errors: not_found, naming sessionId or account; unavailable, without a field.

/// GET /api/usage: the running [usage] period.
ApiResult<std::string> answer_usage(StoreReader& store, const ApiQuery& query,
                                    const ApiContext& context);
/// GET /api/usage with a filter: a page of events, newest first.
ApiResult<std::string> answer_events(StoreReader& store, const ApiQuery& query,
                                     const ApiContext& context);
/// GET /api/usage/stats
ApiResult<std::string> answer_stats(StoreReader& store, const ApiQuery& query,
                                    const ApiContext& context);
/// GET /api/usage/history
ApiResult<std::string> answer_history(StoreReader& store, const ApiQuery& query,
                                      const ApiContext& context);
/// GET /api/usage/summary
ApiResult<std::string> answer_summary(StoreReader& store, const ApiQuery& query,
                                      const ApiContext& context);
/// GET /api/usage/timeline
ApiResult<std::string> answer_timeline(StoreReader& store, const ApiQuery& query,
                                       const ApiContext& context);

/// The one of them that `route` names.
ApiResult<std::string> answer(ApiRoute route, StoreReader& store, const ApiQuery& query,
                              const ApiContext& context);

}  // namespace shmeter::collector
