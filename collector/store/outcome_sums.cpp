// SPDX-License-Identifier: MIT
// All of it is made of four texts: the keys, the sums, and the bucket of one event, which is the
// new row, the old row or one of a select. Nothing but SQL is in them, so that somebody's sqlite3
// can change events, too.
#include "collector/store/outcome_sums.hpp"

#include <algorithm>
#include <vector>

#include "collector/store/event_rows.hpp"

namespace shmeter::collector {
namespace {

static_assert(kPlaceBits == 19, "id>>19 below");

constexpr int kExactBits = 6;
constexpr int kMostShift = 35;  // 69 years
constexpr i64 kHoursOfDay = 24;

// SQL has no logarithm: which latencies are shifted how far is in a table, as the schema's text is
// parsed by every connection and should be short.
constexpr const char* kScale =
    "CREATE TABLE latency_scale(least INTEGER PRIMARY KEY,shift INTEGER)";

i64 least_of(int shift) { return shift == 0 ? 0 : i64{1} << (kExactBits - 1 + shift); }

std::string bucket(const std::string& latency) {
  return "(SELECT 32*shift+(max(" + latency + ",0)>>shift)FROM latency_scale WHERE least<=max(" +
         latency + ",0)ORDER BY least DESC LIMIT 1)";
}

/// The same.
i64 latency_bucket(i64 latency_ms) {
  latency_ms = std::max<i64>(latency_ms, 0);
  int shift = 0;
  while (shift < kMostShift && latency_ms >> shift >= i64{1} << kExactBits) ++shift;
  return 32 * shift + (latency_ms >> shift);
}
static_assert(kMostLatencyBuckets - 1 >= 32 * kMostShift + 63);

Result<void> make_scale(Connection& db) {
  SHMETER_TRY(db.run(kScale));
  for (int shift = 0; shift <= kMostShift; ++shift)
    SHMETER_TRY(db.run("INSERT INTO latency_scale VALUES(" + std::to_string(least_of(shift)) + "," +
                       std::to_string(shift) + ")"));
  return {};
}

/// A table of sums. Texts say `@` for what stands before a column: NEW., OLD. or nothing.
struct Sums {
  std::string table;
  std::string keys;        // columns
  std::string key_values;  // of an event
  std::string columns;     // that are added up
  std::string values;      // of an event
  std::string only;        // which events, of all that tell an outcome
  std::string empty;       // nothing is left in a row
};

std::string unit_of(const OutcomeTable& table) {
  return "(@id>>19)/" + std::to_string(table.unit_ms);
}

/// How the requests went of those that share these keys.
Sums outcomes(const OutcomeTable& table, const std::string& keys, const std::string& values) {
  static_assert(static_cast<int>(EventKind::tokens) == 1 &&
                static_cast<int>(EventKind::failure) == 5 && kKindTraits == 15 &&
                kFailedTrait == 16384);
  return {table.name,
          table.unit + keys,
          unit_of(table) + values,
          kOutcomeColumns,
          "(@traits&15=1),iif(@traits&15=1,ifnull(@input+@output+@write_5m+@write_1h+@read,0),0),"
          "(@traits&15=5),(@traits&15=1 AND @traits&16384<>0),(@latency_ms IS NOT NULL),"
          "ifnull(@latency_ms,0)",
          "",
          "requests=0 AND failures=0"};
}

Sums callers(const OutcomeTable& table) {
  return outcomes(table, ",session,endpoint,payer",
                  ",@session,ifnull(@endpoint,''),ifnull(@payer,'')");
}

Sums latencies(const OutcomeTable& table) {
  return {table.name,
          table.unit + std::string(",bucket"),
          unit_of(table) + ",@bucket",
          "requests,latency_ms",
          "1,@latency_ms",
          " AND @latency_ms IS NOT NULL",
          "requests=0"};
}

const std::vector<Sums>& all_sums() {
  static const std::vector<Sums> all = {outcomes(kOutcomeTables[0], "", ""),
                                        callers(kCallerTables[0]), callers(kCallerTables[1]),
                                        latencies(kLatencyTables[0]), latencies(kLatencyTables[1])};
  return all;
}

std::string of_row(std::string_view text, const std::string& row) {
  constexpr std::string_view kBucket = "@bucket";
  std::string made;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with(kBucket)) {
      made += bucket(row + "latency_ms");
      at += kBucket.size() - 1;
    } else if (text[at] == '@') {
      made += row;
    } else {
      made += text[at];
    }
  }
  return made;
}

/// "f(a),f(b)" of "a,b": a comma within brackets is none of the list.
template <class Each>
std::string each_of(std::string_view list, Each&& each) {
  std::string made;
  int depth = 0;
  for (std::size_t begin = 0, at = 0; at <= list.size(); ++at) {
    if (at < list.size() && list[at] == '(') ++depth;
    if (at < list.size() && list[at] == ')') --depth;
    if (at < list.size() && (list[at] != ',' || depth > 0)) continue;
    made += (made.empty() ? "" : ",") + each(std::string(list.substr(begin, at - begin)));
    begin = at + 1;
  }
  return made;
}

/// Which events are in the table.
std::string condition(const Sums& sums, const std::string& row) {
  return row + "traits&16=16 AND " + outcome_condition(row) + of_row(sums.only, row);
}

std::string insert(const Sums& sums) {
  return "INSERT INTO " + sums.table + "(" + sums.keys + "," + sums.columns + ")";
}

std::string on_conflict(const Sums& sums) {
  return " ON CONFLICT(" + sums.keys + ")DO UPDATE SET " +
         each_of(sums.columns,
                 [](const std::string& one) { return one + "=" + one + "+excluded." + one; });
}

/// The row of a trigger into the table, or out of it.
std::string add_row(const Sums& sums, const std::string& row, const std::string& sign) {
  return insert(sums) + "SELECT " + of_row(sums.key_values, row) + "," +
         each_of(of_row(sums.values, row), [&](const std::string& one) { return sign + one; }) +
         " WHERE 1" + of_row(sums.only, row) + on_conflict(sums) + ";";
}

/// A row of sums.
std::string add_sums(const Sums& sums) {
  const auto place = [](const std::string&) { return std::string("?"); };
  return insert(sums) + "VALUES(" + each_of(sums.keys, place) + "," + each_of(sums.columns, place) +
         ")" + on_conflict(sums);
}

/// The old event's row, when nothing is left in it.
std::string forget_row(const Sums& sums) {
  return "DELETE FROM " + sums.table + " WHERE(" + sums.keys + ")=(" +
         of_row(sums.key_values, "OLD.") + ")AND " + sums.empty;
}

std::string trigger(const std::string& name, const std::string& when, const std::string& row) {
  std::string text = "CREATE TRIGGER " + name + " AFTER " + when + " ON event WHEN " + row +
                     "traits&16=16 AND " + outcome_condition(row) + " BEGIN ";
  for (const Sums& sums : all_sums()) {
    text += add_row(sums, row, row == "OLD." ? "-" : "");
    if (row == "OLD.") text += forget_row(sums) + ";";
  }
  return text + "END;";
}

std::string select(const Sums& sums, const std::string& where, const std::string& index = "") {
  int keys = 0;
  const auto number = [&](const std::string&) { return std::to_string(++keys); };
  const auto sum = [](const std::string& one) { return "sum(" + one + ")"; };
  return "SELECT " + of_row(sums.key_values, "") + "," + each_of(of_row(sums.values, ""), sum) +
         " FROM event" + index + " WHERE " + condition(sums, "") + " AND " + where + " GROUP BY " +
         each_of(sums.keys, number);
}

/// Binds the sums and runs it.
int run(Statement& to, int first, const OutcomeSum& sum) {
  for (const i64 value :
       {sum.requests, sum.tokens, sum.failures, sum.failed_requests, sum.timed, sum.latency_ms})
    to.bind(first++, value);
  return to.run();
}

}  // namespace

Result<void> make_outcome_sums(Connection& db) {
  SHMETER_TRY(db.run("DROP INDEX IF EXISTS event_outcome"));  // of version 3
  SHMETER_TRY(db.run("CREATE INDEX event_failure ON event(id) WHERE " + failure_condition()));
  for (const Sums& sums : all_sums()) {
    const auto column = [](const std::string& one) {
      const bool is_text = one == "endpoint" || one == "payer";
      return one + (is_text ? " TEXT NOT NULL" : " INTEGER NOT NULL");
    };
    SHMETER_TRY(db.run("CREATE TABLE " + sums.table + "(" + each_of(sums.keys, column) + "," +
                       each_of(sums.columns, column) + ",PRIMARY KEY(" + sums.keys +
                       "))WITHOUT ROWID"));
  }
  SHMETER_TRY(make_scale(db));
  SHMETER_TRY(fill_outcome_sums(db, Told::all));
  return make_outcome_triggers(db);
}

Result<void> make_outcome_triggers(Connection& db) {
  // A new price is none of ours.
  const std::string changed =
      "UPDATE OF id,traits,session,input,output,write_5m,write_1h,read,latency_ms,endpoint,payer";
  return db.run(trigger("event_went", "DELETE", "OLD.") + trigger("event_was", changed, "OLD.") +
                trigger("event_is", changed, "NEW."));
}

Result<void> drop_outcome_triggers(Connection& db) {
  return db.run("DROP TRIGGER event_went;DROP TRIGGER event_was;DROP TRIGGER event_is");
}

Result<void> fill_outcome_sums(Connection& db, Told told) {
  for (const Sums& sums : all_sums())
    SHMETER_TRY(db.run(insert(sums) + (told == Told::all ? select(sums, "1")
                                                         : select(sums, failure_condition(),
                                                                  " INDEXED BY event_failure"))));
  return {};
}

void OutcomeAdder::add(const StoredEvent& event, i64 id) {
  const i64 at_ms = event_time_ms(id);
  const i64 hour = at_ms / kCallerTables[1].unit_ms;
  const bool is_booked = event.kind == EventKind::tokens;
  const bool is_timed = shm::known(event.call.latency_ms);
  const OutcomeSum sum{is_booked ? 1 : 0, is_booked ? event.tokens.total() : 0,
                       is_booked ? 0 : 1, is_booked && event.call.failed ? 1 : 0,
                       is_timed ? 1 : 0,  is_timed ? event.call.latency_ms : 0};
  quarters_[at_ms / kOutcomeTables[0].unit_ms].add(sum);
  callers_[{hour, event.session, std::string(event.call.endpoint), std::string(event.call.key)}]
      .add(sum);
  if (!is_timed) return;
  const i64 bucket = latency_bucket(event.call.latency_ms);
  latencies_[{hour, bucket}].add({bucket, 1, event.call.latency_ms});
}

Result<void> OutcomeAdder::settle() {
  if (quarters_.empty()) return {};
  SHMETER_TRY(prepare());
  for (const auto& [quarter, sum] : quarters_) {
    statements_[0].bind(1, quarter);
    SHMETER_TRY(db_->check(run(statements_[0], 2, sum), "write how requests went"));
  }
  std::map<Caller, OutcomeSum> day_callers;
  for (const auto& [caller, sum] : callers_) {
    Caller of_day = caller;
    of_day.hour /= kHoursOfDay;
    day_callers[of_day].add(sum);
  }
  SHMETER_TRY(write_callers(statements_[1], day_callers));
  SHMETER_TRY(write_callers(statements_[2], callers_));
  std::map<std::pair<i64, i64>, LatencySum> day_latencies;
  for (const auto& [key, sum] : latencies_)
    day_latencies[{key.first / kHoursOfDay, key.second}].add(sum);
  SHMETER_TRY(write_latencies(statements_[3], day_latencies));
  SHMETER_TRY(write_latencies(statements_[4], latencies_));
  forget();
  return {};
}

Result<void> OutcomeAdder::write_callers(Statement& to, const std::map<Caller, OutcomeSum>& sums) {
  for (const auto& [caller, sum] : sums) {
    to.bind(1, caller.hour);
    to.bind(2, i64{caller.session});
    to.bind(3, std::string_view(caller.endpoint));
    to.bind(4, std::string_view(caller.payer));
    SHMETER_TRY(db_->check(run(to, 5, sum), "write how requests went"));
  }
  return {};
}

Result<void> OutcomeAdder::write_latencies(Statement& to,
                                           const std::map<std::pair<i64, i64>, LatencySum>& sums) {
  for (const auto& [key, sum] : sums) {
    int at = 1;
    for (const i64 value : {key.first, key.second, sum.requests, sum.latency_ms})
      to.bind(at++, value);
    SHMETER_TRY(db_->check(to.run(), "write how long requests took"));
  }
  return {};
}

Result<void> OutcomeAdder::prepare() {
  for (std::size_t i = statements_.size(); i < all_sums().size(); ++i) {
    auto statement = db_->prepare(add_sums(all_sums()[i]));
    SHMETER_TRY(statement);
    statements_.push_back(std::move(*statement));
  }
  return {};
}

void OutcomeAdder::forget() {
  quarters_.clear();
  callers_.clear();
  latencies_.clear();
}

std::string select_outcomes(const OutcomeTable& table, const std::string& where) {
  const auto is = [&](const Sums& sums) { return sums.table == table.name; };
  return select(*std::find_if(all_sums().begin(), all_sums().end(), is), where);
}

}  // namespace shmeter::collector
