// SPDX-License-Identifier: MIT
// Where the event of each key and chain stands. Keys are hashes: each goes to a page of `event_key`
// of its own, and a commit of a thousand would write a thousand pages. Many at once are therefore
// put into `new_key` first, one behind the other, and brought home together, in the order of keys,
// when there are very many or nothing else is to be done. Invariant: in every commit each key and
// chain of `event` is in exactly one of the two tables, once.
#pragma once

#include <span>

#include "collector/ledger/journal.hpp"
#include "collector/store/new_keys.hpp"
#include "collector/store/row_table.hpp"

namespace shmeter::collector {

/// A key and chain, and where its event is.
struct KeyRow {
  u64 message = 0;
  u64 request = 0;
  u64 id_and_chain = 0;  // id * 2 + side_chain

  static constexpr const char* kTable = "key_rows";
  static constexpr const char* kColumns = "message,request,side_chain,id";
  void say(int column, RowValue& value) const;
};

/// For the one who writes, inside the caller's transactions.
class KeyIndex {
 public:
  enum class To { home, new_keys };

  /// Both must stay where they are.
  static Result<KeyIndex> make(Connection& db, NewKeys& new_keys);

  /// The id of the event with the same key and chain; kUnknown = there is none.
  Result<i64> find(const StoredEvent& event);
  /// Of one that is not there: by find(), or because the caller knows.
  Result<void> add(const StoredEvent& event, i64 id, To to);
  /// Of the one that was found last: it stands elsewhere now.
  Result<void> moved(const StoredEvent& event, i64 id);
  /// Brings home what is in `new_key`. When that is committed, NewKeys are to be cleared.
  static Result<void> bring_home(Connection& db);
  /// Very many, none of which is there yet: home, and sorted for that.
  static Result<void> add_home(Connection& db, std::span<KeyRow> rows);
  /// The keys of all events, of which `event_key` has none yet.
  static Result<void> make_anew(Connection& db);

 private:
  KeyIndex(Connection& db, NewKeys& new_keys) : db_(&db), new_keys_(&new_keys) {}

  Connection* db_;
  NewKeys* new_keys_;
  i64 found_row_ = kUnknown;  // in `new_key`
  std::vector<NewKeys::Row> maybe_;
  Statement find_, find_new_, add_, add_new_, move_, move_new_;
};

}  // namespace shmeter::collector
