// SPDX-License-Identifier: MIT
// Sums of how requests went. What leaves the table `event`, or changes in it, is taken back by
// triggers, whatever statement does it; what comes is added by who inserts it, as a trigger would
// cost every event 0.7 us and most of them tell nothing. Invariant: at each commit the tables hold
// what select_outcomes() gives of all events; rows in which nothing is left are gone.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collector/ledger/journal.hpp"
#include "collector/store/rows.hpp"
#include "collector/store/sqlite.hpp"

namespace shmeter::collector {

/// The tables, and how wide one row of each is:
///   outcome(quarter, sums)                         by quarter hour: what a timeline shows
///   caller(hour, session, endpoint, payer, sums)   who asked for what
///   latency(hour, bucket, requests, latency_ms)    how long it took, for percentiles
///   day_caller, day_latency                        the same by day, so that a month is a few rows
/// Times are whole quarter hours, hours or days since the epoch (UTC).
struct OutcomeTable {
  const char* name;
  const char* unit;  // its first column
  i64 unit_ms;
};
inline constexpr OutcomeTable kOutcomeTables[] = {{"outcome", "quarter", 900'000}};
inline constexpr OutcomeTable kCallerTables[] = {{"day_caller", "day", 86'400'000},
                                                 {"caller", "hour", 3'600'000}};
inline constexpr OutcomeTable kLatencyTables[] = {{"day_latency", "day", 86'400'000},
                                                  {"latency", "hour", 3'600'000}};

/// The sums, in their order in both tables: requests (that were booked), tokens (of these),
/// failures (events of that kind: nobody booked them), failed_requests (booked, and failed all the
/// same), timed (of all of them), latency_ms (sum of the timed).
inline constexpr const char* kOutcomeColumns =
    "requests,tokens,failures,failed_requests,timed,latency_ms";

/// Latencies are told apart to 1/32 of their value: buckets of 1 ms up to 64 ms, of 2 ms up to
/// 128 ms, and so on, numbered by size and without a gap. A bucket keeps the sum of what is in it,
/// so that its mean stands for it: right for a single latency, at most 1/32 (3.2 %) beside it for
/// any.
inline constexpr i64 kMostLatencyBuckets = 36 * 32 + 32;

/// Tables and triggers, of the events that are there.
Result<void> make_outcome_sums(Connection& db);

/// What of the events is in the sums that fill_outcome_sums() makes.
enum class Told { all, only_failures };
/// Of empty tables. `only_failures`, when no request has details of its call: those few are found
/// by their index, and the table is not read.
Result<void> fill_outcome_sums(Connection& db, Told told);

/// Without them whoever changes events makes the sums anew.
Result<void> make_outcome_triggers(Connection& db);
Result<void> drop_outcome_triggers(Connection& db);

/// Adds events that were inserted: in memory, and once for all of a batch to the tables.
class OutcomeAdder {
 public:
  /// Must stay where it is.
  explicit OutcomeAdder(Connection& db) : db_(&db) {}
  /// A counted event that tells an outcome, as it stands under `id`.
  void add(const StoredEvent& event, i64 id);
  /// Into the tables, inside the transaction of the events; before one of them changes again.
  Result<void> settle();
  /// They were rolled back.
  void forget();

 private:
  struct Caller {
    i64 hour = 0;
    u32 session = 0;
    std::string endpoint;
    std::string payer;
    auto operator<=>(const Caller&) const = default;
  };
  Result<void> prepare();
  Result<void> write_callers(Statement& to, const std::map<Caller, OutcomeSum>& sums);
  Result<void> write_latencies(Statement& to,
                               const std::map<std::pair<i64, i64>, LatencySum>& sums);

  Connection* db_;
  std::map<i64, OutcomeSum> quarters_;
  std::map<Caller, OutcomeSum> callers_;
  std::map<std::pair<i64, i64>, LatencySum> latencies_;  // by hour and bucket
  std::vector<Statement> statements_;                    // once they are needed
};

/// What that table would say of the events that `where` lets pass: for spans that begin or end
/// within a row, and for tests. The same columns in the same order.
std::string select_outcomes(const OutcomeTable& table, const std::string& where);

}  // namespace shmeter::collector
