// SPDX-License-Identifier: MIT
// Files of other versions and of other programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/store/columns.hpp"
#include "collector/store/event_rows.hpp"
#include "collector/store/schema.hpp"
#include "tests/store/sample.hpp"
#include "tests/store/sums.hpp"
#include "tests/store/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
using shmeter::test::TempDir;
using test::kNow_ms;
using test::StoreAtWork;
using testing::HasSubstr;

class MigrationTest : public testing::Test {
 protected:
  MigrationTest() {
    fs::create_directory(dir_.path("state"));
    fs::permissions(dir_.path("state"), fs::perms::owner_all);
  }
  Connection sql(const std::string& statements) {
    auto db = Connection::open(path_, path_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    EXPECT_TRUE(db);
    const auto done = db->run(statements);
    EXPECT_TRUE(done) << done.error().message;
    return std::move(*db);
  }
  TempDir dir_;
  std::string path_ = dir_.path("state/usage.db");
};

constexpr const char* kWithoutVersionFour =
    "DROP TRIGGER event_went;DROP TRIGGER event_was;DROP TRIGGER event_is;"
    "DROP INDEX event_failure;DROP TABLE outcome;DROP TABLE caller;DROP TABLE latency;"
    "DROP TABLE day_caller;DROP TABLE day_latency;DROP TABLE latency_scale;DROP TABLE "
    "day_rollup;DROP TABLE quarter_total;";

TEST_F(MigrationTest, AVersionZeroFileIsBroughtForward) {
  // As before there were versions: a session of three columns, no events, no roll-ups.
  sql("PRAGMA application_id=" + std::to_string(kApplicationId) +
      ";CREATE TABLE session(number INTEGER PRIMARY KEY,session_id TEXT,mark_account INTEGER);"
      "INSERT INTO session VALUES(0,'abc',3);"
      "CREATE TABLE name(kind INTEGER,number INTEGER,text TEXT NOT NULL,"
      "PRIMARY KEY(kind,number)) WITHOUT ROWID;INSERT INTO name VALUES(1,0,'abc')");
  const auto too_old = StoreReader::open(path_);
  ASSERT_FALSE(too_old);
  EXPECT_EQ(too_old.error().code, Errc::invalid);
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.store) << at_work.error->message;
  StoredState state = at_work.load();
  ASSERT_EQ(state.sessions.size(), 1u);
  EXPECT_EQ(state.sessions[0].record.session_id.view(), "abc");
  EXPECT_EQ(state.sessions[0].marks.account, 3);
  EXPECT_EQ(state.sessions[0].marks.turn_ms, kUnknown);
  state.sessions[0].marks.turn_ms = 5;
  StoreBatch batch;
  batch.sessions = state.sessions;
  test::put(batch, test::request(1, kNow_ms));
  ASSERT_TRUE(at_work.write(std::move(batch)));
  EXPECT_EQ(at_work.load().sessions[0].marks.turn_ms, 5);
  EXPECT_EQ(at_work.load().hot.size(), 1u);
  EXPECT_EQ(*sql("").number("PRAGMA user_version"), kSchemaVersion);
}

TEST_F(MigrationTest, AFieldThatWasAppendedIsAColumnMore) {
  {
    StoreAtWork at_work(path_);
    StoreBatch batch;
    batch.names.push_back({NameTable::session, 0, "abc"});
    batch.sessions.emplace_back().record.session_id.assign("abc");
    test::put(batch, test::request(1, kNow_ms));
    ASSERT_TRUE(at_work.write(std::move(batch)));
  }
  sql("ALTER TABLE session DROP COLUMN mark_pid;ALTER TABLE rollup DROP COLUMN unpriced_tokens");
  {
    const auto reader = StoreReader::open(path_);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ((*reader)->sessions()->at(0).record.session_id.view(), "abc");
  }
  StoreAtWork at_work(path_);
  const StoredState state = at_work.load();
  EXPECT_EQ(state.sessions.at(0).record.session_id.view(), "abc");
  EXPECT_EQ(state.sessions[0].marks.pid, kUnknown);
  EXPECT_EQ(state.rollups.at(0).second, test::booking(test::request(1, kNow_ms)).amount);
}

TEST_F(MigrationTest, ANewerVersionIsNotTouched) {
  { StoreAtWork at_work(path_); }
  sql("PRAGMA user_version=" + std::to_string(kSchemaVersion + 1));
  const std::string before = shmeter::test::contents(path_);
  {
    StoreAtWork at_work(path_);
    ASSERT_TRUE(at_work.error);
    EXPECT_EQ(at_work.error->code, Errc::invalid);
    EXPECT_THAT(at_work.error->message,
                HasSubstr("newer version (format " + std::to_string(kSchemaVersion + 1) +
                          ", this one knows " + std::to_string(kSchemaVersion) + ")"));
    const auto reader = StoreReader::open(path_);
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, Errc::invalid);
    const auto copy = Store::open_copy(at_work.loop, path_, [](const std::string&) {});
    ASSERT_FALSE(copy);
    EXPECT_EQ(copy.error().code, Errc::invalid);
  }
  EXPECT_EQ(shmeter::test::contents(path_), before);
}

TEST_F(MigrationTest, AnotherProgramsDatabaseIsNotTouched) {
  sql("CREATE TABLE mine(x);INSERT INTO mine VALUES(1)");
  const std::string before = shmeter::test::contents(path_);
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.error);
  EXPECT_EQ(at_work.error->code, Errc::invalid);
  EXPECT_THAT(at_work.error->message, HasSubstr("another program's"));
  EXPECT_EQ(shmeter::test::contents(path_), before);
}

Result<void> next_step(Connection& db) { return db.run("CREATE TABLE later(x)"); }
Result<void> fails_after_it(Connection& db) { return db.run("CREATE TABLE later(y)"); }

TEST_F(MigrationTest, StepsGoForwardTogetherOrNotAtAll) {
  constexpr i64 kNext = kSchemaVersion + 1;
  Connection db = sql("");
  ASSERT_TRUE(migrate(db));
  const MigrationStep first = migration_steps()[0];
  const MigrationStep broken[] = {first, {kNext, next_step}, {kNext + 1, fails_after_it}};
  EXPECT_FALSE(migrate(db, broken));
  EXPECT_EQ(*db.number("PRAGMA user_version"), kSchemaVersion);
  EXPECT_EQ(*db.number("SELECT count(*) FROM sqlite_schema WHERE name='later'"), 0);
  const MigrationStep steps[] = {first, {kNext, next_step}};
  ASSERT_TRUE(migrate(db, steps));
  ASSERT_TRUE(migrate(db, steps)) << "each step once";
  EXPECT_EQ(*db.number("PRAGMA user_version"), kNext);
}

// In version 1 the keys were an index.
TEST_F(MigrationTest, TheKeysOfVersionOneBecomeATable) {
  {
    StoreAtWork at_work(path_);
    StoreBatch batch;
    for (u64 i = 0; i < 100; ++i) test::put(batch, test::request(i, kNow_ms));
    ASSERT_TRUE(at_work.write(std::move(batch)));
  }
  sql(std::string(kWithoutVersionFour) +
      "DROP TABLE event_key;DROP TABLE new_key;PRAGMA user_version=1;"
      "CREATE UNIQUE INDEX event_key ON event(message,request,side_chain)");
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.store) << at_work.error->message;
  StoreBatch batch;
  for (u64 i = 50; i < 150; ++i) batch.keep(test::request(i, kNow_ms + 1));
  ASSERT_TRUE(at_work.write(std::move(batch)));
  EXPECT_EQ(at_work.load().hot.size(), 150u);
  for (const u64 i : {0u, 75u, 149u})
    EXPECT_EQ(at_work.look_up({test::request(i, 0).key.message})->events.size(), 1u) << i;
}

// Sums of version 3 are made of its events and roll-ups.
TEST_F(MigrationTest, SumsOfVersionThreeAreMade) {
  test::Random random(3);
  {
    StoreAtWork at_work(path_);
    StoreBatch batch;
    for (u64 i = 0; i < 500; ++i) test::put(batch, test::with_outcome(random, i));
    ASSERT_TRUE(at_work.write(std::move(batch)));
  }
  const test::Sums before = test::stored_sums(path_);
  EXPECT_EQ(before, test::counted_sums(path_));
  EXPECT_GT(before.size(), 500u);
  sql(std::string(kWithoutVersionFour) +
      "CREATE INDEX event_outcome ON event(id) WHERE traits&15=5;PRAGMA user_version=3");
  { StoreAtWork at_work(path_); }
  EXPECT_EQ(test::stored_sums(path_), before);
  EXPECT_EQ(test::wrong_coarse_rollups(path_), 0);
  EXPECT_GT(*sql("").number("SELECT count(*) FROM day_rollup"), 5);
  EXPECT_GT(*sql("").number("SELECT count(*) FROM quarter_total"), 100);
  // The newest failures are found without a look at every event.
  Connection db = sql("");
  EXPECT_EQ(*db.number("SELECT count(*) FROM sqlite_schema WHERE name='event_outcome'"), 0);
  auto plan = db.prepare(
      "EXPLAIN QUERY PLAN SELECT * FROM event WHERE id>=7 AND id<9 AND traits&16=16 AND " +
      failure_condition() + " ORDER BY id DESC LIMIT 20");
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->step(), SQLITE_ROW);
  EXPECT_THAT(std::string(plan->text(3)), HasSubstr("USING INDEX event_failure"));
}

// Two fields under one name would overwrite each other without a word.
TEST(Columns, HaveNamesOfTheirOwn) {
  std::set<std::string> names = {"number"};
  for (const Column& column : session_columns())
    EXPECT_TRUE(names.insert(column.name).second) << column.name;
  EXPECT_GT(names.size(), 80u);
}

}  // namespace
}  // namespace shmeter::collector
