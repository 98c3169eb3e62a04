// SPDX-License-Identifier: MIT
// Rows in memory as a table that SQL can select from, `NAME(?)` with RowTable::bind(): one
// statement that inserts many rows takes two thirds of the time of one for each. Invariant: rows
// come in their order, each read once; nobody keeps anything of them when the statement is over.
#pragma once

#include <span>
#include <string>

#include "collector/store/sqlite.hpp"

namespace shmeter::collector {

/// Values of one row for SQLite; texts must live until the statement is over.
class RowValue {
 public:
  explicit RowValue(sqlite3_context* to) : to_(to) {}
  void number(i64 value) { sqlite3_result_int64(to_, value); }
  void null() {}
  void text(std::string_view text) {
    sqlite3_result_text(to_, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }

 private:
  sqlite3_context* to_;
};

/// Rows for one run of a statement, and how far it came.
template <class Row>
struct Rows {
  std::span<const Row> all;
  std::size_t at = 0;  // the row it read last, also when it failed
};

/// `Row` has kTable, the table's name; kColumns, their names; and say(column, RowValue&) const,
/// which gives the value of a column counted from 0.
template <class Row>
class RowTable {
 public:
  /// Teaches the connection the table. Once for each connection.
  static Result<void> add_to(Connection& db) {
    return db.check(sqlite3_create_module_v2(db.get(), Row::kTable, &kModule, nullptr, nullptr),
                    "use it");
  }
  /// `rows` must live until the statement is over.
  static void bind(Statement& to, int at, Rows<Row>& rows) {
    sqlite3_bind_pointer(to.get(), at, &rows, Row::kTable, nullptr);
  }

 private:
  struct Cursor : sqlite3_vtab_cursor {
    Rows<Row>* rows = nullptr;
  };
  static Rows<Row>& rows_of(sqlite3_vtab_cursor* cursor) {
    return *static_cast<Cursor*>(cursor)->rows;
  }

  static int connect(sqlite3* db, void*, int, const char* const*, sqlite3_vtab** made, char**) {
    static const std::string sql = std::string("CREATE TABLE x(") + Row::kColumns + ",rows HIDDEN)";
    const int code = sqlite3_declare_vtab(db, sql.c_str());
    if (code == SQLITE_OK) *made = new sqlite3_vtab{};
    return code;
  }
  static int disconnect(sqlite3_vtab* table) {
    delete table;
    return SQLITE_OK;
  }
  /// The one way to read it: all rows of what is bound.
  static int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
    for (int i = 0; i < info->nConstraint; ++i) {
      const auto& constraint = info->aConstraint[i];
      if (constraint.usable == 0 || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
      info->aConstraintUsage[i].argvIndex = 1;
      info->aConstraintUsage[i].omit = 1;
      return SQLITE_OK;
    }
    return SQLITE_CONSTRAINT;
  }
  static int open(sqlite3_vtab*, sqlite3_vtab_cursor** made) {
    *made = new Cursor;
    return SQLITE_OK;
  }
  static int close(sqlite3_vtab_cursor* cursor) {
    delete static_cast<Cursor*>(cursor);
    return SQLITE_OK;
  }
  static int filter(sqlite3_vtab_cursor* cursor, int, const char*, int count,
                    sqlite3_value** values) {
    void* const rows = count == 1 ? sqlite3_value_pointer(values[0], Row::kTable) : nullptr;
    if (rows == nullptr) return SQLITE_MISUSE;
    static_cast<Cursor*>(cursor)->rows = static_cast<Rows<Row>*>(rows);
    rows_of(cursor).at = 0;
    return SQLITE_OK;
  }
  static int next(sqlite3_vtab_cursor* cursor) {
    ++rows_of(cursor).at;
    return SQLITE_OK;
  }
  static int eof(sqlite3_vtab_cursor* cursor) {
    return rows_of(cursor).at >= rows_of(cursor).all.size() ? 1 : 0;
  }
  static int column(sqlite3_vtab_cursor* cursor, sqlite3_context* to, int column) {
    RowValue value(to);
    rows_of(cursor).all[rows_of(cursor).at].say(column, value);
    return SQLITE_OK;
  }
  static int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
    *id = static_cast<sqlite3_int64>(rows_of(cursor).at);
    return SQLITE_OK;
  }

  static constexpr sqlite3_module kModule = [] {
    sqlite3_module module{};
    module.xConnect = connect;
    module.xBestIndex = best_index;
    module.xDisconnect = disconnect;
    module.xOpen = open;
    module.xClose = close;
    module.xFilter = filter;
    module.xNext = next;
    module.xEof = eof;
    module.xColumn = column;
    module.xRowid = rowid;
    return module;
  }();
};

}  // namespace shmeter::collector
