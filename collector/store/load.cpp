// SPDX-License-Identifier: MIT
#include "collector/store/load.hpp"

#include <map>
#include <thread>

#include "collector/ledger/ledger.hpp"
#include "collector/store/columns.hpp"
#include "collector/store/event_rows.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kBlockPause_ms = i64{5} * 3600 * 1000;
constexpr i64 kLongestBlockPast_ms = i64{31} * 24 * 3600 * 1000;
constexpr i64 kQuarter_s = 900;
constexpr i64 kQuarter_ms = kQuarter_s * 1000;
// Space asked for at once, so that events are not copied while the list grows. Pages of it that
// are never written cost nothing.
constexpr std::size_t kHotEvents = std::size_t{1} << 16;
// A number beyond this was not given by a ledger: the file is not what it must be.
constexpr u32 kMostNames = u32{1} << 24;

constexpr i64 kCountedRequest = kCountedTrait | static_cast<i64>(EventKind::tokens);

/// Calls take(Statement&) for every row; it answers false to stop.
template <class Take>
Result<void> each_row(Connection& db, Statement& rows, Take&& take) {
  int code = SQLITE_ROW;
  while ((code = rows.step()) == SQLITE_ROW)
    if (!take(rows)) return {};
  return db.check(code, "read it");
}

template <class Take>
Result<void> each_row(Connection& db, std::string_view sql, Take&& take) {
  auto rows = db.prepare(sql);
  SHMETER_TRY(rows);
  return each_row(db, *rows, std::forward<Take>(take));
}

Result<void> load_models(Connection& db, StoredState& to) {
  return each_row(db, "SELECT model," + join(usage_columns()) + " FROM model_total",
                  [&](const Statement& row) {
                    const u32 model = row.small(0);
                    if (model >= kMostNames) return true;
                    if (model >= to.models.size()) to.models.resize(model + 1, shm::no_usage());
                    to.models[model] = read_usage(row, 1);
                    add(to.all, to.models[model]);
                    return true;
                  });
}

Result<void> load_rollups(Connection& db, StoredState& to, i64 from_s) {
  auto rows = db.prepare("SELECT quarter,session,model," + join(usage_columns()) +
                         " FROM rollup WHERE quarter>=?");
  SHMETER_TRY(rows);
  rows->bind(1, shm::known(from_s) ? from_s / kQuarter_s : from_s);
  return each_row(db, *rows, [&](const Statement& row) {
    to.rollups.emplace_back(RollupKey{row.number(0), row.small(1), row.small(2)},
                            read_usage(row, 3));
    return true;
  });
}

Result<void> load_quota(Connection& db, StoredState& to) {
  return each_row(db,
                  "SELECT account,window,used_ppm,resets_at_s,observed_at_s,source,details,"
                  "response_ms,at_ms FROM quota",
                  [&](const Statement& row) {
                    to.quota.push_back({row.small(0),
                                        std::string(row.text(1)),
                                        {row.known(2), row.known(3), row.known(4), row.known(5)},
                                        std::string(row.text(6)),
                                        row.known(7),
                                        row.known(8)});
                    return true;
                  });
}

Result<void> load_files(Connection& db, StoredState& to) {
  return each_row(
      db,
      "SELECT path,device,inode,offset,searched,tail_hash,modified_ns,turn,"
      "turn_began_ms,turns_timed FROM file",
      [&](const Statement& row) {
        to.files.push_back({std::string(row.text(0)),
                            {row.word(1), row.word(2), row.word(3), row.word(4), row.word(5),
                             row.number(6), row.word(7), row.known(8), row.number(9) != 0}});
        return true;
      });
}

struct HotEvents {
  std::vector<StoredEvent> events;
  TextBlocks texts;
};

Result<void> load_hot(Connection& db, HotEvents& to, i64 since_ms) {
  auto rows =
      db.prepare(std::string("SELECT ") + kEventColumns + " FROM event WHERE id>=? ORDER BY id");
  SHMETER_TRY(rows);
  rows->bind(1, first_event_id(since_ms));
  to.events.reserve(kHotEvents);
  return each_row(db, *rows, [&](const Statement& row) {
    StoredEvent& event = to.events.emplace_back();
    read_event(row, event);
    keep_texts(event, to.texts);
    return true;
  });
}

/// Of the first counted request that is hot; kUnknown = none.
Result<i64> first_hot_request_ms(Connection& db, i64 since_ms) {
  const auto id =
      db.number("SELECT id FROM event WHERE id>=" + std::to_string(first_event_id(since_ms)) +
                " AND traits&" + std::to_string(kCountedTrait | kKindTraits) + "=" +
                std::to_string(kCountedRequest) + " ORDER BY id LIMIT 1");
  SHMETER_TRY(id);
  return *id == 0 ? kUnknown : event_time_ms(*id);
}

/// Counted requests from `from_ms` up to `since_ms`, newest first, back to a pause; `next_ms` is
/// the request behind them, and then the oldest of them.
Result<void> add_before_hot(Connection& db, StoredState& to, i64 from_ms, i64 since_ms,
                            i64& next_ms) {
  auto rows = db.prepare(
      "SELECT id,session FROM event WHERE id>=? AND id<? AND traits&?=? ORDER BY id DESC");
  SHMETER_TRY(rows);
  rows->bind(1, first_event_id(from_ms));
  rows->bind(2, first_event_id(since_ms));
  rows->bind(3, kCountedTrait | kKindTraits);
  rows->bind(4, kCountedRequest);
  return each_row(db, *rows, [&](const Statement& row) {
    const i64 at_ms = event_time_ms(row.number(0));
    if (next_ms - at_ms > kBlockPause_ms) return false;
    to.before_hot.push_back({at_ms, row.small(1)});
    next_ms = at_ms;
    return true;
  });
}

/// The same for the time before a quarter hour, from the sums, which are read already: a request a
/// millisecond into each quarter hour of a session. Blocks begin on the hour, so that says where
/// they begin, except where a pause of five hours more or less is between two quarter hours: then
/// false.
bool add_before_hot_by_quarters(StoredState& to, i64 before_quarter, i64 next_quarter) {
  constexpr i64 kPause = kBlockPause_ms / kQuarter_ms;
  std::map<i64, i64> next_of_account;
  for (auto at = to.rollups.rbegin(); at != to.rollups.rend(); ++at) {
    const auto& [key, usage] = *at;
    if (key.quarter >= before_quarter || usage.requests <= 0) continue;
    if (next_quarter - key.quarter > kPause) return true;
    const i64 account =
        key.session < to.sessions.size() ? to.sessions[key.session].marks.account : kUnknown;
    i64& next_here = next_of_account.try_emplace(account, key.quarter).first->second;
    if (next_quarter - key.quarter == kPause || next_here - key.quarter == kPause) return false;
    next_quarter = next_here = key.quarter;
    to.before_hot.push_back({key.quarter * kQuarter_ms + 1, key.session});
  }
  return true;
}

Result<void> load_before_hot(Connection& db, StoredState& to, i64 since_ms, i64 next_ms) {
  if (!shm::known(next_ms)) return {};  // a pause up to now: no block reaches back
  const i64 quarter = since_ms / kQuarter_ms;
  i64 next = next_ms;
  SHMETER_TRY(add_before_hot(db, to, quarter * kQuarter_ms, since_ms, next));
  if (add_before_hot_by_quarters(to, quarter, next / kQuarter_ms)) return {};
  to.before_hot.clear();
  return add_before_hot(db, to, since_ms - kLongestBlockPast_ms, since_ms, next_ms);
}

/// All but the hot events.
Result<void> load_rest(Connection& db, StoredState& to, i64 rollups_from_s, i64 hot_since_ms) {
  auto names = load_names(db);
  SHMETER_TRY(names);
  to.session_names = std::move(names->sessions);
  to.model_names = std::move(names->models);
  to.agent_names = std::move(names->agents);
  auto accounts = load_accounts(db);
  SHMETER_TRY(accounts);
  to.accounts = std::move(*accounts);
  auto sessions = load_sessions(db);
  SHMETER_TRY(sessions);
  to.sessions.resize(to.session_names.size());
  for (u32 number = 0; number < to.sessions.size(); ++number) to.sessions[number].number = number;
  for (SessionRow& row : *sessions)
    if (row.number < to.sessions.size()) to.sessions[row.number] = std::move(row);
  SHMETER_TRY(load_models(db, to));
  SHMETER_TRY(load_rollups(db, to, rollups_from_s));
  SHMETER_TRY(load_quota(db, to));
  SHMETER_TRY(load_files(db, to));
  const auto next_ms = first_hot_request_ms(db, hot_since_ms);
  SHMETER_TRY(next_ms);
  return load_before_hot(db, to, hot_since_ms, *next_ms);
}

}  // namespace

Result<NameLists> load_names(Connection& db) {
  NameLists to;
  SHMETER_TRY(each_row(db, "SELECT kind,number,text FROM name", [&](const Statement& row) {
    const auto table = static_cast<NameTable>(row.number(0));
    auto& list = table == NameTable::session ? to.sessions
                 : table == NameTable::model ? to.models
                                             : to.agents;
    const u32 number = row.small(1);
    if (number >= kMostNames) return true;
    if (number >= list.size()) list.resize(number + 1);
    list[number] = row.text(2);
    return true;
  }));
  return to;
}

Result<std::vector<AccountRow>> load_accounts(Connection& db) {
  std::vector<AccountRow> to;
  SHMETER_TRY(each_row(db, "SELECT number,config_dir,name,login FROM account ORDER BY number",
                       [&](const Statement& row) {
                         to.push_back({row.small(0), std::string(row.text(1)),
                                       std::string(row.text(2)), std::string(row.text(3))});
                         return true;
                       }));
  return to;
}

Result<std::vector<SessionRow>> load_sessions(Connection& db) {
  // By name and not by place: a file that is only read may have fewer columns, or more.
  auto rows = db.prepare("SELECT * FROM session ORDER BY number");
  SHMETER_TRY(rows);
  const std::vector<int> found = find_columns(*rows, session_columns());
  std::vector<SessionRow> to;
  SHMETER_TRY(each_row(db, *rows, [&](const Statement& row) {
    SessionRow& session = to.emplace_back();
    session.number = row.small(0);
    read_found(row, found, session_columns(), &session);
    return true;
  }));
  return to;
}

Result<StoredState> load_state(Connection& db, const Database& database, i64 rollups_from_s,
                               i64 hot_since_ms) {
  HotEvents hot;
  Result<void> hot_loaded;
  std::thread other([&] {
    hot_loaded = [&]() -> Result<void> {
      auto own = database.open_reader();
      SHMETER_TRY(own);
      return load_hot(**own, hot, hot_since_ms);
    }();
  });
  StoredState state;
  const auto rest_loaded = load_rest(db, state, rollups_from_s, hot_since_ms);
  other.join();
  SHMETER_TRY(rest_loaded);
  SHMETER_TRY(hot_loaded);
  state.hot = std::move(hot.events);
  state.texts = hot.texts.release();
  return state;
}

}  // namespace shmeter::collector
