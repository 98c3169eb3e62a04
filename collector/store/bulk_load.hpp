// SPDX-License-Identifier: MIT
// The first load of an empty store: one transaction over many batches, in which events are only
// added, and what needs to find an event again (its second version, indexes) or to add up (sums) is
// done once at the end. Invariant: until finish() has committed, the file on disk is the empty
// store it was, whatever happens to the process.
#pragma once

#include "collector/store/batch_writer.hpp"
#include "collector/store/database.hpp"
#include "collector/store/outcome_sums.hpp"

namespace shmeter::collector {

class BulkLoad {
 public:
  /// True: the store has no events yet, so that a bulk load may be made.
  static Result<bool> possible(Connection& db);
  /// Opens the transaction. Both must outlive this. The file leaves WAL mode, if nobody reads it:
  /// with a journal, new pages are written once and not twice. Readers then wait for the end.
  static Result<BulkLoad> begin(Connection& db, BatchWriter& writer);

  Result<void> add(const StoreBatch& batch);
  /// Commits. After an error of any of these the caller rolls back.
  Result<void> finish();
  /// Back to WAL mode, when the transaction is over. When that cannot be, the next start does it.
  static void leave(Connection& db) noexcept;

 private:
  BulkLoad(Connection& db, BatchWriter& writer) : db_(&db), writer_(&writer) {}
  Result<void> bring_keys_home();
  bool first_time(const StoredEvent& event);
  void grow_seen();

  Connection* db_;
  BatchWriter* writer_;
  std::map<RollupKey, shm::Usage> rollups_;
  Spans spans_;
  StoreBatch again_;            // events that (perhaps) were added before
  std::vector<EventRow> rows_;  // of the batch that is being added
  std::vector<KeyRow> keys_;    // of events that were added
  // Half of the mixed key of each event that was added, 0 = free. Two events may share one: then
  // the later one only takes the slower way, so half is enough and takes a quarter of the memory.
  std::vector<u32> seen_;
  std::size_t added_ = 0;
  Told told_ = Told::only_failures;
};

}  // namespace shmeter::collector
