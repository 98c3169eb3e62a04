// SPDX-License-Identifier: MIT
// The store as reports, exports and the HTTP API read it: a connection of its own that never
// writes. Invariant: everything read between begin() and end() is of one commit. Not for two
// threads at once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/result.hpp"
#include "collector/store/rows.hpp"

namespace shmeter::collector {

/// Which events. Everything unset lets all pass.
struct EventFilter {
  enum class Pick {
    all,
    usage,     // what is counted as use: all but failures
    requests,  // what was asked: all that was counted, and failures
    failures,  // the latter, and requests that failed all the same
  };
  Pick pick = Pick::all;
  /// False: without request_id and name, and of the call only whether it failed; half the work.
  bool texts = true;
  i64 from_ms = kUnknown;   // inclusive
  i64 until_ms = kUnknown;  // exclusive
  std::optional<EventKind> kind;
  std::optional<u32> session;
  std::optional<u32> account;
  std::optional<u32> agent;
  bool newest_first = false;
  i64 limit = kUnknown;
  /// Continue behind this event, in the order asked for.
  struct Position {
    i64 at_ms = 0;
    EventKey key;
  };
  std::optional<Position> behind;
};

/// Who asked for what. Texts live during the call; empty = not said.
struct CallerSum {
  i64 at_ms = 0;  // when its hour, or day, began
  u32 session = 0;
  std::string_view endpoint;
  std::string_view payer;
  OutcomeSum sum;
};

class StoreReader {
 public:
  /// Errors: not_found, forbidden, corrupt, invalid (made by another version).
  static Result<std::unique_ptr<StoreReader>> open(const std::string& path);
  ~StoreReader();
  StoreReader(const StoreReader&) = delete;
  StoreReader& operator=(const StoreReader&) = delete;

  Result<void> begin();
  void end();

  struct Names {
    std::vector<std::string> sessions, models, agents;
  };
  Result<Names> names();
  Result<std::vector<AccountRow>> accounts();
  Result<std::vector<SessionRow>> sessions();
  /// The same rows with nothing in them but number and account: what names an event needs.
  Result<std::vector<SessionRow>> session_accounts();
  /// Roll-ups of quarter hours in [from, until), in order; kUnknown = no bound.
  Result<void> rollups(i64 from_quarter, i64 until_quarter,
                       const std::function<void(const RollupKey&, const shm::Usage&)>& take);
  /// The same of whole days (UTC; epoch s / 86400), and of quarter hours over all sessions and
  /// models.
  Result<void> day_rollups(
      i64 from_day, i64 until_day,
      const std::function<void(i64 day, u32 session, u32 model, const shm::Usage&)>& take);
  Result<void> quarter_totals(i64 from_quarter, i64 until_quarter,
                              const std::function<void(i64 quarter, const shm::Usage&)>& take);

  /// Outcomes of [from, until) in epoch ms by quarter hour, each with its beginning; kUnknown = no
  /// bound. Exact for every span, as all three: of a row that it cuts, smaller ones are read, and
  /// then the events.
  Result<void> outcomes(i64 from_ms, i64 until_ms,
                        const std::function<void(i64 at_ms, const OutcomeSum&)>& take);
  /// The same by session, endpoint and payer, of whole days where the span has such, or of hours.
  enum class Grain { days, hours };
  Result<void> callers(i64 from_ms, i64 until_ms, Grain grain,
                       const std::function<void(const CallerSum&)>& take);
  /// Latencies of that span, of each day or hour for itself.
  Result<void> latencies(i64 from_ms, i64 until_ms,
                         const std::function<void(const LatencySum&)>& take);
  /// Counted events (all kinds) by time. Texts live during the call. `take` answers false to stop.
  Result<void> events(const EventFilter& filter,
                      const std::function<bool(const StoredEvent&)>& take);

 private:
  friend class Store;
  class Impl;
  explicit StoreReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace shmeter::collector
