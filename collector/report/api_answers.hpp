// SPDX-License-Identifier: MIT
// The answers of the HTTP API: a query and a store in, one JSON text out. Nothing here knows
// sockets, and nothing asks the clock. Invariant: all of one answer is of one commit; no data is
// zeros, nulls and empty lists, never an error.
#pragma once

#include <span>
#include <string>

#include "collector/config/config.hpp"
#include "collector/report/api_query.hpp"

namespace shmeter::collector {

struct ApiContext {
  const Config& config;
  const Calendar& calendar;  // of the thread that asks: a zone remembers what it found
  i64 now_ms = 0;
};

// Errors: not_found, naming sessionId or account; unavailable, without a field.

/// GET /api/usage: the running [usage] period. Not from the store: `accounts` are the picture's,
/// and a script may ask again and again.
ApiResult<std::string> answer_usage(std::span<const shm::Account> accounts, const ApiQuery& query,
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

/// The one of them that `route` names, but for usage.
ApiResult<std::string> answer(ApiRoute route, StoreReader& store, const ApiQuery& query,
                              const ApiContext& context);

}  // namespace shmeter::collector
