// SPDX-License-Identifier: MIT
#include "collector/store/key_index.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace shmeter::collector {
namespace {

void bind_key(Statement& to, int first, const StoredEvent& event) {
  to.bind_word(first, event.key.message);
  to.bind_word(first + 1, event.key.request);
  to.bind(first + 2, event.side_chain ? 1 : 0);
}

/// Where SQLite would make one. With files it sorts in pieces that fit the processor's cache, which
/// takes less than half the time of one sort in memory, and less memory.
bool can_make_temporary_files() {
  for (const char* dir : {static_cast<const char*>(std::getenv("SQLITE_TMPDIR")),
                          static_cast<const char*>(std::getenv("TMPDIR")), "/var/tmp", "/tmp"})
    if (dir != nullptr && ::access(dir, W_OK | X_OK) == 0) return true;
  return false;
}

/// In the order of keys, in which each page is written once.
Result<void> fill(Connection& db, const std::string& from) {
  SHMETER_TRY(
      db.run(can_make_temporary_files() ? "PRAGMA temp_store=FILE" : "PRAGMA temp_store=MEMORY"));
  return db.run(
      "INSERT INTO event_key(message,request,side_chain,id)"
      "SELECT message,request,side_chain,id FROM " +
      from + " ORDER BY message,request,side_chain");
}

}  // namespace

Result<KeyIndex> KeyIndex::make(Connection& db, NewKeys& new_keys) {
  KeyIndex made(db, new_keys);
  const std::pair<Statement*, const char*> statements[] = {
      {&made.find_, "SELECT id FROM event_key WHERE message=? AND request=? AND side_chain=?"},
      {&made.find_new_,
       "SELECT id FROM new_key WHERE row=? AND message=? AND request=? AND side_chain=?"},
      {&made.add_, "INSERT INTO event_key(message,request,side_chain,id)VALUES(?,?,?,?)"},
      {&made.add_new_, "INSERT INTO new_key(message,request,side_chain,id,row)VALUES(?,?,?,?,?)"},
      {&made.move_, "UPDATE event_key SET id=?4 WHERE message=?1 AND request=?2 AND side_chain=?3"},
      {&made.move_new_, "UPDATE new_key SET id=?1 WHERE row=?2"}};
  for (const auto& [to, sql] : statements) {
    auto statement = db.prepare(sql);
    SHMETER_TRY(statement);
    *to = std::move(*statement);
  }
  return made;
}

Result<i64> KeyIndex::find(const StoredEvent& event) {
  i64 id = kUnknown;
  const auto ask = [&](Statement& statement) -> Result<void> {
    const int code = statement.step();
    if (code == SQLITE_ROW) id = statement.number(0);
    statement.reset();
    return db_->check(code, "find an event");
  };
  maybe_.clear();
  SHMETER_TRY(new_keys_->find({&event.key.message, 1}, maybe_));
  for (const NewKeys::Row& maybe : maybe_) {
    find_new_.bind(1, maybe.row);
    bind_key(find_new_, 2, event);
    SHMETER_TRY(ask(find_new_));
    if (!shm::known(id)) continue;
    found_row_ = maybe.row;
    return id;
  }
  found_row_ = kUnknown;
  bind_key(find_, 1, event);
  SHMETER_TRY(ask(find_));
  return id;
}

Result<void> KeyIndex::add(const StoredEvent& event, i64 id, To to) {
  Statement& statement = to == To::home ? add_ : add_new_;
  bind_key(statement, 1, event);
  statement.bind(4, id);
  if (to == To::new_keys) statement.bind(5, new_keys_->add(event.key.message));
  return db_->check(statement.run(), "write an event's key");
}

Result<void> KeyIndex::moved(const StoredEvent& event, i64 id) {
  if (shm::known(found_row_)) {
    move_new_.bind(1, id);
    move_new_.bind(2, found_row_);
    return db_->check(move_new_.run(), "write an event's key");
  }
  bind_key(move_, 1, event);
  move_.bind(4, id);
  return db_->check(move_.run(), "write an event's key");
}

Result<void> KeyIndex::bring_home(Connection& db) {
  SHMETER_TRY(fill(db, "new_key"));
  return db.run("DELETE FROM new_key");
}

void KeyRow::say(int column, RowValue& value) const {
  switch (column) {
    case 0:
      return value.number(static_cast<i64>(message));
    case 1:
      return value.number(static_cast<i64>(request));
    case 2:
      return value.number(static_cast<i64>(id_and_chain & 1));
    default:
      return value.number(static_cast<i64>(id_and_chain >> 1));
  }
}

Result<void> KeyIndex::add_home(Connection& db, std::span<KeyRow> rows) {
  const auto order = [](const KeyRow& row) {
    return std::tuple(static_cast<i64>(row.message), static_cast<i64>(row.request),
                      row.id_and_chain & 1);
  };
  std::sort(rows.begin(), rows.end(),
            [&](const KeyRow& a, const KeyRow& b) { return order(a) < order(b); });
  auto insert = db.prepare(
      "INSERT INTO event_key(message,request,side_chain,id)"
      "SELECT message,request,side_chain,id FROM key_rows(?)");
  SHMETER_TRY(insert);
  Rows<KeyRow> run{rows};
  RowTable<KeyRow>::bind(*insert, 1, run);
  return db.check(insert->run(), "write the events' keys");
}

Result<void> KeyIndex::make_anew(Connection& db) { return fill(db, "event"); }

}  // namespace shmeter::collector
