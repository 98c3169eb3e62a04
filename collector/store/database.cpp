// SPDX-License-Identifier: MIT
#include "collector/store/database.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

namespace shmeter::collector {
namespace {

// How long a reader waits where it cannot read beside a writer: in memory, and while the file is
// loaded for the first time.
constexpr int kReaderPatience_ms = 5000;

// The writer's inserts go to four places; readers mostly go straight on. secure_delete (Debian
// switches it on) would write freed pages.
constexpr const char* kWriterSettings =
    "PRAGMA cache_size=-512;PRAGMA secure_delete=OFF;PRAGMA trusted_schema=OFF;"
    "PRAGMA journal_size_limit=4194304;PRAGMA wal_autocheckpoint=0;";
constexpr const char* kReaderSettings = "PRAGMA cache_size=-128;PRAGMA trusted_schema=OFF;";

Result<std::unique_ptr<Connection>> opened(const std::string& where, const std::string& name,
                                           int flags, const std::string& settings,
                                           int patience_ms) {
  auto db = Connection::open(where, name, flags);
  SHMETER_TRY(db);
  auto made = std::make_unique<Connection>(std::move(*db));
  made->busy_timeout(patience_ms);
  SHMETER_TRY(made->run(settings));
  SHMETER_TRY(made->number("SELECT count(*) FROM sqlite_schema"));  // is it a database at all?
  return made;
}

/// A path as the file part of a URI.
std::string escaped(const std::string& path) {
  std::string text;
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr const char* kDigits = "0123456789ABCDEF";
      text += '%';
      text += kDigits[static_cast<unsigned char>(c) >> 4];
      text += kDigits[static_cast<unsigned char>(c) & 15];
    } else {
      text += c;
    }
  }
  return text;
}

bool has_content(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && found.st_size > 0;
}

}  // namespace

Database Database::in_memory() {
  static std::atomic<unsigned> count = 0;
  const std::string number = std::to_string(++count);
  return {"the history in memory", "file:/shmeter-" + number + "?vfs=memdb"};
}

Result<std::unique_ptr<Connection>> Database::open_writer() const {
  if (is_memory())
    return opened(uri, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI,
                  kWriterSettings, kWriterPatience_ms);
  return opened(path, path, SQLITE_OPEN_READWRITE, kWriterSettings, kWriterPatience_ms);
}

Result<std::unique_ptr<Connection>> Database::open_reader() const {
  if (is_memory())
    return opened(uri, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, kReaderSettings,
                  kReaderPatience_ms);
  if (::access(path.c_str(), F_OK) != 0)
    return fail(Errc::not_found, path + ": there is no history yet");
  auto db = opened(path, path, SQLITE_OPEN_READONLY, kReaderSettings, kReaderPatience_ms);
  // A file in WAL mode wants a -shm beside it. Where none can be made, and nothing waits in a -wal,
  // nobody can be writing: then it is read as something that does not change.
  if (db || db.error().code == Errc::corrupt || has_content(path + "-wal")) return db;
  return opened("file:" + escaped(path) + "?immutable=1", path,
                SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, kReaderSettings, kReaderPatience_ms);
}

void checkpoint(Connection& db, Checkpoint how) noexcept {
  const int mode =
      how == Checkpoint::whole ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  // What it could not do now, the next one does.
  sqlite3_wal_checkpoint_v2(db.get(), nullptr, mode, nullptr, nullptr);
}

void WalPages::watch(Connection& db) {
  sqlite3_wal_hook(
      db.get(),
      [](void* self, sqlite3*, const char*, int pages) noexcept {
        static_cast<WalPages*>(self)->pages_ = pages;
        return SQLITE_OK;
      },
      this);
}

}  // namespace shmeter::collector
