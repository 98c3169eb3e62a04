// SPDX-License-Identifier: MIT
// The real collector with an alert: who is told what, once, over restarts and windows, and what
// `alert test` does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "collector/serve/control_client.hpp"
#include "shm/layout.hpp"
#include "tests/daemon/daemon_fixture.hpp"

namespace shmeter {
namespace {

namespace fs = std::filesystem;
using collector::ControlClient;
using shm::i64;
using test::contents;
using test::DaemonTest;
using testing::HasSubstr;

class AlertTest : public DaemonTest {
 protected:
  void configure(const std::string& toml) const {
    fs::create_directories(dir_.path("home/.config/shmeter"));
    std::ofstream(dir_.path("home/.config/shmeter/config.toml")) << toml;
  }
  /// Notes its stdin, and of its environment the text, a line each.
  std::string alert(const std::string& name, const std::string& when) const {
    return "[[alert]]\nname = \"" + name + "\"\nwhen = \"" + when +
           "\"\ncommand = [\"/bin/sh\", \"-c\", 'cat >> \"$1\"; echo \"$SHMETER_ALERT_VALUE\" >> "
           "\"$2\"', \"sh\", \"" +
           dir_.path(name + ".stdin") + "\", \"" + dir_.path(name + ".value") + "\"]\n";
  }
  std::string stdin_of(const std::string& name) const {
    return contents(dir_.path(name + ".stdin"));
  }
  std::string values_of(const std::string& name) const {
    return contents(dir_.path(name + ".value"));
  }
  std::string state() const { return dir_.path("home/.local/state/shmeter/alerts.json"); }
  void start_and_wait() {
    start_daemon();
    ASSERT_TRUE(wait_for([&] { return complete(); })) << contents(output("daemon"));
    ASSERT_TRUE(wait_for([&] { return fs::exists(dir_.path("rt/control.sock")); }));
  }
  std::string ask(const std::string& line) const {
    auto client = ControlClient::open(dir_.path("rt/control.sock"));
    if (!client) return client.error().message;
    const auto answer = client->ask(line);
    return answer ? *answer : answer.error().message;
  }
  void feed(const char* percent, i64 resets_at_s) const {
    EXPECT_EQ(ask(std::string("SET_QUOTA cfg {\"five_hour\":{\"used_percentage\":") + percent +
                  ",\"resets_at\":" + std::to_string(resets_at_s) + "}}"),
              "OK");
  }
  /// Until it said so, in this order.
  bool told(const std::string& name, const std::string& values) const {
    return wait_for([&] { return values_of(name) == values; });
  }

  const i64 soon_s_ = std::time(nullptr) + 3600;
};

TEST_F(AlertTest, OncePerCrossingAndWindowOverRestarts) {
  // The second one is what shows that the first one was judged and had nothing to tell.
  configure(alert("high", "five_hour >= 80") + alert("seen", "five_hour.left <= 16"));
  start_and_wait();
  feed("79", soon_s_);
  feed("81.5", soon_s_);
  ASSERT_TRUE(told("high", "81.5\n")) << values_of("high") << contents(output("daemon"));
  EXPECT_THAT(
      stdin_of("high"),
      HasSubstr("{\"alert\":\"high\",\"when\":\"five_hour >= 80\",\"field\":\"five_hour.used\","
                "\"value\":81.5,\"at_least\":false,\"line\":80,\"account\":\"cfg\","));
  EXPECT_THAT(stdin_of("high"), HasSubstr("\"resets_at\":" + std::to_string(soon_s_) + ","));
  EXPECT_THAT(stdin_of("high"), HasSubstr("\"test\":false,"));
  feed("85", soon_s_);
  ASSERT_TRUE(told("seen", "15\n"));
  EXPECT_EQ(values_of("high"), "81.5\n");
  EXPECT_EQ(fs::status(state()).permissions(), fs::perms(0600));

  daemon_->signal(SIGTERM);
  EXPECT_EQ(daemon_->wait(), 0);
  configure(alert("high", "five_hour >= 80") + alert("seen", "five_hour.left <= 16") +
            alert("again", "five_hour >= 85"));
  start_and_wait();
  feed("85", soon_s_);
  ASSERT_TRUE(told("again", "85\n"));
  EXPECT_EQ(values_of("high"), "81.5\n") << "told before the restart";

  feed("90", soon_s_ + 5 * 3600);
  ASSERT_TRUE(told("again", "85\n90\n")) << "another window";
  ASSERT_TRUE(told("high", "81.5\n90\n"));
  EXPECT_EQ(contents(output("daemon")).find("alert"), std::string::npos)
      << contents(output("daemon"));
}

TEST_F(AlertTest, ADamagedStateAndACommandThatFailsAreSaidOnce) {
  fs::create_directories(dir_.path("home/.local/state/shmeter"));
  std::ofstream(state()) << "{\"version\":1,\"told\":[{";
  configure(
      "[[alert]]\nname = \"a\"\nwhen = \"five_hour >= 80\"\n"
      "command = [\"/bin/sh\", \"-c\", \"echo no luck >&2; exit 3\"]\n" +
      alert("b", "five_hour >= 80"));
  start_and_wait();
  EXPECT_TRUE(said("alerts.json: is damaged"));
  feed("90", soon_s_);
  EXPECT_TRUE(said("alert \"a\": command: /bin/sh: ended with status 3 (it said: no luck)"));
  ASSERT_TRUE(told("b", "90\n"));
  feed("90", soon_s_ + 5 * 3600);
  ASSERT_TRUE(told("b", "90\n90\n"));
  feed("90", soon_s_ + 10 * 3600);
  ASSERT_TRUE(told("b", "90\n90\n90\n"));
  const std::string all = contents(output("daemon"));
  EXPECT_EQ(all.find("no luck"), all.rfind("no luck")) << all;
  EXPECT_EQ(all.find("damaged"), all.rfind("damaged")) << all;
  EXPECT_THAT(contents(state()), HasSubstr("{\"version\":1,\"told\":[{\"alert\":\"a\",")) << "anew";
}

TEST_F(AlertTest, AnAlertThatIsConfiguredLater) {
  configure("");
  start_and_wait();
  feed("90", soon_s_);
  EXPECT_FALSE(fs::exists(state())) << "without an alert nothing is kept";
  configure(alert("a", "five_hour >= 80"));
  ASSERT_EQ(ask("RELOAD"), "OK");
  ASSERT_TRUE(told("a", "90\n"));
  configure(alert("a", "five_hour >= 80") + alert("b", "five_hour >= 85"));
  ASSERT_EQ(ask("RELOAD"), "OK");
  ASSERT_TRUE(told("b", "90\n"));
  EXPECT_EQ(values_of("a"), "90\n") << "it was told before";
}

TEST_F(AlertTest, ListSaysHowEachStandsWithACollectorAndWithout) {
  std::string words;
  EXPECT_EQ(run({"alert", "list"}, words), 0) << words;
  EXPECT_EQ(words, "no alert is configured\n");
  configure(alert("high", "five_hour >= 80") + alert("spent", "today.cost > 1000"));
  EXPECT_EQ(run({"alert", "list", "--json"}, words), 0) << words;
  EXPECT_THAT(words, HasSubstr("\"live\":false,\"alerts\":[{\"alert\":\"high\","))
      << "nobody knows";
  EXPECT_THAT(words, HasSubstr("\"state\":\"armed\",\"since\":null,\"last_told_at\":null,"));
  start_and_wait();
  feed("81.5", soon_s_);
  ASSERT_TRUE(told("high", "81.5\n"));
  const i64 now_s = std::time(nullptr);
  for (const bool collector : {true, false}) {
    SCOPED_TRACE(collector);
    EXPECT_EQ(run({"alert", "list", "--json"}, words), 0) << words;
    EXPECT_THAT(words, HasSubstr(collector ? "\"live\":true," : "\"live\":false,"));
    EXPECT_THAT(words, HasSubstr("{\"alert\":\"high\",\"when\":\"five_hour >= 80\",\"field\":"
                                 "\"five_hour.used\",\"line\":80,\"account\":null,\"actions\":"
                                 "[\"command\"],\"quiet\":null,\"quiet_now\":false,\"state\":"
                                 "\"fired\",\"since\":"));
    EXPECT_THAT(words, HasSubstr("\"value\":81.5,\"at_least\":false,\"text\":\"82%\",\"holds\":"
                                 "true,\"told\":true,\"told_at\":"));
    EXPECT_THAT(words, HasSubstr("\"alert\":\"spent\""));
    EXPECT_THAT(words, HasSubstr("\"state\":\"armed\""));
    const auto at = words.find("\"since\":") + 8;
    EXPECT_NEAR(static_cast<double>(std::atoll(words.c_str() + at)), static_cast<double>(now_s),
                30);
    EXPECT_EQ(run({"alert", "list"}, words), 0) << words;
    EXPECT_THAT(words, HasSubstr("fired"));
    EXPECT_THAT(words, HasSubstr("five_hour >= 80"));
    if (collector) daemon_->signal(SIGTERM);
    EXPECT_EQ(daemon_->wait(), 0);
  }
  EXPECT_EQ(run({"alert", "list", "--nonsense"}, words), 64);
  EXPECT_EQ(run({"alert", "test", "high", "--json"}, words), 64);
  configure("[[alert]]\n");
  EXPECT_EQ(run({"alert", "list"}, words), 78) << words;
}

TEST_F(AlertTest, TellsForHowLongNobodyCounted) {
  configure(alert("silent", "age >= 30") + alert("short", "age >= 16") +
            alert("seen", "five_hour >= 80"));
  start_and_wait();
  daemon_->signal(SIGKILL);
  daemon_->wait();
  {  // a minute ago, as far as anybody can tell
    std::fstream file(region(), std::ios::in | std::ios::out | std::ios::binary);
    constexpr std::streamoff kHeartbeat = shm::kLiveOffset + offsetof(shm::Live, heartbeat_ns);
    shm::u64 beat_ns = 0;
    file.seekg(kHeartbeat).read(reinterpret_cast<char*>(&beat_ns), sizeof beat_ns);
    beat_ns -= 60'000'000'000u;
    file.seekp(kHeartbeat).write(reinterpret_cast<const char*>(&beat_ns), sizeof beat_ns);
  }
  start_and_wait();
  ASSERT_TRUE(wait_for([&] { return !values_of("silent").empty(); })) << contents(output("daemon"));
  const int silent_s = std::stoi(values_of("silent"));
  EXPECT_GE(silent_s, 60);
  EXPECT_LT(silent_s, 120);
  ASSERT_TRUE(told("short", values_of("silent")));

  const auto stopped = std::chrono::steady_clock::now();
  daemon_->signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::milliseconds(16'500));
  daemon_->signal(SIGCONT);
  ASSERT_TRUE(wait_for([&] {
    return values_of("short").find('\n') + 1 < values_of("short").size();
  })) << contents(output("daemon"));
  const auto& values = values_of("short");
  const int stopped_s = std::stoi(values.substr(values.find('\n') + 1));
  EXPECT_GE(stopped_s, 16);
  const auto at_most = std::chrono::steady_clock::now() - stopped + std::chrono::seconds(6);
  EXPECT_LE(stopped_s, std::chrono::duration_cast<std::chrono::seconds>(at_most).count());
  EXPECT_EQ(values_of("silent"), std::to_string(silent_s) + "\n");

  daemon_->signal(SIGTERM);  // told to end: nobody was silent
  ASSERT_EQ(daemon_->wait(), 0);
  start_and_wait();
  feed("81", soon_s_);
  ASSERT_TRUE(told("seen", "81\n"));
  EXPECT_EQ(values_of("short"), values);
}

TEST_F(AlertTest, TestRunsTheActionsOfOneAlert) {
  std::string words;
  EXPECT_EQ(run({"alert", "test", "high"}, words), 64) << words;
  EXPECT_THAT(words, HasSubstr("the configuration has none"));
  configure(alert("high", "five_hour >= 80") +
            "[[alert]]\nname = \"bad\"\nwhen = \"session.context >= 90\"\n"
            "command = [\"/no/such/program\"]\n");
  EXPECT_EQ(run({"alert", "test", "high"}, words), 0) << words;
  EXPECT_EQ(words, "command: told\n");
  EXPECT_EQ(values_of("high"), "80\n");
  EXPECT_THAT(stdin_of("high"), HasSubstr("\"test\":true,"));
  EXPECT_FALSE(fs::exists(state()));
  EXPECT_EQ(run({"alert", "test", "bad"}, words), 69);
  EXPECT_EQ(words, "command: /no/such/program: no such file or directory\n");
  EXPECT_EQ(run({"alert", "test", "hgih"}, words), 64);
  EXPECT_THAT(words, HasSubstr("no alert is named \"hgih\"; there are high, bad"));
  EXPECT_EQ(run({"alert"}, words), 64) << words;
  EXPECT_EQ(run({"alert", "list", "high"}, words), 64) << words;
  EXPECT_EQ(run({"alert", "--help"}, words), 0);
  EXPECT_THAT(words, HasSubstr("alert test NAME"));
  configure("[[alert]]\n");
  EXPECT_EQ(run({"alert", "test", "high"}, words), 78);
  EXPECT_THAT(words, HasSubstr("config.toml:1:1: "));
}

}  // namespace
}  // namespace shmeter
