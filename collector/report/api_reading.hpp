// SPDX-License-Identifier: MIT
// What all answers of the API do with a store: open one commit, learn the names, find what the
// query is about, and sum what was booked in a span of time. Invariant: amounts() takes every
// booking of the span exactly once, from the quarter-hour sums wherever these lie within it.
#pragma once

#include <functional>
#include <vector>

#include "collector/report/api_answers.hpp"
#include "collector/report/catalogue.hpp"
#include "collector/report/reading.hpp"

namespace shmeter::collector {

/// [from, until) in epoch ms; kUnknown = no bound.
struct ApiTimes {
  i64 from_ms = kUnknown;
  i64 until_ms = kUnknown;
};

/// Which events a query is about.
struct ApiScope {
  std::vector<bool> sessions;  // by number
  EventFilter filter;          // everything but the account
  bool nobody = false;         // an agent that never was: no event at all

  bool has(u32 session) const { return session < sessions.size() && sessions[session]; }
};

class ApiReading {
 public:
  /// Errors: unavailable.
  static ApiResult<ApiReading> of(StoreReader& store);

  const Catalogue& catalogue() const { return catalogue_; }
  /// Errors: not_found, naming sessionId or account. An account may also be known to the
  /// configuration only.
  ApiResult<ApiScope> scope(const ApiQuery& query, const Config& config) const;

  /// A moment of the quarter hour or of the request; by time. What has no event (SET_USAGE, dropped
  /// by the retention) is missing from quarter hours that the span cuts.
  using TakeAmount = std::function<void(i64 at_s, const RollupKey&, const shm::Usage&)>;
  ApiResult<void> amounts(const ApiTimes& times, const TakeAmount& take) const;
  /// The same from sums of whole days (UTC) where the span has such; not by time. A day's moment is
  /// its beginning.
  ApiResult<void> amounts_by_day(const ApiTimes& times, const TakeAmount& take) const;
  /// Over all sessions and models, by quarter hour.
  ApiResult<void> totals(const ApiTimes& times,
                         const std::function<void(i64 at_s, const shm::Usage&)>& take) const;
  /// As the store's: how requests went; who asked for what; how long it took.
  ApiResult<void> outcomes(const ApiTimes& times,
                           const std::function<void(i64 at_s, const OutcomeSum&)>& take) const;
  ApiResult<void> callers(const ApiTimes& times, StoreReader::Grain grain,
                          const std::function<void(const CallerSum&)>& take) const;
  ApiResult<void> latencies(const ApiTimes& times,
                            const std::function<void(const LatencySum&)>& take) const;
  ApiResult<void> events(const EventFilter& filter,
                         const std::function<bool(const StoredEvent&)>& take) const;

 private:
  ApiReading(StoreReader& store, Reading reading, Catalogue catalogue)
      : store_(&store), reading_(std::move(reading)), catalogue_(std::move(catalogue)) {}
  /// Calls whole(first, last) for the units in the span, and rest(times) for what it cuts.
  template <class Whole, class Rest>
  ApiResult<void> by_unit(const ApiTimes& times, i64 unit_ms, Whole&& whole, Rest&& rest) const;
  ApiResult<void> sums(i64 from_quarter, i64 until_quarter, const TakeAmount& take) const;
  ApiResult<void> requests(const ApiTimes& times, const TakeAmount& take) const;

  StoreReader* store_;
  Reading reading_;
  Catalogue catalogue_;
};

/// By the amount: the dearest first, then the largest, then by `name`.
bool is_dearer(const shm::Usage& a, std::string_view name_a, const shm::Usage& b,
               std::string_view name_b);

}  // namespace shmeter::collector
