// SPDX-License-Identifier: MIT
// Where a store's data are and how a connection to them is made. Invariant: every connection that
// comes from here has the settings that design and budgets ask for.
#pragma once

#include <memory>
#include <string>

#include "collector/store/sqlite.hpp"

namespace shmeter::collector {

/// A file, or a database in this process's memory that several connections share. (SQLite's memdb:
/// it locks as files do, where a shared cache would answer "table is locked".) The latter lives as
/// long as one connection to it.
struct Database {
  std::string path;  // or a name for people
  std::string uri;   // not empty: in memory

  static Database in_memory();
  static Database at(std::string path) { return {std::move(path), {}}; }
  bool is_memory() const { return !uri.empty(); }

  /// For the one who writes. The file must be there.
  Result<std::unique_ptr<Connection>> open_writer() const;
  /// For the others. Of a file that nobody can write beside (a folder we may not write), too.
  /// Errors: not_found, forbidden, corrupt, unavailable.
  Result<std::unique_ptr<Connection>> open_reader() const;
};

/// How long a writer waits for another program's lock (somebody's sqlite3).
inline constexpr int kWriterPatience_ms = 2000;

/// Takes the -wal into the file as far as readers let it; `whole` waits for them and empties it.
enum class Checkpoint { some, whole };
void checkpoint(Connection& db, Checkpoint how) noexcept;
/// Pages that wait in the -wal, as of the last commit of this connection.
/// (-1 = in memory, or no commit yet.)
class WalPages {
 public:
  void watch(Connection& db);
  int pages() const { return pages_; }

 private:
  int pages_ = -1;
};

}  // namespace shmeter::collector
