// SPDX-License-Identifier: MIT
// What somebody asked the HTTP API for, as values. One table says which route takes which
// parameter. Invariant: a parameter that is not known, not for this route, there twice or not what
// it must be is an error that names it; nothing is skipped.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "collector/model/calendar.hpp"
#include "collector/store/reader.hpp"

namespace shmeter::collector {

struct ApiError {
  enum class Code {
    invalid,      // 400
    not_found,    // 404: no such session or account
    unavailable,  // 503: the store cannot be read now
  };
  Code code = Code::invalid;
  std::string message;  // one line for people
  std::string field;    // the parameter; empty = none
};

template <class T>
using ApiResult = tl::expected<T, ApiError>;

/// The answers that are made from the store. `events` is GET /api/usage with a filter.
enum class ApiRoute { usage, events, stats, history, summary, timeline };

/// What periods are counted in. Of summary and timeline: the last 24 hours, 7 days, 30 days.
enum class ApiSpan { day, week, month };
enum class ApiBuckets { hour, day };

struct ApiQuery {
  std::string account;     // empty = all
  std::string session_id;  // empty = all
  std::string agent_name;  // empty = all
  std::optional<EventKind> event_type;
  i64 after_ms = kUnknown;   // inclusive
  i64 before_ms = kUnknown;  // exclusive
  i64 limit = 100;
  std::optional<EventFilter::Position> cursor;
  ApiSpan granularity = ApiSpan::day;
  std::optional<ApiSpan> period;
  ApiBuckets group_by = ApiBuckets::day;
};

/// Name and value, decoded.
using ApiParameter = std::pair<std::string_view, std::string_view>;

/// GET /api/usage answers with events as soon as something but the account is asked for.
ApiRoute usage_route(std::span<const ApiParameter> parameters);

/// A date alone is midnight on `calendar`.
ApiResult<ApiQuery> parse_api_query(ApiRoute route, std::span<const ApiParameter> parameters,
                                    const Calendar& calendar);

}  // namespace shmeter::collector
