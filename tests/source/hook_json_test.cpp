// SPDX-License-Identifier: MIT
#include "collector/source/hook_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/source/observed.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr i64 kNow_ms = 1'795'295'300'500;

std::string fixture(const std::string& name) {
  return test::contents(SHMETER_TEST_DATA "/hooks/" + name + ".json");
}

std::vector<std::string> read(const std::string& json) {
  test::Observed observed;
  const auto done = parse_hook(json, kNow_ms, observed.take());
  EXPECT_EQ(done.has_value(), observed.lines.size() == 1);
  return observed.lines;
}

TEST(HookJson, ReadsEveryCapture) {
  const struct {
    const char* name;
    const char* event;
  } rows[] = {
      {"2.1.197-00-SessionStart", "session_start"},
      {"2.1.330-02-PostToolUse", "post_tool_use"},
      {"2.1.330-03-Stop", "stop"},
      {"2.1.330-07-SubagentStop", "subagent_stop"},
      {"2.1.330-08-UserPromptSubmit", "user_prompt_submit"},
      {"2.1.330-11-SessionEnd", "session_end"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_THAT(read(fixture(row.name)),
                ElementsAre(HasSubstr(std::string("event=") + row.event + " session=")));
  }
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SHMETER_TEST_DATA "/hooks")) {
    SCOPED_TRACE(entry.path());
    EXPECT_EQ(read(test::contents(entry.path())).size(), 1u);
    ++count;
  }
  EXPECT_EQ(count, 25);
}

TEST(HookJson, SaysEveryMemberOfTheDatagram) {
  EXPECT_THAT(
      read(R"({"session_id":"s","transcript_path":"/t","cwd":"/c","hook_event_name":"StopFailure",
        "agent_id":"a","agent_type":"b","agent_transcript_path":"/d","tool_name":"Bash",
        "tool_use_id":"u","error":"rate_limit","notification_type":"idle_prompt",
        "source":"startup","reason":"other"})"),
      ElementsAre("hook event=stop_failure session=s transcript=/t agent_transcript=/d cwd=/c "
                  "agent=a agent_type=b tool=Bash tool_use=u error=rate_limit "
                  "notification=idle_prompt source=startup reason=other at=1795295300500"));
}

TEST(HookJson, KeepsNothingElse) {
  const std::string json = fixture("2.1.330-05-PostToolUse");
  ASSERT_THAT(json, HasSubstr("Say hello from the helper"));
  EXPECT_THAT(
      read(json),
      ElementsAre("hook event=post_tool_use session=c9bec15a-c582-41d2-a016-dceacfb47ad5 "
                  "transcript=/home/dev/.claude/projects/-home-dev-proj/"
                  "c9bec15a-c582-41d2-a016-dceacfb47ad5.jsonl cwd=/home/dev/proj tool=Agent "
                  "tool_use=toolu_fake7 at=1795295300500"));
}

TEST(HookJson, LenientWithMembersStrictWithItsName) {
  EXPECT_EQ(read(R"({"session_id":"s","hook_event_name":"Anything","cwd":7,"tool_name":null})"),
            std::vector<std::string>{"hook event=other session=s at=1795295300500"});
  const struct {
    const char *json, *error;
  } rows[] = {
      {"", "not JSON: "},
      {"{", "not JSON: "},
      {"[]", "not an object"},
      {R"({"hook_event_name":"Stop"})", "session_id: not a session id"},
      {R"({"session_id":"a b","hook_event_name":"Stop"})", "session_id: not a session id"},
      {R"({"session_id":"s"})", "hook_event_name: missing"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    const auto done = parse_hook(row.json, kNow_ms, [](const Observation&) { FAIL(); });
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, HasSubstr(row.error));
  }
  const std::string huge = R"({"session_id":"s","hook_event_name":"Stop","x":")" +
                           std::string(kMaxHookJson, 'x') + "\"}";
  EXPECT_FALSE(parse_hook(huge, kNow_ms, [](const Observation&) { FAIL(); }));
}

TEST(HookJson, MutationsNeverCrashAndNeverGiveABadId) {
  test::for_mutations(fixture("2.1.330-07-SubagentStop"), 4000, [](const std::string& json) {
    int taken = 0;
    const auto done = parse_hook(json, kNow_ms, [&](const Observation& seen) {
      EXPECT_TRUE(valid_session_id(std::get<HookSeen>(seen).session_id));
      ++taken;
    });
    EXPECT_EQ(taken, done ? 1 : 0);
  });
}

}  // namespace
}  // namespace shmeter::collector
