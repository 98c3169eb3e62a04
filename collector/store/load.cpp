// SPDX-License-Identifier: MIT
#include "collector/store/load.hpp"

#include <algorithm>
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
// Room asked for at once, so that rows are not copied while a list grows. Pages of it that are
// never written cost nothing.
constexpr std::size_t kManyRows = std::size_t{1} << 15;
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
  to.rollups.reserve(kManyRows);
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

/// What the other thread reads.
struct Events {
  std::vector<StoredEvent> hot;
  std::vector<Booking> recent;
};

Result<void> load_hot(Connection& db, std::vector<StoredEvent>& to, i64 since_ms) {
  auto rows =
      db.prepare(std::string("SELECT ") + kKeptColumns + " FROM event WHERE id>=? ORDER BY id");
  SHMETER_TRY(rows);
  rows->bind(1, first_event_id(since_ms));
  to.reserve(kManyRows);
  return each_row(db, *rows, [&](const Statement& row) {
    read_event(row, to.emplace_back());
    return true;
  });
}

Result<void> load_recent(Connection& db, std::vector<Booking>& to, i64 since_ms) {
  auto rows = db.prepare(
      "SELECT id,session,model,cost_nanousd,input,output,write_5m,write_1h,read FROM event"
      " WHERE id>=? AND traits&?=? ORDER BY id");
  SHMETER_TRY(rows);
  rows->bind(1, first_event_id(since_ms));
  rows->bind(2, kCountedTrait | kKindTraits);
  rows->bind(3, kCountedRequest);
  to.reserve(kManyRows);
  return each_row(db, *rows, [&](const Statement& row) {
    Booking& booking = to.emplace_back();
    booking.at_ms = event_time_ms(row.number(0));
    booking.session = row.small(1);
    booking.model = row.small(2);
    const i64 cost = row.known(3);
    shm::Usage& u = booking.amount;
    u = {1, row.number(4), row.number(5), row.number(6), row.number(7), row.number(8), 0, 0};
    (shm::known(cost) ? u.cost_nanousd : u.unpriced_tokens) =
        shm::known(cost) ? cost : shm::total_tokens(u);
    return true;
  });
}

/// Of the first counted request from then on; kUnknown = none.
Result<i64> first_request_ms(Connection& db, i64 since_ms) {
  const auto id =
      db.number("SELECT id FROM event WHERE id>=" + std::to_string(first_event_id(since_ms)) +
                " AND traits&" + std::to_string(kCountedTrait | kKindTraits) + "=" +
                std::to_string(kCountedRequest) + " ORDER BY id LIMIT 1");
  SHMETER_TRY(id);
  return *id == 0 ? kUnknown : event_time_ms(*id);
}

/// Counted requests from `from_ms` up to `until_ms`, newest first, back to a pause; `next_ms` is
/// the request behind them, and then the oldest of them.
Result<void> add_before(Connection& db, StoredState& to, i64 from_ms, i64 until_ms, i64& next_ms) {
  auto rows = db.prepare(
      "SELECT id,session FROM event WHERE id>=? AND id<? AND traits&?=? ORDER BY id DESC");
  SHMETER_TRY(rows);
  rows->bind(1, first_event_id(from_ms));
  rows->bind(2, first_event_id(until_ms));
  rows->bind(3, kCountedTrait | kKindTraits);
  rows->bind(4, kCountedRequest);
  return each_row(db, *rows, [&](const Statement& row) {
    const i64 at_ms = event_time_ms(row.number(0));
    if (next_ms - at_ms > kBlockPause_ms) return false;
    to.before_recent.push_back({at_ms, row.small(1)});
    next_ms = at_ms;
    return true;
  });
}

/// The same for the time before a quarter hour, from the sums: a request a millisecond into each
/// quarter hour of a session. Blocks begin on the hour, so that says where they begin, except where
/// a pause of five hours more or less is between two quarter hours: then clear() is false.
class BeforeByQuarters {
 public:
  BeforeByQuarters(StoredState& to, i64 next_quarter)
      : to_(to), next_(next_quarter), accounts_(to.session_names.size(), kUnknown) {
    for (const SessionRow& session : to.sessions)
      if (session.number < accounts_.size()) accounts_[session.number] = session.marks.account;
  }
  /// Newest first; false: it is behind a pause, or nothing is clear any more.
  bool add(i64 quarter, u32 session) {
    constexpr i64 kPause = kBlockPause_ms / kQuarter_ms;
    if (next_ - quarter > kPause) return false;
    const i64 account = session < accounts_.size() ? accounts_[session] : kUnknown;
    i64& next_here = next_of_account_.try_emplace(account, quarter).first->second;
    clear_ = next_ - quarter != kPause && next_here - quarter != kPause;
    next_ = next_here = quarter;
    to_.before_recent.push_back({quarter * kQuarter_ms + 1, session});
    return clear_;
  }
  bool clear() const { return clear_; }

 private:
  StoredState& to_;
  i64 next_;
  std::vector<i64> accounts_;
  std::map<i64, i64> next_of_account_;
  bool clear_ = true;
};

/// Most sums are read already.
Result<bool> add_before_by_quarters(Connection& db, StoredState& to, const Reach& reach,
                                    i64 before_quarter, i64 next_quarter) {
  BeforeByQuarters before(to, next_quarter);
  for (auto at = to.rollups.rbegin(); at != to.rollups.rend(); ++at) {
    const auto& [key, usage] = *at;
    if (key.quarter >= before_quarter || usage.requests <= 0) continue;
    if (!before.add(key.quarter, key.session)) return before.clear();
  }
  auto rows = db.prepare(
      "SELECT quarter,session FROM rollup WHERE quarter>=? AND quarter<? AND requests>0"
      " ORDER BY quarter DESC");
  SHMETER_TRY(rows);
  rows->bind(1, before_quarter - kLongestBlockPast_ms / kQuarter_ms);
  rows->bind(2, shm::known(reach.rollups_s) ? std::min(before_quarter, reach.rollups_s / kQuarter_s)
                                            : kUnknown);
  SHMETER_TRY(each_row(
      db, *rows, [&](const Statement& row) { return before.add(row.number(0), row.small(1)); }));
  return before.clear();
}

Result<void> load_before_recent(Connection& db, StoredState& to, const Reach& reach) {
  const i64 since_ms = reach.recent_ms;
  const auto first_ms = first_request_ms(db, since_ms);
  SHMETER_TRY(first_ms);
  if (!shm::known(*first_ms)) return {};  // a pause up to now: no block reaches back
  const i64 quarter = since_ms / kQuarter_ms;
  i64 next_ms = *first_ms;
  SHMETER_TRY(add_before(db, to, quarter * kQuarter_ms, since_ms, next_ms));
  const auto clear = add_before_by_quarters(db, to, reach, quarter, next_ms / kQuarter_ms);
  SHMETER_TRY(clear);
  if (*clear) return {};
  to.before_recent.clear();
  next_ms = *first_ms;
  return add_before(db, to, since_ms - kLongestBlockPast_ms, since_ms, next_ms);
}

/// All but the events.
Result<void> load_rest(Connection& db, StoredState& to, const Reach& reach) {
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
  to.sessions = std::move(*sessions);
  SHMETER_TRY(load_models(db, to));
  SHMETER_TRY(load_rollups(db, to, reach.rollups_s));
  SHMETER_TRY(load_quota(db, to));
  SHMETER_TRY(load_files(db, to));
  return load_before_recent(db, to, reach);
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
  const auto count = db.number("SELECT count(*) FROM session");
  SHMETER_TRY(count);
  std::vector<SessionRow> to;
  to.reserve(static_cast<std::size_t>(*count));
  SHMETER_TRY(each_row(db, *rows, [&](const Statement& row) {
    SessionRow& session = to.emplace_back();
    session.number = row.small(0);
    read_found(row, found, session_columns(), &session);
    return true;
  }));
  return to;
}

Result<StoredState> load_state(Connection& db, const Database& database, const Reach& reach) {
  Events events;
  Result<void> events_loaded;
  std::thread other([&] {
    events_loaded = [&]() -> Result<void> {
      auto own = database.open_reader();
      SHMETER_TRY(own);
      SHMETER_TRY(load_hot(**own, events.hot, reach.hot_ms));
      return load_recent(**own, events.recent, reach.recent_ms);
    }();
  });
  StoredState state;
  const auto rest_loaded = load_rest(db, state, reach);
  other.join();
  SHMETER_TRY(rest_loaded);
  SHMETER_TRY(events_loaded);
  state.hot = std::move(events.hot);
  state.recent = std::move(events.recent);
  return state;
}

}  // namespace shmeter::collector
