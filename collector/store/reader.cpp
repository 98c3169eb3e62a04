// SPDX-License-Identifier: MIT
#include "collector/store/reader.hpp"

#include "collector/store/columns.hpp"
#include "collector/store/event_rows.hpp"
#include "collector/store/load.hpp"
#include "collector/store/reader_impl.hpp"
#include "collector/store/schema.hpp"

namespace shmeter::collector {
namespace {

/// The filter as SQL. Only numbers of ours get into it.
class EventQuery {
 public:
  EventQuery(const EventFilter& filter, i64 behind_id)
      : columns_(filter.texts ? kEventColumns : kKeptColumns) {
    if (shm::known(filter.from_ms)) and_("id>=", first_event_id(filter.from_ms));
    if (shm::known(filter.until_ms)) and_("id<", first_event_id(filter.until_ms));
    if (filter.kind)
      and_("traits&31=", static_cast<i64>(*filter.kind) | kCountedTrait);
    else
      and_("traits&16=", kCountedTrait);
    if (filter.pick == EventFilter::Pick::usage)
      and_("traits&15<>", static_cast<i64>(EventKind::failure));
    if (filter.pick == EventFilter::Pick::outcomes) where_ += " AND " + outcome_condition();
    if (filter.session) {
      and_("session=", i64{*filter.session});
      and_("id>=(SELECT first FROM span WHERE session=", i64{*filter.session}, ")");
      and_("id<=(SELECT last FROM span WHERE session=", i64{*filter.session}, ")");
    }
    if (filter.agent) and_("agent=", i64{*filter.agent});
    if (filter.account)
      and_("session IN(SELECT number FROM session WHERE mark_account=", i64{*filter.account}, ")");
    if (filter.behind) and_(filter.newest_first ? "id<" : "id>", behind_id);
    order_ = filter.newest_first ? " ORDER BY id DESC" : " ORDER BY id";
    if (shm::known(filter.limit)) order_ += " LIMIT " + std::to_string(filter.limit);
  }
  std::string sql() const {
    return std::string("SELECT ") + columns_ + " FROM event WHERE 1" + where_ + order_;
  }

 private:
  void and_(const char* condition, i64 number, const char* end = "") {
    where_ += std::string(" AND ") + condition + std::to_string(number) + end;
  }
  const char* columns_;
  std::string where_;
  std::string order_;
};

/// Where the event of that position is, or would be.
Result<i64> id_of(Connection& db, const EventFilter::Position& position) {
  // Nobody says here which rows of `new_key` are meant: mostly it is empty.
  auto row = db.prepare(
      "SELECT id FROM event WHERE id IN"
      "(SELECT id FROM event_key WHERE message=?1 AND request=?2 UNION ALL"
      " SELECT id FROM new_key WHERE message=?1 AND request=?2)AND traits&16=16");
  SHMETER_TRY(row);
  row->bind_word(1, position.key.message);
  row->bind_word(2, position.key.request);
  const int code = row->step();
  SHMETER_TRY(db.check(code, "read the events"));
  if (code == SQLITE_ROW && event_time_ms(row->number(0)) == position.at_ms) return row->number(0);
  StoredEvent gone;
  gone.key = position.key;
  gone.at_ms = position.at_ms;
  return first_place(gone);
}

}  // namespace

Result<std::unique_ptr<StoreReader>> StoreReader::Impl::make(const Database& database) {
  auto db = database.open_reader();
  SHMETER_TRY(db);
  SHMETER_TRY(check_version(**db));
  return std::unique_ptr<StoreReader>(new StoreReader(std::make_unique<Impl>(std::move(*db))));
}

StoreReader::StoreReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StoreReader::~StoreReader() = default;

Result<std::unique_ptr<StoreReader>> StoreReader::open(const std::string& path) {
  return Impl::make(Database::at(path));
}

Result<void> StoreReader::begin() {
  SHMETER_TRY(impl_->db->run("BEGIN"));
  SHMETER_TRY(impl_->db->number("SELECT 1 FROM meta"));  // the first read fixes what is seen
  return {};
}

void StoreReader::end() { impl_->db->roll_back(); }

Result<StoreReader::Names> StoreReader::names() {
  auto names = load_names(*impl_->db);
  SHMETER_TRY(names);
  return Names{std::move(names->sessions), std::move(names->models), std::move(names->agents)};
}

Result<std::vector<AccountRow>> StoreReader::accounts() { return load_accounts(*impl_->db); }
Result<std::vector<SessionRow>> StoreReader::sessions() { return load_sessions(*impl_->db); }

Result<std::vector<SessionRow>> StoreReader::session_accounts() {
  Connection& db = *impl_->db;
  auto rows = db.prepare("SELECT number,mark_account FROM session ORDER BY number");
  SHMETER_TRY(rows);
  std::vector<SessionRow> to;
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW) {
    to.emplace_back().number = rows->small(0);
    to.back().marks.account = rows->known(1);
  }
  SHMETER_TRY(db.check(code, "read the sessions"));
  return to;
}

Result<void> StoreReader::rollups(
    i64 from_quarter, i64 until_quarter,
    const std::function<void(const RollupKey&, const shm::Usage&)>& take) {
  Connection& db = *impl_->db;
  auto rows = db.prepare("SELECT quarter,session,model," + join(usage_columns()) +
                         " FROM rollup WHERE quarter>=? AND quarter<? ORDER BY 1,2,3");
  SHMETER_TRY(rows);
  rows->bind(1, from_quarter);  // kUnknown is below all
  rows->bind(2, shm::known(until_quarter) ? until_quarter : std::numeric_limits<i64>::max());
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW)
    take({rows->number(0), rows->small(1), rows->small(2)}, read_usage(*rows, 3));
  return db.check(code, "read the sums");
}

Result<void> StoreReader::events(const EventFilter& filter,
                                 const std::function<bool(const StoredEvent&)>& take) {
  Connection& db = *impl_->db;
  Result<i64> behind = 0;
  if (filter.behind) behind = id_of(db, *filter.behind);
  SHMETER_TRY(behind);
  auto rows = db.prepare(EventQuery(filter, *behind).sql());
  SHMETER_TRY(rows);
  int code = SQLITE_ROW;
  StoredEvent event;
  while ((code = rows->step()) == SQLITE_ROW) {
    read_event(*rows, event);
    if (!take(event)) return {};
  }
  return db.check(code, "read the events");
}

}  // namespace shmeter::collector
