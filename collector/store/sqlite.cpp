// SPDX-License-Identifier: MIT
#include "collector/store/sqlite.hpp"

#include <cerrno>
#include <cstring>

namespace shmeter::collector {
namespace {

Errc errc_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::corrupt;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return Errc::forbidden;
    default:
      return Errc::unavailable;
  }
}

}  // namespace

std::string_view Statement::text(int column) const {
  // The bytes before their number: asking for the text may convert it.
  const unsigned char* bytes = sqlite3_column_text(get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
}

Result<Connection> Connection::open(const std::string& where, const std::string& name, int flags) {
  // Nobody asks how much memory SQLite takes, and counting it takes a lock at each allocation.
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once);  // too late when somebody else uses SQLite already, which is all right
  Connection made;
  made.name_ = name;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(where.c_str(), &db,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  made.db_.reset(db);
  if (code != SQLITE_OK) return made.failure(code, "open it");
  return made;
}

Result<void> Connection::run(const char* sql) {
  return check(sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr), "use it");
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()), 0,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return failure(code, "use it");
  return Statement(statement);
}

Result<i64> Connection::number(std::string_view sql) {
  auto statement = prepare(sql);
  SHMETER_TRY(statement);
  const int code = statement->step();
  if (code == SQLITE_ROW) return statement->number(0);
  if (code == SQLITE_DONE) return 0;
  return failure(code, "read it");
}

tl::unexpected<Error> Connection::failure(int code, std::string_view doing) const {
  std::string text = name_ + ": cannot " + std::string(doing) + ": ";
  // The connection's own words are about its last call, which is the one that failed.
  text += db_ != nullptr && sqlite3_extended_errcode(db_.get()) == code ? sqlite3_errmsg(db_.get())
                                                                        : sqlite3_errstr(code);
  if ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_IOERR) {
    const int system = db_ == nullptr ? 0 : sqlite3_system_errno(db_.get());
    if (system != 0) text += std::string(" (") + std::strerror(system) + ")";
    if (system == EACCES || system == EPERM || system == EROFS)
      return fail(Errc::forbidden, std::move(text));
  }
  return fail(errc_of(code), std::move(text));
}

void Connection::roll_back() noexcept {
  if (in_transaction()) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace shmeter::collector
