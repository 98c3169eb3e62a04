// SPDX-License-Identifier: MIT
#include "collector/store/batch_writer.hpp"

#include <algorithm>

#include "collector/ledger/ledger.hpp"
#include "collector/store/columns.hpp"

namespace shmeter::collector {
namespace {

// An event may stand in the next millisecond, when its own is full.
constexpr i64 kLastPlace = (i64{2} << kPlaceBits) - 1;
constexpr i64 kQuartersOfDay = 96;
// Fewer keys go to their pages at once: a commit more for them would cost as much.
constexpr std::size_t kManyEvents = 64;

void ring_add(sqlite3_context* context, int, sqlite3_value** values) noexcept {
  const u64 sum = static_cast<u64>(sqlite3_value_int64(values[0])) +
                  static_cast<u64>(sqlite3_value_int64(values[1]));
  sqlite3_result_int64(context, static_cast<i64>(sum));
}

std::string upsert_usage(const std::string& table, const std::string& keys, std::size_t key_count) {
  std::string places = "?";
  for (std::size_t i = 1; i < key_count + usage_columns().size(); ++i) places += ",?";
  return "INSERT INTO " + table + "(" + keys + "," + join(usage_columns()) + ")VALUES(" + places +
         ")ON CONFLICT(" + keys + ")DO UPDATE SET " + ring_sums();
}

void bind_quota(Statement& to, const QuotaRow& row) {
  to.bind(1, i64{row.account});
  to.bind(2, std::string_view(row.window));
  to.bind_known(3, row.value.used_ppm);
  to.bind_known(4, row.value.resets_at_s);
  to.bind_known(5, row.value.observed_at_s);
  to.bind_known(6, row.value.source);
  to.bind_some(7, row.details);
  to.bind_known(8, row.response_ms);
  to.bind_known(9, row.at_ms);
}

/// In the order of the table, in which they go to each of its pages once.
std::vector<std::pair<i64, const StoredEvent*>> by_place(const std::vector<StoredEvent>& events) {
  std::vector<std::pair<i64, const StoredEvent*>> sorted;
  sorted.reserve(events.size());
  for (const StoredEvent& event : events) sorted.emplace_back(first_place(event), &event);
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

Result<void> add_functions(Connection& db) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  SHMETER_TRY(RowTable<EventRow>::add_to(db));
  SHMETER_TRY(RowTable<KeyRow>::add_to(db));
  return db.check(sqlite3_create_function_v2(db.get(), "ring_add", 2, kFlags, nullptr, ring_add,
                                             nullptr, nullptr, nullptr),
                  "use it");
}

std::string ring_sums() { return join(usage_columns(), "$=ring_add($,excluded.$)"); }

Result<BatchWriter> BatchWriter::make(Connection& db, NewKeys& new_keys) {
  auto events = EventWriter::make(db, new_keys);
  SHMETER_TRY(events);
  BatchWriter made(db, new_keys, std::move(*events));
  std::string session_places = "?";
  for (std::size_t i = 0; i < session_columns().size(); ++i) session_places += ",?";
  const std::string quota =
      "(account,window,used_ppm,resets_at_s,observed_at_s,source,details,"
      "response_ms,at_ms)VALUES(?,?,?,?,?,?,?,?,?)";
  const std::pair<Statement*, std::string> statements[] = {
      {&made.name_, "INSERT OR REPLACE INTO name(kind,number,text)VALUES(?,?,?)"},
      {&made.account_,
       "INSERT OR REPLACE INTO account(number,config_dir,name,login)VALUES(?,?,?,?)"},
      {&made.session_, "INSERT OR REPLACE INTO session(number," + join(session_columns()) +
                           ")VALUES(" + session_places + ")"},
      {&made.quota_, "INSERT OR REPLACE INTO quota" + quota},
      {&made.history_, "INSERT OR REPLACE INTO quota_history" + quota},
      {&made.file_,
       "INSERT OR REPLACE INTO file(path,device,inode,offset,searched,tail_hash,"
       "modified_ns,turn,turn_began_ms,turns_timed)VALUES(?,?,?,?,?,?,?,?,?,?)"},
      {&made.forget_, "DELETE FROM file WHERE path=?"},
      {&made.rollup_, upsert_usage("rollup", "quarter,session,model", 3)},
      {&made.day_rollup_, upsert_usage("day_rollup", "day,session,model", 3)},
      {&made.quarter_total_, upsert_usage("quarter_total", "quarter", 1)},
      {&made.total_, upsert_usage("model_total", "model", 1)},
      {&made.span_,
       "INSERT INTO span(session,first,last)VALUES(?,?,?)ON CONFLICT(session)DO UPDATE SET "
       "first=min(first,excluded.first),last=max(last,excluded.last)"}};
  for (const auto& [to, sql] : statements) {
    auto statement = db.prepare(sql);
    SHMETER_TRY(statement);
    *to = std::move(*statement);
  }
  return made;
}

Result<void> BatchWriter::write(const StoreBatch& batch) {
  SHMETER_TRY(write_states(batch));
  const bool many = batch.events().size() >= kManyEvents && !new_keys_->full();
  const KeyIndex::To to = many ? KeyIndex::To::new_keys : KeyIndex::To::home;
  Spans spans;
  events_.begin(EventWriter::Outcomes::kept);
  for (const auto& [place, event] : by_place(batch.events())) {
    SHMETER_TRY(events_.put(*event, to));
    widen(spans, *event);
  }
  SHMETER_TRY(events_.settle());
  for (const Joined& joined : batch.joined) SHMETER_TRY(events_.join(joined));
  SHMETER_TRY(widen_spans(spans));
  return add_rollups(batch.rollups());
}

Result<void> BatchWriter::write_states(const StoreBatch& batch) {
  SHMETER_TRY(write_names(batch));
  SHMETER_TRY(write_accounts(batch));
  SHMETER_TRY(write_sessions(batch));
  SHMETER_TRY(write_quota(batch));
  return write_files(batch);
}

Result<void> BatchWriter::write_names(const StoreBatch& batch) {
  for (const NameRow& row : batch.names) {
    name_.bind(1, static_cast<i64>(row.table));
    name_.bind(2, i64{row.number});
    name_.bind(3, std::string_view(row.text));
    SHMETER_TRY(db_->check(name_.run(), "write a name"));
  }
  return {};
}

Result<void> BatchWriter::write_accounts(const StoreBatch& batch) {
  for (const AccountRow& row : batch.accounts) {
    account_.bind(1, i64{row.number});
    account_.bind(2, std::string_view(row.config_dir));
    account_.bind(3, std::string_view(row.name));
    account_.bind(4, std::string_view(row.login));
    SHMETER_TRY(db_->check(account_.run(), "write an account"));
  }
  return {};
}

Result<void> BatchWriter::write_sessions(const StoreBatch& batch) {
  for (const SessionRow& row : batch.sessions) {
    session_.bind(1, i64{row.number});
    bind_columns(session_, 2, session_columns(), &row);
    SHMETER_TRY(db_->check(session_.run(), "write a session"));
  }
  return {};
}

Result<void> BatchWriter::write_quota(const StoreBatch& batch) {
  for (const QuotaRow& row : batch.quota) {
    for (Statement* to : {&quota_, &history_}) {
      bind_quota(*to, row);
      SHMETER_TRY(db_->check(to->run(), "write a limit"));
    }
  }
  return {};
}

/// What is forgotten first: a file that came back is in both lists.
Result<void> BatchWriter::write_files(const StoreBatch& batch) {
  for (const std::string& path : batch.forgotten_files) {
    forget_.bind(1, std::string_view(path));
    SHMETER_TRY(db_->check(forget_.run(), "forget a file"));
  }
  for (const FileRow& row : batch.files) {
    file_.bind(1, std::string_view(row.path));
    file_.bind_word(2, row.cursor.device);
    file_.bind_word(3, row.cursor.inode);
    file_.bind_word(4, row.cursor.offset);
    file_.bind_word(5, row.cursor.searched);
    file_.bind_word(6, row.cursor.tail_hash);
    file_.bind(7, row.cursor.modified_ns);
    file_.bind_word(8, row.cursor.turn);
    file_.bind_known(9, row.cursor.turn_began_ms);
    file_.bind(10, row.cursor.turns_timed ? 1 : 0);
    SHMETER_TRY(db_->check(file_.run(), "write a file's position"));
  }
  return {};
}

Result<void> BatchWriter::add_rollups(const std::map<RollupKey, shm::Usage>& rollups) {
  std::map<RollupKey, shm::Usage> days;
  std::map<i64, shm::Usage> quarters, models;
  for (const auto& [key, usage] : rollups) {
    SHMETER_TRY(add_sum(rollup_, {key.quarter, key.session, key.model}, usage));
    const i64 day = key.quarter / kQuartersOfDay;
    add(days.try_emplace({day, key.session, key.model}, shm::no_usage()).first->second, usage);
    add(quarters.try_emplace(key.quarter, shm::no_usage()).first->second, usage);
    add(models.try_emplace(key.model, shm::no_usage()).first->second, usage);
  }
  for (const auto& [key, usage] : days)
    SHMETER_TRY(add_sum(day_rollup_, {key.quarter, key.session, key.model}, usage));
  for (const auto& [quarter, usage] : quarters)
    SHMETER_TRY(add_sum(quarter_total_, {quarter}, usage));
  for (const auto& [model, usage] : models) SHMETER_TRY(add_sum(total_, {model}, usage));
  return {};
}

Result<void> BatchWriter::add_sum(Statement& to, std::initializer_list<i64> key,
                                  const shm::Usage& usage) {
  int at = 1;
  for (const i64 part : key) to.bind(at++, part);
  bind_usage(to, at, usage);
  return db_->check(to.run(), "write a sum");
}

void widen(Spans& spans, const StoredEvent& event) {
  // Where it stands in its millisecond is not known here: all of that is in.
  const i64 first = first_event_id(event.at_ms);
  Span& span = spans[event.session];
  span.first = std::min(span.first, first);
  span.last = std::max(span.last, first + kLastPlace);
}

Result<void> BatchWriter::widen_spans(const Spans& spans) {
  for (const auto& [session, span] : spans) {
    span_.bind(1, i64{session});
    span_.bind(2, span.first);
    span_.bind(3, span.last);
    SHMETER_TRY(db_->check(span_.run(), "write where a session's events are"));
  }
  return {};
}

}  // namespace shmeter::collector
