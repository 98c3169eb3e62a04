// SPDX-License-Identifier: MIT
// Claude Code's status line and hooks.
#include <gtest/gtest.h>

#include "collector/setup/hooks_setup.hpp"
#include "collector/setup/statusline_setup.hpp"

namespace shmeter::collector {
namespace {

Edited line(std::string_view settings) {
  const auto edited = statusline_with(settings, "/opt/shmeter");
  return edited ? *edited : Edited{"error " + edited.error().message, {}};
}
std::string hooks(std::string_view settings) {
  const auto edited = hooks_with(settings, "/opt/shmeter");
  return edited ? edited->text : "error " + edited.error().message;
}

TEST(StatusLine, IsTheDocumentedMember) {
  EXPECT_EQ(statusline_member("/opt/shmeter"), R"({
  "statusLine": {
    "type": "command",
    "command": "exec /opt/shmeter claude --autostart",
    "refreshInterval": 10
  }
}
)");
}

TEST(StatusLine, TheUsersOwnGoesOnBeingShownAndComesBack) {
  const std::string before =
      R"({"statusLine":{"type":"command","command":"x='a b'; cat | y","padding":2},"z":1})";
  const Edited made = line(before);
  EXPECT_EQ(made.text,
            R"({"statusLine":{"type":"command","command":"exec /opt/shmeter claude --autostart )"
            R"(--then 'x='\"'\"'a b'\"'\"'; cat | y'","padding":2},"z":1})");
  EXPECT_NE(made.note, "");
  EXPECT_EQ(line(made.text).text, made.text);
  EXPECT_EQ(statusline_without(made.text, {}).value(), before);
  // By hand, in another form.
  EXPECT_EQ(
      statusline_without(R"({"statusLine":{"command":"shmeter claude --then=mine --width 9"}})", {})
          .value(),
      R"({"statusLine":{"command":"mine"}})");
}

TEST(StatusLine, OursStaysAsItIs) {
  for (const char* const command :
       {"exec /elsewhere/shmeter claude --autostart", "shmeter claude --autostart --width 80"}) {
    const std::string settings =
        R"({"statusLine":{"type":"command","command":")" + std::string(command) + "\"}}";
    EXPECT_EQ(line(settings).text, settings);
    EXPECT_EQ(line(settings).note, "");
    EXPECT_EQ(statusline_without(settings, {}).value(), "{}");
  }
  const std::string old = R"({"statusLine":{"type":"command","command":"shmeter claude"}})";
  EXPECT_EQ(line(old).text, old);
  EXPECT_NE(line(old).note.find("--autostart"), std::string::npos);
  const std::string piped =
      R"({"statusLine":{"type":"command","command":"tee log | shmeter claude | cut -c 1-80"}})";
  EXPECT_EQ(line(piped).text, piped);
  EXPECT_NE(line(piped).note, "");
  EXPECT_EQ(statusline_without(piped, {}).value(), piped) << "that is the user's";
}

TEST(StatusLine, WhatIsNoStatusLineIsNotGuessedAt) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"({"statusLine":null})", "error 1:15: an object is expected"},
      {R"({"statusLine":"shmeter claude"})", "error 1:15: an object is expected"},
      {R"({"statusLine":{}})",
       "error  there is a statusLine without a command; take it out, then try again"},
      {R"({"statusLine":{"command":7}})",
       "error  there is a statusLine without a command; take it out, then try again"},
      {"{\"statusLine\":{},\n \"statusLine\":{}}", "error 2:2: a second member of that name"},
      {"{\"a\":1", "error 1:7: a comma is expected"},
  };
  for (const auto& [settings, error] : rows) EXPECT_EQ(line(settings).text, error) << settings;
}

TEST(Hooks, AreAppendedToWhatIsThere) {
  const std::string before =
      R"({"hooks":{"Stop":[{"hooks":[{"type":"command","command":"say done"}]}]}})";
  const std::string made = hooks(before);
  EXPECT_NE(made.find(R"("Stop":[{"hooks":[{"type":"command","command":"say done"}]}, )"
                      R"({ "hooks": [{ "type": "command", "command": "exec /opt/shmeter hook", )"
                      R"("timeout": 5 }] }])"),
            made.npos)
      << made;
  for (const char* const event : {"SessionStart", "SessionEnd", "UserPromptSubmit", "PostToolUse",
                                  "Notification", "StopFailure", "SubagentStop"})
    EXPECT_NE(made.find("\"" + std::string(event) + "\":"), made.npos) << event;
  EXPECT_EQ(hooks(made), made);
  EXPECT_EQ(hooks_without(made).value(), before);
}

TEST(Hooks, AreKnownWhereverTheyStand) {
  const std::string mixed =
      R"({"hooks":{"Stop":[{"matcher":"*","hooks":[{"command":"shmeter hook"},)"
      R"({"command":"a"}]},{"hooks":[{"command":"/x/shmeter hook"}]},{"hooks":7},8]}})";
  EXPECT_EQ(hooks_without(mixed).value(),
            R"({"hooks":{"Stop":[{"matcher":"*","hooks":[{"command":"a"}]},{"hooks":7},8]}})");
  EXPECT_EQ(hooks(mixed).substr(0, mixed.size() - 3), mixed.substr(0, mixed.size() - 3))
      << "its event has one already";
}

TEST(Hooks, ThatAreSwitchedOffAreSaidToBe) {
  for (const char* const settings : {"{\"disableAllHooks\": true}", "{\"disableAllHooks\":true}"}) {
    EXPECT_NE(hooks_with(settings, "/s")->note, "");
    EXPECT_NE(line(settings).note, "");
  }
  EXPECT_EQ(hooks_with("{\"disableAllHooks\": false}", "/s")->note, "");
}

TEST(Hooks, WhatIsNoListIsNotGuessedAt) {
  EXPECT_EQ(hooks(R"({"hooks":{"Stop":{}}})"),
            "error  hooks.Stop is no list; put it right, then try again");
  EXPECT_EQ(hooks(R"({"hooks":[]})"), "error 1:10: an object is expected");
  EXPECT_EQ(hooks_without(R"({"hooks":{"Stop":{}}})").value(), R"({"hooks":{"Stop":{}}})");
}

}  // namespace
}  // namespace shmeter::collector
