// SPDX-License-Identifier: MIT
// What must be true of a parsed question to the HTTP API, and of what is said when it is none.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "collector/report/api_cursor.hpp"
#include "collector/report/api_query.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace shmeter::fuzz {

inline void check_values(const collector::ApiQuery& query) {
  constexpr shm::i64 kDay_ms = 86'400'000;
  constexpr shm::i64 kYear10000_ms = 253'402'300'800'000;
  holds(query.limit >= 1 && query.limit <= 1000, "a page has 1 to 1000 events");
  for (const shm::i64 at_ms : {query.after_ms, query.before_ms})
    // Years are those of the zone that it is written in.
    holds(!shm::known(at_ms) || (at_ms >= -kDay_ms && at_ms < kYear10000_ms + kDay_ms),
          "a time is one of the calendar");
  if (!query.cursor) return;
  const auto again = collector::parse_cursor(collector::write_cursor(*query.cursor));
  holds(again && again->at_ms == query.cursor->at_ms && again->key == query.cursor->key,
        "a cursor comes out as it went in");
}

/// The error, if it is one.
inline std::optional<collector::ApiError> check_query(
    collector::ApiRoute route, std::span<const collector::ApiParameter> parameters) {
  static const collector::Calendar calendar("UTC", collector::Weekday::monday);
  const auto query = collector::parse_api_query(route, parameters, calendar);
  const auto is_named = [&](std::string_view name) {
    return std::any_of(parameters.begin(), parameters.end(),
                       [&](const auto& one) { return one.first == name; });
  };
  if (!query) {
    holds(query.error().code == collector::ApiError::Code::invalid, "nothing was looked up");
    holds(is_named(query.error().field), "who asked wrongly is told what", query.error().message);
    return query.error();
  }
  check_values(*query);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      holds(parameters[i].first != parameters[j].first, "nothing is asked twice");
  holds(is_named("account") != query->account.empty(), "an account is not passed over");
  holds(is_named("sessionId") != query->session_id.empty(), "a session is not passed over");
  holds(is_named("after") == shm::known(query->after_ms), "a time is not passed over");
  return std::nullopt;
}

}  // namespace shmeter::fuzz
