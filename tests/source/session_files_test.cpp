// SPDX-License-Identifier: MIT
#include "collector/source/session_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/source/observed.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A process of the made-up /proc, with a name that tries to be fields.
std::string stat_line(i64 pid, char state, i64 start) {
  return std::to_string(pid) + " (a) S 1 (b) " + state +
         " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 " + std::to_string(start) + " 23 24\n";
}

TEST(SessionClaim, FilesAreNamedAfterTheirProcess) {
  const struct {
    const char* name;
    i64 pid;
  } rows[] = {{"7744.json", 7744},           {"1.json", 1},
              {".json", kUnknown},           {"7744", kUnknown},
              {"-1.json", kUnknown},         {"+1.json", kUnknown},
              {"a.json", kUnknown},          {"1.json.tmp", kUnknown},
              {"12345678901.json", kUnknown}};
  for (const auto& row : rows) EXPECT_EQ(pid_of_file(row.name), row.pid) << row.name;
}

TEST(SessionClaim, ReadsWhatTheFileSays) {
  const auto claim = parse_session_file(
      R"({"pid":7744,"pidDomain":"linux","procStart":"88001","sessionId":"s-1","cwd":"/home/dev",
          "startedAt":1795295239255,"updatedAt":1795295251000,"status":"waiting",
          "statusUpdatedAt":1795295250000,"version":"2.1.330","kind":"interactive","name":"fix"})",
      7744);
  ASSERT_TRUE(claim);
  SessionClaim want;
  want.session_id = "s-1";
  want.pid = 7744;
  want.process_start = 88001;
  want.status = shm::SessionStatus::waiting;
  want.status_at_ms = 1795295250000;
  want.started_at_ms = 1795295239255;
  want.name = "fix";
  want.cwd = "/home/dev";
  want.version = "2.1.330";
  EXPECT_EQ(*claim, want);

  const struct {
    const char* status;
    shm::SessionStatus want;
  } rows[] = {{"\"idle\"", shm::SessionStatus::idle},  {"\"busy\"", shm::SessionStatus::busy},
              {"\"shell\"", shm::SessionStatus::busy}, {"\"new\"", shm::SessionStatus::unknown},
              {"null", shm::SessionStatus::unknown},   {"7", shm::SessionStatus::unknown}};
  for (const auto& row : rows)
    EXPECT_EQ(parse_session_file(std::string(R"({"sessionId":"s","status":)") + row.status + "}", 1)
                  ->status,
              row.want);
  for (const char* bad : {"", "{", "[]", "{}", R"({"sessionId":"a b"})",
                          R"({"sessionId":"s","pid":7745})", R"({"sessionId":7})"})
    EXPECT_FALSE(parse_session_file(bad, 7744)) << bad;
}

TEST(SessionClaim, MutationsNeverCrash) {
  test::for_mutations(
      R"({"pid":7744,"procStart":"88001","sessionId":"s-1","cwd":"/home/dev","startedAt":1795295239255,"status":"waiting","statusUpdatedAt":1795295250000,"version":"2.1.330","name":"fix"})",
      4000, [](const std::string& json) {
        if (const auto claim = parse_session_file(json, 7744)) {
          EXPECT_TRUE(valid_session_id(claim->session_id));
        }
      });
}

TEST(SessionClaim, ProcessAgreesTable) {
  test::TempDir proc;
  const struct {
    const char* stat;
    i64 start;
    bool agrees;
  } rows[] = {
      {"7 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 500 23", 500, true},
      {"7 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 500 23", 501, false},
      {"7 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 500 23", kUnknown, true},
      {"7 (x) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 500 23", 500, false},
      {"7 (x) S 1 2 3", 500, false},
      {"7 (x", 500, false},
      {"7 (x)", 500, false},
      {"", 500, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.stat);
    test::replace(proc.path("7/stat"), row.stat);
    SessionClaim claim;
    claim.pid = 7;
    claim.process_start = row.start;
    EXPECT_EQ(process_agrees(claim, proc.path()), row.agrees);
  }
  SessionClaim absent;
  absent.pid = 8;
  EXPECT_FALSE(process_agrees(absent, proc.path()));
  SessionClaim ourselves;
  ourselves.pid = ::getpid();
  EXPECT_TRUE(process_agrees(ourselves, "/proc"));
}

class SessionFilesTest : public testing::Test {
 protected:
  SessionFilesTest()
      : files_(loop_, {root_.path()},
               {.observed =
                    [this](std::size_t root, const Observation& seen) {
                      EXPECT_EQ(root, 0u);
                      observed_.take()(seen);
                    },
                .turn_ends = [this] { ++turns_; }},
               {.proc = proc_.path(), .now_ms = [] { return i64{1000}; }}) {}

  void process(i64 pid, i64 start, char state = 'S') {
    test::replace(proc_.path(std::to_string(pid) + "/stat"), stat_line(pid, state, start));
  }
  void end_process(i64 pid) { std::filesystem::remove_all(proc_.path(std::to_string(pid))); }
  std::string path(i64 pid) const {
    return root_.path("sessions/" + std::to_string(pid) + ".json");
  }
  void session(i64 pid, i64 start, const char* id, const char* status = "idle") {
    test::replace(path(pid), R"({"procStart":)" + std::to_string(start) + R"(,"sessionId":")" + id +
                                 R"(","status":")" + status + "\"}");
  }
  std::vector<std::string> said() { return std::exchange(observed_.lines, {}); }

  test::TempDir root_;
  test::TempDir proc_;
  test::Observed observed_;
  int turns_ = 0;
  Loop loop_;
  SessionFiles files_;
};

TEST_F(SessionFilesTest, TellsASessionFromItsStartToItsEnd) {
  files_.look();  // no directory yet
  EXPECT_THAT(said(), IsEmpty());
  process(7, 500);
  session(7, 500, "s");
  files_.look();
  EXPECT_THAT(said(), ElementsAre("alive session=s pid=7 status=1 at=1000"));
  files_.look();
  EXPECT_THAT(said(), IsEmpty());  // nothing new
  session(7, 500, "s", "busy");
  loop_.turn();  // heard at once
  EXPECT_THAT(said(), ElementsAre("alive session=s pid=7 status=2 at=1000"));
  EXPECT_GT(turns_, 0);
  std::filesystem::remove(path(7));
  files_.look();
  EXPECT_THAT(said(), ElementsAre("gone session=s pid=7 at=1000"));
  files_.look();
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(SessionFilesTest, AProcessThatDiedLeavesItsFile) {
  process(7, 500);
  session(7, 500, "s");
  files_.look();
  said();
  end_process(7);
  files_.look();
  EXPECT_THAT(said(), ElementsAre("gone session=s pid=7 at=1000"));
  process(7, 900);  // the number is somebody else's now
  files_.look();
  files_.look();
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(SessionFilesTest, AFileFromBeforeIsToldGoneOnce) {
  session(7, 500, "s");
  files_.look();
  EXPECT_THAT(said(), ElementsAre("gone session=s pid=7 at=1000"));
  files_.look();
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(SessionFilesTest, ASessionMayLiveOnUnderAnotherProcess) {
  process(9, 700);
  session(7, 500, "s");
  session(9, 700, "s");
  files_.look();
  EXPECT_THAT(said(), ElementsAre("alive session=s pid=9 status=1 at=1000"));
  std::filesystem::remove(path(7));
  files_.look();
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(SessionFilesTest, AProcessMayGoOnToAnotherSession) {
  process(7, 500);
  session(7, 500, "one");
  files_.look();
  said();
  session(7, 500, "two");
  files_.look();
  EXPECT_THAT(said(), ElementsAre("gone session=one pid=7 at=1000",
                                  "alive session=two pid=7 status=1 at=1000"));
}

TEST_F(SessionFilesTest, WhatCannotBeBelievedIsNotRead) {
  process(7, 500);
  process(8, 500);
  process(9, 500);
  process(10, 500);
  test::replace(root_.path("elsewhere"), R"({"procStart":500,"sessionId":"linked"})");
  std::filesystem::create_directories(root_.path("sessions"));
  std::filesystem::create_symlink(root_.path("elsewhere"), path(7));
  test::replace(path(8), R"({"procStart":500,"sessionId":"big","x":")" +
                             std::string(kMaxSessionFile, 'x') + "\"}");
  ASSERT_EQ(::mkfifo(path(9).c_str(), 0600), 0);
  std::filesystem::create_directory(path(10));
  test::replace(root_.path("sessions/other.json"), R"({"sessionId":"other"})");
  files_.look();
  loop_.turn();
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(SessionFilesTest, AFileHalfWrittenKeepsWhatItSaid) {
  process(7, 500);
  session(7, 500, "s");
  files_.look();
  said();
  test::replace(path(7), R"({"procStart":500,"sess)");
  loop_.turn();
  files_.look();
  EXPECT_THAT(said(), IsEmpty());
  session(7, 500, "s", "waiting");
  loop_.turn();
  EXPECT_THAT(said(), ElementsAre("alive session=s pid=7 status=3 at=1000"));
}

TEST_F(SessionFilesTest, ADirectoryThatWasMadeAnewIsFoundAgain) {
  process(7, 500);
  session(7, 500, "s");
  files_.look();
  std::filesystem::remove_all(root_.path("sessions"));
  loop_.turn();
  files_.look();
  said();
  session(7, 500, "s", "busy");
  files_.look();
  EXPECT_THAT(said(), ElementsAre("alive session=s pid=7 status=2 at=1000"));
  session(7, 500, "s", "idle");
  loop_.turn();
  EXPECT_THAT(said(), ElementsAre("alive session=s pid=7 status=1 at=1000"));
}

}  // namespace
}  // namespace shmeter::collector
