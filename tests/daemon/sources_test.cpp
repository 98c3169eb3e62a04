// SPDX-License-Identifier: MIT
// Every source but the transcripts through the real programs: hooks, results of `claude -p`, live
// session files, the client's own cache of limits, fed limits, and what scripts ask and say.
#include <gtest/gtest.h>

#include <ctime>
#include <fstream>

#include "collector/serve/control_client.hpp"
#include "tests/daemon/daemon_fixture.hpp"

namespace shmeter {
namespace {

namespace fs = std::filesystem;
using collector::ControlClient;
using shm::i64;
using shm::SessionStatus;
using test::append;
using test::DaemonTest;
using test::line;
using test::Process;

class SourcesTest : public DaemonTest {
 protected:
  void start_and_wait() {
    start_daemon();
    ASSERT_TRUE(wait_for([&] { return complete(); })) << test::contents(output("daemon"));
  }
  std::string ask(const std::string& line) const {
    auto client = ControlClient::open(dir_.path("rt/control.sock"));
    if (!client) return client.error().message;
    const auto answer = client->ask(line);
    return answer ? *answer : answer.error().message;
  }
  void configure(const std::string& toml) const {
    fs::create_directories(dir_.path("home/.config/shmeter"));
    std::ofstream(dir_.path("home/.config/shmeter/config.toml")) << toml;
  }
  // A shell command over the two programs; its exit code, and what it wrote.
  int shell(const std::string& command, std::string& words) const {
    auto environment = this->environment();
    environment.push_back("SHMETER=" SHMETER);
    environment.push_back("DATA=" SHMETER_TEST_DATA);
    const std::string out = output("shell");
    fs::remove(out);
    const int code = Process({"sh", "-c", command}, environment, out).wait();
    words = test::contents(out);
    return code;
  }
  void hook(const std::string& json) const {
    std::string words;
    EXPECT_EQ(shell("printf '%s' '" + json + "' | $SHMETER hook", words), 0);
    EXPECT_EQ(words, "");
  }
  bool has_status(const std::string& id, SessionStatus status) const {
    return wait_for([&] {
      const auto now = session(id);
      return now && now->status == static_cast<i64>(status);
    });
  }
  std::optional<shm::Account> account() const {
    shm::FileReader reader;
    shm::Account account;
    if (reader.open(region().c_str(), false) != shm::Opened::ok) return std::nullopt;
    const auto opened = reader.snapshot([&](shm::FileSlot& slot) {
      shm::Summary summary;
      return slot.summary(summary) && slot.account(0, account);
    });
    return opened == shm::Opened::ok ? std::optional(account) : std::nullopt;
  }
};

TEST_F(SourcesTest, HooksSayWhatASessionIsDoing) {
  start_and_wait();
  const auto fire = [&](const std::string& event, const std::string& more = {}) {
    hook(R"({"session_id":"s1","cwd":"/w","hook_event_name":")" + event + '"' + more + '}');
  };
  fire("SessionStart", R"(,"source":"startup")");
  EXPECT_TRUE(has_status("s1", SessionStatus::idle));
  fire("UserPromptSubmit", R"(,"prompt":"a secret")");
  EXPECT_TRUE(has_status("s1", SessionStatus::busy));
  fire("Notification", R"(,"notification_type":"permission_prompt","message":"may I?")");
  EXPECT_TRUE(has_status("s1", SessionStatus::waiting));
  EXPECT_TRUE(wait_for([&] { return summary()->waiting_sessions == 1; }));
  fire("PostToolUse", R"(,"tool_name":"Bash","tool_use_id":"toolu_1","tool_response":"x")");
  EXPECT_TRUE(has_status("s1", SessionStatus::busy));
  fire("Stop");
  EXPECT_TRUE(has_status("s1", SessionStatus::idle));
  fire("SessionEnd", R"(,"reason":"other")");
  EXPECT_TRUE(has_status("s1", SessionStatus::ended));
}

// A config directory that is learnt of from a hook is read from then on.
TEST_F(SourcesTest, AHookLeadsToATranscript) {
  start_and_wait();
  const std::string other = dir_.path("other/projects/-p/s2.jsonl");
  append(other, line("1", 10, "s2"));
  std::string words;
  EXPECT_EQ(shell("printf '%s' '{\"session_id\":\"s2\",\"hook_event_name\":\"Stop\","
                  "\"transcript_path\":\"" +
                      other + "\"}' | CLAUDE_CONFIG_DIR= $SHMETER hook",
                  words),
            0);
  EXPECT_TRUE(wait_for([&] { return requests() == 1; }));
}

TEST_F(SourcesTest, AResultPassesThroughUnchangedAndIsTakenIn) {
  start_and_wait();
  std::string words;
  EXPECT_EQ(shell("$SHMETER ingest < $DATA/cli/stream.jsonl | cmp - $DATA/cli/stream.jsonl && "
                  "$SHMETER ingest < $DATA/cli/result.json | cmp - $DATA/cli/result.json",
                  words),
            0)
      << words;
  const std::string id = "47fcad65-0472-47f2-b4f0-46c8abdb7a60";
  ASSERT_TRUE(wait_for([&] { return session(id).has_value(); }));
  EXPECT_EQ(session(id)->cost_nanousd, 38'894'000);
  EXPECT_EQ(requests(), 0);  // aggregates enter no total
}

TEST_F(SourcesTest, IngestWithoutACollectorHoldsNothingUp) {
  std::string words;
  EXPECT_EQ(
      shell("$SHMETER ingest < $DATA/cli/result.json 2> $HOME/err | cmp - $DATA/cli/result.json",
            words),
      0)
      << words;
  EXPECT_NE(test::contents(dir_.path("home/err")), "");
}

TEST_F(SourcesTest, TheClientsOwnCacheOfLimitsIsRead) {
  const std::string now_ms = std::to_string((std::time(nullptr) - 60) * 1000);
  const std::time_t reset = std::time(nullptr) + 3600;
  std::tm utc{};
  ::gmtime_r(&reset, &utc);
  char resets_at[40];
  std::strftime(resets_at, sizeof resets_at, "%Y-%m-%dT%H:%M:%S.123456+00:00", &utc);
  std::ofstream(dir_.path("cfg/.claude.json"))
      << R"({"oauthAccount":{"accountUuid":"a1"},"cachedUsageUtilization":{"fetchedAtMs":)"
      << now_ms
      << R"(,"accountUuid":"a1","utilization":{"five_hour":{"utilization":42,"resets_at":")"
      << resets_at << R"("},"limits":[{"kind":"weekly_scoped","percent":31,"resets_at":")"
      << resets_at << R"(","scope":{"model":{"display_name":"Fable"}}}]}}})";
  std::ofstream(dir_.path("cfg/.credentials.json")) << "never read";
  start_and_wait();
  ASSERT_TRUE(wait_for([&] { return account() && account()->five_hour.used_ppm == 420'000; }));
  EXPECT_EQ(account()->five_hour.resets_at_s, static_cast<i64>(reset));
  EXPECT_EQ(account()->five_hour.source, static_cast<i64>(shm::QuotaSource::utilization_file));
  EXPECT_EQ(account()->scoped_1.label.view(), "Fable");
  EXPECT_EQ(account()->scoped_1.window.used_ppm, 310'000);
}

TEST_F(SourcesTest, ALiveSessionFileOfThisVeryProcess) {
  const std::string pid = std::to_string(::getpid());
  std::ifstream stat("/proc/self/stat");
  std::string word;
  for (int i = 0; i < 22; ++i) stat >> word;  // our name has no blanks
  fs::create_directories(dir_.path("cfg/sessions"));
  const auto write = [&](const std::string& status) {
    std::ofstream(dir_.path("cfg/sessions/" + pid + ".json"))
        << R"({"pid":)" << pid << R"(,"procStart":")" << word
        << R"(","sessionId":"s3","cwd":"/w","status":")" << status << R"(","name":"mine"})";
  };
  write("busy");
  start_and_wait();
  EXPECT_TRUE(has_status("s3", SessionStatus::busy));
  EXPECT_EQ(session("s3")->name.view(), "mine");
  write("waiting");
  EXPECT_TRUE(has_status("s3", SessionStatus::waiting));
  fs::remove(dir_.path("cfg/sessions/" + pid + ".json"));
  EXPECT_TRUE(has_status("s3", SessionStatus::ended));
}

TEST_F(SourcesTest, FedLimitsAndWhatFollowsForAScript) {
  start_and_wait();
  const std::string soon = std::to_string(std::time(nullptr) + 3600);
  std::string words;
  EXPECT_EQ(shell("$SHMETER guard", words), 69) << words;
  EXPECT_EQ(shell("$SHMETER guard --fail-open", words), 0) << words;
  EXPECT_EQ(
      ask("SET_QUOTA cfg {\"five_hour\":{\"used_percentage\":80,\"resets_at\":" + soon + "}}"),
      "OK");
  EXPECT_EQ(shell("$SHMETER guard 5%", words), 0) << words;
  EXPECT_EQ(shell("$SHMETER guard 30%", words), 1) << words;
  EXPECT_EQ(shell("$SHMETER guard --min-remaining 25%", words), 1) << words;
  EXPECT_EQ(shell("$SHMETER guard --nonsense", words), 64) << words;
  EXPECT_EQ(shell("$SHMETER quota", words), 0);
  EXPECT_NE(words.find("manual"), std::string::npos) << words;
  EXPECT_EQ(shell("$SHMETER set told '{\"input_tokens\":5}' && $SHMETER usage told --json", words),
            0)
      << words;
  EXPECT_NE(words.find("\"input_tokens\":5,"), std::string::npos) << words;
}

TEST_F(SourcesTest, ACommandOfTheUsersOwnFeedsLimits) {
  const std::string soon = std::to_string(std::time(nullptr) + 3600);
  configure(
      "[quota]\ncommand = [\"/bin/echo\", '{\"seven_day\":{\"used_percentage\":12.5,"
      "\"resets_at\":" +
      soon + "}}']\n");
  start_and_wait();
  ASSERT_TRUE(wait_for([&] { return account() && account()->seven_day.used_ppm == 125'000; }));
  EXPECT_EQ(account()->seven_day.source, static_cast<i64>(shm::QuotaSource::command));
}

TEST_F(SourcesTest, ACommandThatFailsIsSaidOnceAndHarmsNothing) {
  configure("[quota]\ncommand = [\"/bin/sh\", \"-c\", \"echo no luck >&2; exit 3\"]\n");
  start_and_wait();
  EXPECT_TRUE(said("no luck"));
  EXPECT_TRUE(live());
}

TEST_F(SourcesTest, AMistakeInTheConfigurationIsToldToWhoAsked) {
  configure("timezone = \"UTC\"\n");
  start_and_wait();
  configure("week_start = \"monday\"\ntimezone = \"Mars\"\n");
  const std::string answer = ask("RELOAD");
  EXPECT_TRUE(answer.starts_with("ERROR ")) << answer;
  EXPECT_NE(answer.find("config.toml:2:"), std::string::npos) << answer;
  std::string words;
  EXPECT_EQ(run({"daemon", "reload"}, words), 78);
  EXPECT_NE(words.find("config.toml:2:"), std::string::npos) << words;
  EXPECT_EQ(summary()->utc_offset_s, 0);
}

}  // namespace
}  // namespace shmeter
