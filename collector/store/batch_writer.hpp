// SPDX-License-Identifier: MIT
// One batch into the tables, inside a transaction that the caller has opened. Invariant: what a
// batch says absolutely (names, sessions, files, events) is the same after a second time; its sums
// (roll-ups, totals) are added, and so a batch must be written in exactly one transaction that is
// committed.
#pragma once

#include <initializer_list>
#include <limits>
#include <map>
#include <unordered_map>

#include "collector/store/event_rows.hpp"
#include "collector/store/rows.hpp"

namespace shmeter::collector {

/// First and last id of each session's events; of one whose time has changed, of both times.
struct Span {
  i64 first = std::numeric_limits<i64>::max();
  i64 last = 0;
};
using Spans = std::unordered_map<u32, Span>;
void widen(Spans& spans, const StoredEvent& event);

class BatchWriter {
 public:
  /// Both must stay where they are.
  static Result<BatchWriter> make(Connection& db, NewKeys& new_keys);

  /// All of it.
  Result<void> write(const StoreBatch& batch);

  // The same in parts, for a first load.
  Result<void> write_states(const StoreBatch& batch);  // all but events and sums
  Result<void> add_rollups(const std::map<RollupKey, shm::Usage>& rollups);
  Result<void> widen_spans(const Spans& spans);
  EventWriter& events() { return events_; }

 private:
  BatchWriter(Connection& db, NewKeys& new_keys, EventWriter events)
      : db_(&db), new_keys_(&new_keys), events_(std::move(events)) {}
  Result<void> add_sum(Statement& to, std::initializer_list<i64> key, const shm::Usage& usage);
  Result<void> write_names(const StoreBatch& batch);
  Result<void> write_accounts(const StoreBatch& batch);
  Result<void> write_sessions(const StoreBatch& batch);
  Result<void> write_quota(const StoreBatch& batch);
  Result<void> write_files(const StoreBatch& batch);

  Connection* db_;
  NewKeys* new_keys_;
  EventWriter events_;
  Statement name_, account_, session_, quota_, history_, file_, forget_, rollup_, day_rollup_,
      quarter_total_, total_, span_;
};

/// Teaches the connection the tables of rows in memory, and ring_add(a, b): the sum that wraps
/// around as the ledger's does, where SQL's own would turn into a rounded number.
Result<void> add_functions(Connection& db);

/// "requests=ring_add(requests,excluded.requests),…" for an upsert.
std::string ring_sums();

}  // namespace shmeter::collector
