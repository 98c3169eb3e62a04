// SPDX-License-Identifier: MIT
#include "collector/store/schema.hpp"

#include <array>
#include <set>

#include "collector/store/batch_writer.hpp"
#include "collector/store/columns.hpp"
#include "collector/store/key_index.hpp"
#include "collector/store/outcome_sums.hpp"

namespace shmeter::collector {
namespace {

// `traits` packs what is small (event_rows.cpp): a column costs as much as a number in it. The
// generated columns are for people; they take no room.
constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS name(kind INTEGER, number INTEGER, text TEXT NOT NULL,
  PRIMARY KEY(kind,number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account(number INTEGER PRIMARY KEY, config_dir TEXT, name TEXT,
  login TEXT);
CREATE TABLE IF NOT EXISTS event(id INTEGER PRIMARY KEY,
  message INTEGER NOT NULL, request INTEGER NOT NULL, side_chain INTEGER NOT NULL,
  traits INTEGER NOT NULL, session INTEGER NOT NULL, model INTEGER, agent INTEGER NOT NULL,
  value INTEGER, cost_nanousd INTEGER, request_id TEXT, name TEXT,
  input INTEGER, output INTEGER, write_5m INTEGER, write_1h INTEGER, read INTEGER,
  web_searches INTEGER, latency_ms INTEGER, endpoint TEXT, payer TEXT,
  at_ms INTEGER AS (id >> 19), kind INTEGER AS (traits & 15), counted INTEGER AS (traits >> 4 & 1),
  source INTEGER AS (traits >> 5 & 15));
CREATE TABLE IF NOT EXISTS span(session INTEGER PRIMARY KEY, first INTEGER, last INTEGER);
CREATE TABLE IF NOT EXISTS quota(account INTEGER, window TEXT, used_ppm INTEGER, resets_at_s INTEGER,
  observed_at_s INTEGER, source INTEGER, details TEXT, response_ms INTEGER, at_ms INTEGER,
  PRIMARY KEY(account,window)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quota_history(account INTEGER, window TEXT, used_ppm INTEGER,
  resets_at_s INTEGER, observed_at_s INTEGER, source INTEGER, details TEXT, response_ms INTEGER,
  at_ms INTEGER, PRIMARY KEY(account,window,at_ms)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS file(path TEXT PRIMARY KEY, device INTEGER, inode INTEGER,
  offset INTEGER, searched INTEGER, tail_hash INTEGER, modified_ns INTEGER,
  turn INTEGER, turn_began_ms INTEGER, turns_timed INTEGER) WITHOUT ROWID;
)";
static_assert(kPlaceBits == 19, "at_ms above");

const char* type_of(const Column& column) {
  const bool text = column.type == Column::Type::text || column.type == Column::Type::string;
  return text ? " TEXT" : " INTEGER";
}

std::string definitions(std::span<const Column> columns) {
  std::string text;
  for (const Column& column : columns) text += "," + column.name + type_of(column);
  return text;
}

Result<void> make_tables(Connection& db) {
  SHMETER_TRY(db.run(kTables));
  SHMETER_TRY(db.run("CREATE TABLE IF NOT EXISTS session(number INTEGER PRIMARY KEY" +
                     definitions(session_columns()) + ")"));
  SHMETER_TRY(db.run("CREATE TABLE IF NOT EXISTS model_total(model INTEGER PRIMARY KEY" +
                     definitions(usage_columns()) + ")"));
  SHMETER_TRY(
      db.run("CREATE TABLE IF NOT EXISTS rollup(quarter INTEGER,session INTEGER,"
             "model INTEGER" +
             definitions(usage_columns()) + ",PRIMARY KEY(quarter,session,model)) WITHOUT ROWID"));
  return {};
}

/// Version 1 had an index of the table `event` here, of the same name.
Result<void> make_key_tables(Connection& db) {
  SHMETER_TRY(db.run("DROP INDEX IF EXISTS event_key"));
  SHMETER_TRY(
      db.run("CREATE TABLE event_key(message INTEGER,request INTEGER,side_chain INTEGER,"
             "id INTEGER NOT NULL,PRIMARY KEY(message,request,side_chain)) WITHOUT ROWID"));
  SHMETER_TRY(
      db.run("CREATE TABLE new_key(row INTEGER PRIMARY KEY,message INTEGER,request INTEGER,"
             "side_chain INTEGER,id INTEGER)"));
  return KeyIndex::make_anew(db);
}

/// An index `event_outcome`, for which version 4 has sums.
Result<void> version_three(Connection&) { return {}; }

struct MadeOfFields {
  const char* table;
  std::span<const Column> columns;
  const char* otherwise;  // what an older row has in a new column
};

std::array<MadeOfFields, 5> made_of_fields() {
  return {MadeOfFields{"session", session_columns(), ""},
          MadeOfFields{"model_total", usage_columns(), " DEFAULT 0"},
          MadeOfFields{"rollup", usage_columns(), " DEFAULT 0"},
          MadeOfFields{"day_rollup", usage_columns(), " DEFAULT 0"},
          MadeOfFields{"quarter_total", usage_columns(), " DEFAULT 0"}};
}

/// ALTER TABLE for each column that the field tables have and the file has not.
Result<std::vector<std::string>> lacking(Connection& db) {
  std::vector<std::string> alter;
  for (const MadeOfFields& made : made_of_fields()) {
    auto info = db.prepare(std::string("PRAGMA table_info(") + made.table + ")");
    SHMETER_TRY(info);
    std::set<std::string, std::less<>> there;
    int code = SQLITE_ROW;
    while ((code = info->step()) == SQLITE_ROW) there.emplace(info->text(1));
    SHMETER_TRY(db.check(code, "read it"));
    for (const Column& column : made.columns)
      if (!there.contains(column.name))
        alter.push_back(std::string("ALTER TABLE ") + made.table + " ADD COLUMN " + column.name +
                        type_of(column) + made.otherwise);
  }
  return alter;
}

Result<void> add_lacking(Connection& db) {
  const auto alter = lacking(db);
  SHMETER_TRY(alter);
  for (const std::string& sql : *alter) SHMETER_TRY(db.run(sql));
  return {};
}

/// Sums of roll-ups, so that a month is read in a few rows.
Result<void> make_coarse_rollups(Connection& db) {
  SHMETER_TRY(db.run("CREATE TABLE day_rollup(day INTEGER,session INTEGER,model INTEGER" +
                     definitions(usage_columns()) +
                     ",PRIMARY KEY(day,session,model)) WITHOUT ROWID"));
  SHMETER_TRY(db.run("CREATE TABLE quarter_total(quarter INTEGER PRIMARY KEY" +
                     definitions(usage_columns()) + ")"));
  SHMETER_TRY(add_functions(db));
  SHMETER_TRY(add_lacking(db));
  const std::string usage = join(usage_columns());
  SHMETER_TRY(db.run(
      "INSERT INTO day_rollup(day,session,model," + usage + ")SELECT quarter/96,session,model," +
      usage + " FROM rollup WHERE 1 ON CONFLICT(day,session,model)DO UPDATE SET " + ring_sums()));
  return db.run("INSERT INTO quarter_total(quarter," + usage + ")SELECT quarter," + usage +
                " FROM rollup WHERE 1 ON CONFLICT(quarter)DO UPDATE SET " + ring_sums());
}

Result<void> version_four(Connection& db) {
  SHMETER_TRY(make_coarse_rollups(db));
  return make_outcome_sums(db);
}

Result<void> step_forward(Connection& db, std::span<const MigrationStep> steps) {
  const auto version = db.number("PRAGMA user_version");  // somebody else may have been faster
  SHMETER_TRY(version);
  i64 made = *version;
  for (const MigrationStep& step : steps) {
    if (step.to <= made) continue;
    SHMETER_TRY(step.go(db));
    made = step.to;
  }
  SHMETER_TRY(add_lacking(db));
  SHMETER_TRY(db.run("PRAGMA application_id=" + std::to_string(kApplicationId)));
  return db.run("PRAGMA user_version=" + std::to_string(made));
}

/// The file's version. Errors: invalid.
Result<i64> version_of(Connection& db, i64 newest) {
  const auto tables = db.number("SELECT count(*) FROM sqlite_schema");
  SHMETER_TRY(tables);
  const auto id = db.number("PRAGMA application_id");
  SHMETER_TRY(id);
  if (*tables > 0 && *id != kApplicationId)
    return fail(Errc::invalid, db.name() + ": is another program's database: move it away");
  auto version = db.number("PRAGMA user_version");
  if (version && *version > newest)
    return fail(Errc::invalid, db.name() + ": was made by a newer version (format " +
                                   std::to_string(*version) + ", this one knows " +
                                   std::to_string(newest) + "): use that version, or move it away");
  return version;
}

}  // namespace

std::span<const MigrationStep> migration_steps() {
  static constexpr std::array<MigrationStep, kSchemaVersion> kSteps = {
      {{1, make_tables}, {2, make_key_tables}, {3, version_three}, {4, version_four}}};
  return kSteps;
}

Result<void> migrate(Connection& db, std::span<const MigrationStep> steps) {
  const i64 newest = steps.back().to;
  const auto version = version_of(db, newest);
  SHMETER_TRY(version);
  if (*version == newest) {
    const auto alter = lacking(db);
    SHMETER_TRY(alter);
    if (alter->empty()) return {};
  }
  SHMETER_TRY(db.run("BEGIN IMMEDIATE"));
  auto done = step_forward(db, steps);
  if (done) done = db.run("COMMIT");
  if (!done) db.roll_back();
  return done;
}

Result<void> check_not_newer(Connection& db) {
  SHMETER_TRY(version_of(db, kSchemaVersion));
  return {};
}

Result<void> check_version(Connection& db) {
  const auto version = version_of(db, kSchemaVersion);
  SHMETER_TRY(version);
  if (*version < kSchemaVersion)
    return fail(Errc::invalid, db.name() +
                                   ": was made by an older version: start the collector "
                                   "once, which brings it forward");
  return {};
}

}  // namespace shmeter::collector
