// SPDX-License-Identifier: MIT
// Owners of SQLite's two handles, and its result codes as errors of ours. Invariant: a statement
// dies before its connection; a connection is used by one thread at a time (it has no mutex of its
// own).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/store/try.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::i64;
using shm::kUnknown;
using shm::u32;
using shm::u64;

/// A prepared statement. Parameters count from 1, columns from 0. Texts that are bound must live
/// until the next step() has returned.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  explicit operator bool() const { return statement_ != nullptr; }
  sqlite3_stmt* get() const { return statement_.get(); }

  void bind(int at, i64 value) { sqlite3_bind_int64(get(), at, value); }
  /// kUnknown is stored as NULL.
  void bind_known(int at, i64 value) { shm::known(value) ? bind(at, value) : bind_null(at); }
  /// Hashes use all 64 bits: stored as the signed number of the same bits.
  void bind_word(int at, u64 value) { bind(at, static_cast<i64>(value)); }
  void bind(int at, std::string_view text) {
    sqlite3_bind_text(get(), at, text.empty() ? "" : text.data(), static_cast<int>(text.size()),
                      SQLITE_STATIC);
  }
  /// An empty text is stored as NULL.
  void bind_some(int at, std::string_view text) { text.empty() ? bind_null(at) : bind(at, text); }
  void bind_null(int at) { sqlite3_bind_null(get(), at); }

  /// SQLITE_ROW, SQLITE_DONE or an error.
  int step() { return sqlite3_step(get()); }
  void reset() { sqlite3_reset(get()); }
  /// For a statement without rows: SQLITE_OK or an error; ready for the next run.
  int run() {
    const int code = step();
    reset();
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
  }

  i64 number(int column) const { return sqlite3_column_int64(get(), column); }
  /// NULL is kUnknown.
  i64 known(int column) const {
    sqlite3_value* value = sqlite3_column_value(get(), column);
    return sqlite3_value_type(value) == SQLITE_NULL ? kUnknown : sqlite3_value_int64(value);
  }
  u64 word(int column) const { return static_cast<u64>(number(column)); }
  u32 small(int column) const { return static_cast<u32>(number(column)); }
  bool is_null(int column) const { return sqlite3_column_type(get(), column) == SQLITE_NULL; }
  /// NULL is empty. Valid until the next step() or reset().
  std::string_view text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Connection {
 public:
  /// `where` is a path, or a URI when the flags say so; `name` is what errors call it.
  static Result<Connection> open(const std::string& where, const std::string& name, int flags);

  Result<void> run(const char* sql);
  Result<void> run(const std::string& sql) { return run(sql.c_str()); }
  Result<Statement> prepare(std::string_view sql);
  /// The first column of the first row; 0 without a row.
  Result<i64> number(std::string_view sql);

  /// An error of ours out of a code of SQLite's; `doing` completes "cannot …".
  tl::unexpected<Error> failure(int code, std::string_view doing) const;
  Result<void> check(int code, std::string_view doing) const {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return {};
    return failure(code, doing);
  }
  /// Nothing is left of the transaction that is open, if one is.
  void roll_back() noexcept;
  bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  void busy_timeout(int ms) { sqlite3_busy_timeout(db_.get(), ms); }

  sqlite3* get() const { return db_.get(); }
  const std::string& name() const { return name_; }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
  std::string name_;
};

}  // namespace shmeter::collector
