// SPDX-License-Identifier: MIT
// What the collector remembers: after a clean end, after SIGKILL at any moment, over a damaged, a
// full and a missing database; and that what it answered with OK is never lost.
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "collector/serve/control_client.hpp"
#include "collector/store/sqlite.hpp"
#include "tests/daemon/daemon_fixture.hpp"

namespace shmeter {
namespace {

namespace fs = std::filesystem;
using collector::ControlClient;
using shm::i64;
using test::append;
using test::DaemonTest;
using test::line;
using test::Process;

class HistoryTest : public DaemonTest {
 protected:
  std::string database() const { return dir_.path("home/.local/state/shmeter/usage.db"); }
  std::string transcript() const { return dir_.path("cfg/projects/-p/live.jsonl"); }
  void start_and_wait() {
    start_daemon();
    ASSERT_TRUE(wait_for([&] { return complete(); })) << test::contents(output("daemon"));
  }
  void kill_daemon() {
    daemon_->signal(SIGKILL);
    daemon_->wait();
  }
  std::string ask(const std::string& line, const std::string& body = {}) const {
    auto client = ControlClient::open(dir_.path("rt/control.sock"));
    if (!client) return client.error().message;
    const auto answer = client->ask(line, body, std::chrono::seconds(30));
    return answer ? *answer : answer.error().message;
  }
  std::string ingest(const std::string& events) const {
    return ask("INGEST events " + std::to_string(events.size()), events);
  }
  void configure(const std::string& toml) const {
    fs::create_directories(dir_.path("home/.config/shmeter"));
    std::ofstream(dir_.path("home/.config/shmeter/config.toml")) << toml;
  }
  void copy_captures() const {
    fs::copy(SHMETER_TEST_DATA "/claude-config", dir_.path("cfg"),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
};

TEST_F(HistoryTest, WhatTheClientDeletesStaysKnown) {
  copy_captures();
  start_and_wait();
  const auto before = summary();
  const auto session_before = session("c9bec15a-c582-41d2-a016-dceacfb47ad5");
  ASSERT_GT(before->all.requests, 5);
  ASSERT_EQ(ask("FLUSH"), "OK");
  kill_daemon();
  fs::remove_all(dir_.path("cfg/projects"));
  start_and_wait();
  const auto after = summary();
  EXPECT_EQ(after->all, before->all);
  EXPECT_EQ(after->sessions_known, before->sessions_known);
  EXPECT_EQ(after->files_known, 0);
  EXPECT_EQ(session("c9bec15a-c582-41d2-a016-dceacfb47ad5"), session_before);
}

// Nothing was counted yet, so the next start reads everything for the first time.
TEST_F(HistoryTest, ALimitAloneIsKeptOverAKill) {
  start_and_wait();
  const std::string resets_at = std::to_string(std::time(nullptr) + 7200);
  const std::string said = R"("five_hour":{"used_percentage":42,"remaining_percentage":58,)"
                           R"("resets_at":)" +
                           resets_at;
  ASSERT_EQ(
      ask(R"(SET_QUOTA cfg {"five_hour":{"used_percentage":42,"resets_at":)" + resets_at + "}}"),
      "OK");
  ASSERT_NE(ask("QUOTA").find(said), std::string::npos);
  kill_daemon();
  copy_captures();
  start_and_wait();
  EXPECT_NE(ask("QUOTA").find(said), std::string::npos) << ask("QUOTA");
  const auto all = summary()->all;
  EXPECT_GT(all.requests, 5);
  ASSERT_EQ(ask("FLUSH"), "OK");
  kill_daemon();
  start_and_wait();
  EXPECT_NE(ask("QUOTA").find(said), std::string::npos);
  EXPECT_EQ(summary()->all, all);
}

TEST_F(HistoryTest, KnownFilesAreNotReadAgain) {
  copy_captures();
  start_and_wait();
  ASSERT_EQ(ask("FLUSH"), "OK");
  kill_daemon();
  start_and_wait();
  EXPECT_EQ(summary()->files_read, 0);
  EXPECT_EQ(summary()->files_known, 0);
  EXPECT_GT(summary()->all.requests, 5);
}

TEST_F(HistoryTest, KilledAtAnyMomentCountsEverythingOnce) {
  std::mt19937 random(7);
  int written = 0;
  for (int round = 0; round < 12; ++round) {
    start_daemon();
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(std::uniform_int_distribution(5, 1500)(random));
    while (std::chrono::steady_clock::now() < until) {
      append(transcript(), line(std::to_string(++written), 10));
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    kill_daemon();
  }
  start_and_wait();
  EXPECT_EQ(summary()->all.requests, written);
  EXPECT_EQ(summary()->all.input_tokens, 10 * written);
  ASSERT_TRUE(session("live"));
  EXPECT_EQ(session("live")->usage.requests, written);
}

/// Of a time that only the store remembers.
std::string old_line(int number) {
  std::string text = line(std::to_string(number), 10);
  const std::string key = "\"timestamp\":\"";
  text.replace(text.find(key) + key.size(), 10, "2026-01-02");
  return text;
}

// What was written long ago, while nobody looked, waits for the store to be asked about it.
TEST_F(HistoryTest, CompleteIsNotBeforeOldLinesAreCounted) {
  append(transcript(), old_line(0));
  start_and_wait();
  kill_daemon();
  std::string many;
  for (int number = 1; number <= 4000; ++number) many += old_line(number);
  append(transcript(), many);
  start_and_wait();
  EXPECT_EQ(summary()->all.requests, 4001);
}

TEST_F(HistoryTest, AReportWhoseStoreCannotAnswerSaysSo) {
  append(transcript(), old_line(0));
  start_and_wait();
  ASSERT_EQ(ask("FLUSH"), "OK");
  kill_daemon();
  {
    auto db = collector::Connection::open(database(), database(), SQLITE_OPEN_READWRITE);
    ASSERT_TRUE(db) << db.error().message;
    ASSERT_TRUE(db->run("DROP TABLE event_key"));
  }
  append(transcript(), old_line(1));
  std::string said;
  EXPECT_NE(run({"daily", "--json"}, said), 0);
  EXPECT_NE(said.find("event_key"), std::string::npos) << said;
}

TEST_F(HistoryTest, WhatWasAcknowledgedSurvivesSigkill) {
  for (int round = 1; round <= 10; ++round) {
    start_and_wait();
    const std::string n = std::to_string(round);
    ASSERT_EQ(ask("SET_USAGE reported-" + n + " {\"input_tokens\":" + n + ",\"output_tokens\":1}"),
              "OK");
    ASSERT_EQ(ingest("[{\"id\":\"e-" + n +
                     "\",\"session_id\":\"posted\",\"event_type\":\"tokens\","
                     "\"value\":3,\"input_tokens\":1,\"output_tokens\":2,"
                     "\"model\":\"claude-sonnet-5-5\"},"
                     "{\"id\":\"t-" +
                     n +
                     "\",\"session_id\":\"posted\",\"event_type\":\"tool_call\","
                     "\"value\":1}]"),
              "OK 2");
    kill_daemon();
  }
  start_and_wait();
  for (int round = 1; round <= 10; ++round) {
    const std::string n = std::to_string(round);
    EXPECT_NE(ask("API_USAGE reported-" + n).find("\"input_tokens\":" + n + ","),
              std::string::npos);
  }
  EXPECT_EQ(session("posted")->usage.requests, 10);
  EXPECT_EQ(session("posted")->tool_calls, 10);
  // Sent once more, they count no more than they did.
  EXPECT_EQ(ingest(R"({"id":"e-1","session_id":"posted","event_type":"tokens","value":3,)"
                   R"("input_tokens":1,"output_tokens":2,"model":"claude-sonnet-5-5"})"),
            "OK 1");
  EXPECT_EQ(session("posted")->usage.requests, 10);
}

TEST_F(HistoryTest, ADamagedDatabaseIsSetAsideAndMadeAgain) {
  copy_captures();
  start_and_wait();
  const auto before = summary();
  ASSERT_EQ(ask("FLUSH"), "OK");
  kill_daemon();
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(database() + suffix);
  std::ofstream(database()) << std::string(10'000, 'x');
  start_and_wait();
  EXPECT_TRUE(said(database() + ".damaged-"));
  EXPECT_EQ(summary()->all, before->all);
  int set_aside = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(database()).parent_path()))
    set_aside += entry.path().string().find(".damaged-") != std::string::npos ? 1 : 0;
  EXPECT_GE(set_aside, 1);
}

TEST_F(HistoryTest, WithoutAPlaceForItEverythingIsKeptInMemory) {
  copy_captures();
  fs::create_directories(dir_.path("home/.local"));
  std::ofstream(dir_.path("home/.local/state")) << "a file where a folder should be";
  start_and_wait();
  EXPECT_TRUE(said("kept in memory"));
  EXPECT_GT(summary()->all.requests, 5);
  // It is counted, but nobody is told that it will last.
  EXPECT_TRUE(ask("SET_USAGE s {\"input_tokens\":1}").starts_with("ERROR not stored: "));
  EXPECT_NE(ask("API_USAGE s").find("\"input_tokens\":1,"), std::string::npos);
}

TEST_F(HistoryTest, NothingOnDiskForThoseWhoWantNothingThere) {
  copy_captures();
  configure("[store]\nkeep = \"memory\"\n");
  start_and_wait();
  EXPECT_GT(summary()->all.requests, 5);
  EXPECT_FALSE(fs::exists(dir_.path("home/.local")));
}

// An old database beside a collector that does not write it is not what that collector knows.
TEST_F(HistoryTest, AReportDoesNotTakeAnOldFileForTheCollectorsHistory) {
  append(transcript(), line("1", 10));
  start_and_wait();
  ASSERT_EQ(ask("FLUSH"), "OK");
  kill_daemon();
  configure("[store]\nkeep = \"memory\"\n");
  append(transcript(), line("2", 10));
  start_and_wait();
  std::string words;
  EXPECT_EQ(run({"daily", "--json"}, words), 0);
  EXPECT_NE(words.find("\"requests\":2,"), std::string::npos) << words;
}

TEST_F(HistoryTest, ASecondCollectorDoesNotWriteTheSameHistory) {
  copy_captures();
  start_and_wait();
  fs::create_directories(dir_.path("rt2"));
  fs::permissions(dir_.path("rt2"), fs::perms::owner_all);
  auto second = environment();
  second[1] = "SHMETER_RUNTIME_DIR=" + dir_.path("rt2");
  const Process other({SHMETERD, "daemon", "run"}, second, output("second"));
  EXPECT_TRUE(wait_for([&] {
    return test::contents(output("second")).find("kept in memory") != std::string::npos;
  })) << test::contents(output("second"));
  ASSERT_EQ(ask("FLUSH"), "OK");
}

TEST_F(HistoryTest, AnotherPriceListPricesWhatIsStored) {
  append(transcript(), line("1", 1'000'000));
  start_and_wait();
  ASSERT_EQ(ask("FLUSH"), "OK");
  const auto before = summary();
  EXPECT_EQ(before->all.cost_nanousd, 2'000'000'000);
  configure(
      "[[price]]\nmodel = \"claude-sonnet-5-5\"\ninput = 7\noutput = 1\ncache_write_5m = 1\n"
      "cache_write_1h = 1\ncache_read = 1\n");
  EXPECT_EQ(ask("RELOAD"), "OK");
  EXPECT_EQ(ask("FLUSH"), "OK");  // answered by the model that is made anew meanwhile
  EXPECT_TRUE(wait_for([&] { return summary()->all.cost_nanousd == 7'000'000'000; }))
      << summary()->all.cost_nanousd;
  EXPECT_EQ(summary()->today.cost_nanousd, 7'000'000'000);
  EXPECT_EQ(session("live")->usage.cost_nanousd, 7'000'000'000);
  ASSERT_EQ(ask("FLUSH"), "OK");
  kill_daemon();
  start_and_wait();
  EXPECT_EQ(summary()->all.cost_nanousd, 7'000'000'000);
}

TEST_F(HistoryTest, AFileThatGrewWhileNobodyLookedIsReadOn) {
  append(transcript(), line("1", 10));
  start_and_wait();
  ASSERT_EQ(ask("FLUSH"), "OK");
  kill_daemon();
  append(transcript(), line("2", 10) + line("1", 10));
  start_and_wait();
  EXPECT_EQ(summary()->all.requests, 2);
}

// Mounts of our own: what is done there nobody else sees.
class FullDiskTest : public HistoryTest {
 protected:
  static constexpr int kLines = 4000;
  // Runs the script over a state directory of `kib`; false where the machine does not allow it.
  bool run_in(int kib, const std::string& script, std::string& words) {
    if (Process({"unshare", "-Urm", "true"}, {}, output("probe")).wait() != 0) return false;
    const std::string state = dir_.path("home/state");
    fs::create_directories(state);
    auto environment = this->environment();
    environment.push_back("SHMETERD=" SHMETERD);
    environment.push_back("XDG_STATE_HOME=" + state);
    environment.push_back("OUT=" + output("full"));
    environment.push_back("TRANSCRIPT=" + transcript());
    const std::string head =
        "mount -t tmpfs -o size=" + std::to_string(kib) +
        "k,mode=0700 none $XDG_STATE_HOME\n"
        "until_said() { for i in $(seq 300); do grep -q \"$1\" $OUT && return; "
        "sleep 0.1; done; exit 9; }\n"
        "$SHMETERD daemon run & pid=$!\n";
    EXPECT_EQ(Process({"unshare", "-Urm", "sh", "-ec", head + script}, environment, output("full"))
                  .wait(),
              0);
    words = test::contents(output("full"));
    return true;
  }
  static std::string many_lines() {
    std::string lines;
    for (int i = 0; i < kLines; ++i) lines += line("many" + std::to_string(i), 10);
    return lines;
  }
  static int count_of(const std::string& words, const std::string& text) {
    int count = 0;
    for (auto at = words.find(text); at != std::string::npos; at = words.find(text, at + 1))
      ++count;
    return count;
  }
};

TEST_F(FullDiskTest, AtTheFirstScanItIsSaidAndEverythingIsKeptInMemory) {
  append(transcript(), many_lines());
  std::string words;
  if (!run_in(256, "until_said 'started again'\n$SHMETERD usage --json\nkill $pid\nwait $pid\n",
              words))
    GTEST_SKIP() << "this machine lets us make no mount namespace (unshare -m)";
  EXPECT_EQ(count_of(words, "\"input_tokens\":40000,"), 1) << words;
  EXPECT_EQ(count_of(words, "full"), 1) << words;
}

TEST_F(FullDiskTest, LaterNothingIsLostOnceThereIsRoom) {
  append(transcript(), line("first", 10));
  append(dir_.path("many"), many_lines());
  std::string words;
  const std::string script =
      "for i in $(seq 300); do $SHMETERD usage --json | grep -q '\"requests\":1,' && break; "
      "sleep 0.1; done\n"
      "cat " +
      dir_.path("many") +
      " >> $TRANSCRIPT\n"
      "until_said 'tried again'\n"
      "$SHMETERD usage --json\n"
      "mount -o remount,size=64m $XDG_STATE_HOME\n"
      "until_said 'written again'\n"
      "kill -9 $pid; wait $pid || true\n"
      "rm -r $CLAUDE_CONFIG_DIR/projects\n"
      "$SHMETERD daemon start >&2; $SHMETERD usage --json; $SHMETERD daemon stop >&2\n";
  if (!run_in(384, script, words))
    GTEST_SKIP() << "this machine lets us make no mount namespace (unshare -m)";
  EXPECT_EQ(count_of(words, "\"input_tokens\":40010,"), 2) << words;
}

}  // namespace
}  // namespace shmeter
