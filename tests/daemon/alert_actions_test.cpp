// SPDX-License-Identifier: MIT
// What an alert says, whom it runs, and what it keeps on disk, whatever stands there.
#include "collector/command/alert_actions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "collector/command/alert_state.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
using test::contents;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr i64 kNow_s = 1'795'273'200;

AlertConfig five_hours() {
  AlertConfig alert;
  alert.name = "nearly used";
  alert.when = " five_hour>= 80";
  alert.field = "five_hour.used";
  alert.line = 800'000;
  return alert;
}
Firing firing_of(const AlertConfig& alert) {
  Firing firing;
  firing.alert = &alert;
  firing.value = 855'000;
  firing.account = "work";
  firing.resets_at_s = kNow_s + 7200;
  return firing;
}

TEST(AlertWords, OneLineForPeople) {
  AlertConfig alert = five_hours();
  Firing firing = firing_of(alert);
  EXPECT_EQ(alert_text(firing, kNow_s), "five_hour 86%, work; resets in 2h");
  firing.session_id = "s1";
  firing.resets_at_s = kUnknown;
  EXPECT_EQ(alert_text(firing, kNow_s), "five_hour 86%, work, session s1");
  firing.session_name = "a\n\x1b[31m\xff";
  EXPECT_EQ(alert_text(firing, kNow_s), "five_hour 86%, work, session a??[31m?");
  alert.field = "today.cost";
  alert.when = "today.cost_usd > 20";
  Firing total;
  total.alert = &alert;
  total.value = 21'000'000'000;
  EXPECT_EQ(alert_text(total, kNow_s), "today.cost_usd $21.00");
  total.at_least = true;
  EXPECT_EQ(alert_text(total, kNow_s), "today.cost_usd at least $21.00");
}

TEST(AlertWords, ForPrograms) {
  const AlertConfig alert = five_hours();
  Firing firing = firing_of(alert);
  EXPECT_EQ(alert_json(firing, kNow_s, Sample::no),
            R"({"alert":"nearly used","when":" five_hour>= 80","field":"five_hour.used",)"
            R"("value":85.5,"at_least":false,"line":80,"account":"work","session_id":null,)"
            R"("session_name":null,"resets_at":1795280400,"at":1795273200,"test":false,)"
            R"("text":"five_hour 86%, work; resets in 2h"})"
            "\n");
  EXPECT_THAT(
      alert_environment(firing, kNow_s, Sample::yes),
      ElementsAre("SHMETER_ALERT_NAME=nearly used", "SHMETER_ALERT_WHEN= five_hour>= 80",
                  "SHMETER_ALERT_FIELD=five_hour.used", "SHMETER_ALERT_VALUE=85.5",
                  "SHMETER_ALERT_AT_LEAST=", "SHMETER_ALERT_LINE=80", "SHMETER_ALERT_ACCOUNT=work",
                  "SHMETER_ALERT_SESSION_ID=", "SHMETER_ALERT_SESSION_NAME=",
                  "SHMETER_ALERT_RESETS_AT=1795280400", "SHMETER_ALERT_AT=1795273200",
                  "SHMETER_ALERT_TEST=1", "SHMETER_ALERT_TEXT=five_hour 86%, work; resets in 2h"));
}

TEST(AlertWords, NothingThatAHostWouldInterpret) {
  EXPECT_EQ(for_tmux("85% of #(id) #{pid}"), "85%% of ##(id) ##{pid}");
  EXPECT_EQ(for_markup("<b>a & b</b>"), "&lt;b&gt;a &amp; b&lt;/b&gt;");
}

class AlertActionsTest : public testing::Test {
 protected:
  AlertActionsTest() : path_(std::getenv("PATH")) {
    fs::create_directories(dir_.path("bin"));
    ::setenv("PATH", (dir_.path("bin") + ":/usr/bin:/bin").c_str(), 1);
  }
  ~AlertActionsTest() override { ::setenv("PATH", path_.c_str(), 1); }

  /// A program that notes its arguments, one in brackets each, and then does what `script` says.
  void program(const std::string& name, const std::string& script = "") const {
    std::ofstream(dir_.path("bin/" + name))
        << "#!/bin/sh\nfor a in \"$@\"; do printf '[%s]' \"$a\"; done >> " << dir_.path(name)
        << "\necho >> " << dir_.path(name) << "\n"
        << script << '\n';
    ::chmod(dir_.path("bin/" + name).c_str(), 0700);
  }
  /// Tells it so often, and waits until all has ended.
  std::string tell(const AlertConfig& alert, int times = 1) {
    std::string ends;
    Loop loop;
    AlertActions actions(loop, [&](const ActionEnd& end) {
      ends += std::string(end.action) + '=' +
              (end.how == ActionEnd::How::told ? "told" : end.what) + ';';
    });
    for (int i = 0; i < times; ++i) actions.tell(firing_of(alert), kNow_s, Sample::no);
    loop.run();
    return ends;
  }

  test::TempDir dir_;
  std::string path_;
};

TEST_F(AlertActionsTest, ACommandGetsItsStdinAndItsEnvironment) {
  AlertConfig alert = five_hours();
  program("tell-me", "cat > " + dir_.path("stdin") + "; printf '%s' \"$SHMETER_ALERT_TEXT\" > " +
                         dir_.path("text"));
  alert.command = {dir_.path("bin/tell-me"), "a b", "$HOME"};
  EXPECT_EQ(tell(alert), "command=told;");
  EXPECT_EQ(contents(dir_.path("tell-me")), "[a b][$HOME]\n");
  EXPECT_EQ(contents(dir_.path("stdin")), alert_json(firing_of(alert), kNow_s, Sample::no));
  EXPECT_EQ(contents(dir_.path("text")), "five_hour 86%, work; resets in 2h");
}

TEST_F(AlertActionsTest, OneAfterTheOther) {
  AlertConfig alert = five_hours();
  program("notify-send");
  // Fails when another one runs.
  program("slow", "mkdir " + dir_.path("runs") + " && sleep 0.05 && rmdir " + dir_.path("runs"));
  alert.command = {"slow"};
  alert.notify = true;
  EXPECT_EQ(tell(alert, 3),
            "command=told;notify=told;command=told;notify=told;command=told;notify=told;");
  EXPECT_EQ(contents(dir_.path("slow")), "\n\n\n");
}

TEST_F(AlertActionsTest, WhatWaitsIsBounded) {
  AlertConfig alert = five_hours();
  program("tell-me");
  alert.command = {"tell-me"};
  const std::string ends = tell(alert, 70);
  EXPECT_THAT(ends, HasSubstr("command=too much to tell at once; left out;"));
  EXPECT_EQ(contents(dir_.path("tell-me")), std::string(64, '\n'));
}

TEST_F(AlertActionsTest, OneThatFailsKeepsNoOtherFromRunning) {
  AlertConfig alert = five_hours();
  program("notify-send");
  alert.command = {"/no/such/program"};
  alert.notify = true;
  EXPECT_EQ(tell(alert), "command=/no/such/program: no such file or directory;notify=told;");
  alert.command = {"sh", "-c", "echo no luck >&2; exit 3"};
  EXPECT_EQ(tell(alert), "command=sh: ended with status 3 (it said: no luck);notify=told;");
}

TEST_F(AlertActionsTest, TheDesktop) {
  AlertConfig alert = five_hours();
  alert.name = "-x <b>";
  alert.notify = true;
  program("notify-send");
  Firing firing = firing_of(alert);
  EXPECT_EQ(tell(alert), "notify=told;");
  EXPECT_EQ(contents(dir_.path("notify-send")),
            "[--app-name=shmeter][--][-x <b>][five_hour 86%, work; resets in 2h]\n");
  fs::remove(dir_.path("bin/notify-send"));
  ::setenv("PATH", dir_.path("bin").c_str(), 1);
  EXPECT_EQ(tell(alert), "notify=notify-send: no such file or directory;");
}

TEST_F(AlertActionsTest, EveryClientOfTmux) {
  AlertConfig alert = five_hours();
  alert.tmux = true;
  program("tmux", "[ $1 = list-clients ] && printf '/dev/pts/1\\n/dev/pts/2\\n'; exit 0");
  EXPECT_EQ(tell(alert), "tmux=told;tmux=told;");
  const std::string message = "[--][nearly used: five_hour 86%%, work; resets in 2h]\n";
  EXPECT_EQ(contents(dir_.path("tmux")),
            "[list-clients][-F][#{client_name}]\n"
            "[display-message][-d][10000][-c][/dev/pts/2]" +
                message + "[display-message][-d][10000][-c][/dev/pts/1]" + message);
  program("tmux");
  EXPECT_EQ(tell(alert), "tmux=no client is attached to tmux;");
  program("tmux", "echo 'no server running on /tmp/tmux-1000/default' >&2; exit 1");
  EXPECT_EQ(tell(alert), "tmux=no tmux server runs;");
  program("tmux", "echo 'unknown option' >&2; exit 1");
  EXPECT_EQ(tell(alert), "tmux=tmux: ended with status 1 (it said: unknown option);");
}

TEST(AlertState, AsItWasWritten) {
  test::TempDir dir;
  const std::string path = dir.path("some/where/alerts.json");
  ASSERT_TRUE(load_alert_state(path));
  EXPECT_TRUE(load_alert_state(path)->told.empty());
  const std::vector<ToldAlert> told = {{"a \"b\" ü", "five_hour >= 80", "0123456789abcdef", 1234},
                                       {"c", "today.cost > 1", "", kUnknown}};
  const std::vector<AlertPast> past = {{"a \"b\" ü", "five_hour >= 80", kNow_s, kNow_s - 60},
                                       {"b", "health < 30", kNow_s, kUnknown}};
  const std::vector<WebhookDelivery> pending = {{"00ff", "a \"b\" ü", "{\"x\":1}\n", kNow_s}};
  const auto saved = save_alert_state(path, {told, past, pending});
  ASSERT_TRUE(saved) << saved.error().message;
  const auto read = load_alert_state(path);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->told, told);
  EXPECT_EQ(read->past, past);
  EXPECT_EQ(read->pending, pending);
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
  ASSERT_TRUE(save_alert_state(path, {}));
  EXPECT_TRUE(load_alert_state(path)->told.empty());
  EXPECT_FALSE(fs::exists(path + ".new"));

  const std::vector<ToldAlert> most(kMaxTold, {std::string(64, '"'), std::string(200, '"'),
                                               std::string(128, '"'), -kNow_s, kNow_s});
  ASSERT_TRUE(save_alert_state(path, {most, {}, {}}));
  ASSERT_TRUE(load_alert_state(path)) << "the longest there can be";
  EXPECT_EQ(load_alert_state(path)->told, most);
}

TEST(AlertState, DamagedOrHostileIsToldAndNotBelieved) {
  const std::string one = R"({"alert":"a","when":"w","subject":"s","window":1})";
  std::string too_many = one;
  for (std::size_t i = 0; i < kMaxTold; ++i) too_many += "," + one;
  const struct {
    const char* what;
    std::string text;
  } rows[] = {
      {"empty", ""},
      {"garbage", std::string("\0\xff{", 3)},
      {"cut off", R"({"version":1,"told":[)" + one},
      {"no object", "[]"},
      {"another version", R"({"version":2,"told":[]})"},
      {"no version", R"({"told":[]})"},
      {"no list", R"({"version":1,"told":{}})"},
      {"an entry that is none", R"({"version":1,"told":[5]})"},
      {"a member is missing", R"({"version":1,"told":[{"alert":"a","when":"w","subject":"s"}]})"},
      {"a text too long", R"({"version":1,"told":[{"alert":")" + std::string(513, 'x') +
                              R"(","when":"w","subject":"s","window":1}]})"},
      {"a window that is no time",
       R"({"version":1,"told":[{"alert":"a","when":"w","subject":"s","window":9e18}]})"},
      {"a window beyond all times", R"({"version":1,"told":[{"alert":"a","when":"w",)"
                                    R"("subject":"s","window":-9223372036854775807}]})"},
      {"a past that is none", R"({"version":1,"told":[],"past":{}})"},
      {"a past that says when", R"({"version":1,"told":[],"past":[{"alert":"a","when":"w",)"
                                R"("told":"now"}]})"},
      {"an id that would break a header",
       R"({"version":1,"told":[],"pending":[{"id":"a\r\nb","alert":"a","body":"","created":1}]})"},
      {"a body that is too long",
       R"({"version":1,"told":[],"pending":[{"id":"a","alert":"a","created":1,"body":")" +
           std::string(4097, 'x') + "\"}]}"},
      {"too many", R"({"version":1,"told":[)" + too_many + "]}"},
      {"too long", std::string(std::size_t{17} << 20, ' ')},
      {"deep", std::string(100'000, '[')},
  };
  test::TempDir dir;
  const std::string path = dir.path("alerts.json");
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    std::ofstream(path, std::ios::binary) << row.text;
    const auto read = load_alert_state(path);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr(path));
    ASSERT_TRUE(save_alert_state(path, {})) << "made anew";
    EXPECT_TRUE(load_alert_state(path));
  }
  fs::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(load_alert_state(path)) << "and does not wait for a writer";
  fs::remove(path);
  fs::create_symlink("/etc/passwd", path);
  EXPECT_FALSE(load_alert_state(path));
  ASSERT_TRUE(save_alert_state(path, {}));
  EXPECT_FALSE(fs::is_symlink(path)) << "replaced, not followed";
}

}  // namespace
}  // namespace shmeter::collector
