// SPDX-License-Identifier: MIT
#include "collector/store/reader.hpp"

#include <algorithm>
#include <span>

#include "collector/store/columns.hpp"
#include "collector/store/event_rows.hpp"
#include "collector/store/load.hpp"
#include "collector/store/outcome_sums.hpp"
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
    if (filter.pick == EventFilter::Pick::requests) where_ += " AND traits&15 IN(1,5)";
    if (filter.pick == EventFilter::Pick::failures) where_ += " AND " + failure_condition();
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

static_assert(static_cast<int>(EventKind::tokens) == 1 &&
              static_cast<int>(EventKind::failure) == 5);

/// A span of time as whole units, whose sums are kept, and what it cuts of others.
struct Cut {
  i64 first = kUnknown;  // units in [first, last); kUnknown = no bound
  i64 last = kUnknown;
  struct Piece {
    i64 from_ms = 0;
    i64 until_ms = 0;
  };
  std::vector<Piece> pieces;
};

Cut cut(i64 from_ms, i64 until_ms, i64 unit_ms) {
  Cut made;
  const auto is_cut = [&](i64 at_ms) { return shm::known(at_ms) && at_ms % unit_ms != 0; };
  if (shm::known(until_ms) && until_ms <= from_ms) return {0, 0, {}};
  if (shm::known(from_ms)) from_ms = std::max<i64>(from_ms, 0);  // no event is older
  if (shm::known(until_ms)) until_ms = std::max<i64>(until_ms, 0);
  if (shm::known(from_ms)) made.first = from_ms / unit_ms + (is_cut(from_ms) ? 1 : 0);
  if (shm::known(until_ms)) made.last = until_ms / unit_ms;
  if (is_cut(from_ms) && shm::known(until_ms) && until_ms < made.first * unit_ms)
    made.pieces = {{from_ms, until_ms}};
  else {
    if (is_cut(from_ms)) made.pieces.push_back({from_ms, made.first * unit_ms});
    if (is_cut(until_ms)) made.pieces.push_back({made.last * unit_ms, until_ms});
  }
  return made;
}

/// Calls take(row).
template <class Take>
Result<void> read_rows(Connection& db, const std::string& sql, i64 from, i64 until, Take&& take) {
  auto rows = db.prepare(sql);
  SHMETER_TRY(rows);
  rows->bind(1, from);  // kUnknown is below all
  rows->bind(2, shm::known(until) ? until : std::numeric_limits<i64>::max());
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW) take(*rows);
  return db.check(code, "read the sums");
}

/// A span's rows of the first of the tables; what that cuts, of the next one; of the last, of
/// events. Calls take(row, at_ms) with the beginning of the row's quarter hour, hour or day.
template <class Take>
Result<void> read_sums(Connection& db, std::span<const OutcomeTable> tables, i64 from_ms,
                       i64 until_ms, Take&& take) {
  const OutcomeTable& table = tables.front();
  const std::string unit = table.unit;
  const Cut span = cut(from_ms, until_ms, table.unit_ms);
  const auto take_row = [&](const Statement& row) { take(row, row.number(0) * table.unit_ms); };
  SHMETER_TRY(read_rows(db,
                        std::string("SELECT * FROM ") + table.name + " WHERE " + unit + ">=? AND " +
                            unit + "<? ORDER BY " + unit,
                        span.first, span.last, take_row));
  for (const auto& [from, until] : span.pieces) {
    if (tables.size() > 1)
      SHMETER_TRY(read_sums(db, tables.subspan(1), from, until, take));
    else
      SHMETER_TRY(read_rows(db, select_outcomes(table, "id>=? AND id<?"), first_event_id(from),
                            first_event_id(until), take_row));
  }
  return {};
}

OutcomeSum read_outcome(const Statement& from, int first) {
  return {from.number(first),     from.number(first + 1), from.number(first + 2),
          from.number(first + 3), from.number(first + 4), from.number(first + 5)};
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

Result<void> StoreReader::day_rollups(
    i64 from_day, i64 until_day,
    const std::function<void(i64, u32, u32, const shm::Usage&)>& take) {
  return read_rows(*impl_->db,
                   "SELECT day,session,model," + join(usage_columns()) +
                       " FROM day_rollup WHERE day>=? AND day<? ORDER BY day",
                   from_day, until_day, [&](const Statement& row) {
                     take(row.number(0), row.small(1), row.small(2), read_usage(row, 3));
                   });
}

Result<void> StoreReader::quarter_totals(i64 from_quarter, i64 until_quarter,
                                         const std::function<void(i64, const shm::Usage&)>& take) {
  return read_rows(*impl_->db,
                   "SELECT quarter," + join(usage_columns()) +
                       " FROM quarter_total WHERE quarter>=? AND quarter<? ORDER BY quarter",
                   from_quarter, until_quarter,
                   [&](const Statement& row) { take(row.number(0), read_usage(row, 1)); });
}

Result<void> StoreReader::outcomes(i64 from_ms, i64 until_ms,
                                   const std::function<void(i64, const OutcomeSum&)>& take) {
  return read_sums(*impl_->db, kOutcomeTables, from_ms, until_ms,
                   [&](const Statement& row, i64 at_ms) { take(at_ms, read_outcome(row, 1)); });
}

Result<void> StoreReader::callers(i64 from_ms, i64 until_ms, Grain grain,
                                  const std::function<void(const CallerSum&)>& take) {
  const std::span<const OutcomeTable> tables = kCallerTables;
  return read_sums(*impl_->db, grain == Grain::days ? tables : tables.subspan(1), from_ms, until_ms,
                   [&](const Statement& row, i64 at_ms) {
                     take({at_ms, row.small(1), row.text(2), row.text(3), read_outcome(row, 4)});
                   });
}

Result<void> StoreReader::latencies(i64 from_ms, i64 until_ms,
                                    const std::function<void(const LatencySum&)>& take) {
  return read_sums(*impl_->db, kLatencyTables, from_ms, until_ms, [&](const Statement& row, i64) {
    take({row.number(1), row.number(2), row.number(3)});
  });
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
