// SPDX-License-Identifier: MIT
// `shmeter hook`: what goes on to the collector of what Claude Code tells a hook, and that nothing
// else ever comes of it.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/plugin/ingest_end.hpp"
#include "tests/plugin/reader_run.hpp"
#include "tests/shm/temp_dir.hpp"

namespace shmeter::test {
namespace {

namespace fs = std::filesystem;

class Hook : public testing::TestWithParam<Build> {
 protected:
  Ended hook(std::string input, std::vector<std::string> environment = {}) const {
    environment.push_back("SHMETER_RUNTIME_DIR=" + dir_.path());
    return run({GetParam().path, {"hook"}, std::move(environment), std::move(input), false});
  }
  /// Runs it, sees that it kept quiet, and gives what the collector got.
  std::string sent(std::string input, std::vector<std::string> environment = {}) const {
    const Ended ended = hook(std::move(input), std::move(environment));
    EXPECT_EQ(ended.status, 0);
    EXPECT_EQ(ended.out + ended.err, "");
    return socket_.take();
  }

  shm::test::TempDir dir_;
  IngestEnd socket_{dir_ / "ingest.sock"};
};

TEST_P(Hook, PassesOnTheNamesAndNothingElse) {
  EXPECT_EQ(
      sent(read_file(SHMETER_TEST_DATA "/hooks/2.1.330-02-PostToolUse.json"), {"TMUX_PANE=%3"}),
      "shmeter 1 hook pane=%253 config=/home/dev/.claude\n"
      R"({"session_id":"c9bec15a-c582-41d2-a016-dceacfb47ad5",)"
      R"("transcript_path":"/home/dev/.claude/projects/-home-dev-proj/)"
      R"(c9bec15a-c582-41d2-a016-dceacfb47ad5.jsonl","cwd":"/home/dev/proj",)"
      R"("hook_event_name":"PostToolUse","tool_name":"Bash","tool_use_id":"toolu_fake4"})");
}

TEST_P(Hook, PassesOnEveryHookThatWasEverCaptured) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(SHMETER_TEST_DATA "/hooks")) {
    const std::string got = sent(read_file(entry.path()));
    EXPECT_NE(got.find("\"hook_event_name\":\""), std::string::npos) << entry.path();
    for (const char* secret : {"prompt\"", "message", "tool_input", "tool_response", "scratchpad"})
      EXPECT_EQ(got.find(secret), std::string::npos) << entry.path() << " sent " << secret;
    ++count;
  }
  EXPECT_GT(count, 20);
}

TEST_P(Hook, ConfigDirOfTheEnvironmentCounts) {
  EXPECT_EQ(sent(R"({"session_id":"s","transcript_path":"/a/projects/p/s.jsonl"})",
                 {"CLAUDE_CONFIG_DIR=/b c"}),
            "shmeter 1 hook config=/b%20c\n"
            R"({"session_id":"s","transcript_path":"/a/projects/p/s.jsonl"})");
}

TEST_P(Hook, EscapesWhatItPassesOn) {
  EXPECT_EQ(
      sent(R"({"session_id":"s","cwd":"/a \"b\"\\\n\u0001\u00e9","tool_name":7,"reason":null})"),
      "shmeter 1 hook\n{\"session_id\":\"s\",\"cwd\":\"/a \\\"b\\\"\\\\\\u000a\\u0001é\"}");
}

TEST_P(Hook, ATextTooLongToBeANameIsLeftOut) {
  EXPECT_EQ(
      sent(R"({"session_id":"s","cwd":")" + std::string(1025, 'x') + R"(","reason":"other"})"),
      "shmeter 1 hook\n"
      R"({"session_id":"s","reason":"other"})");
}

TEST_P(Hook, AToolsAnswerOfMegabytesDoesNotMatter) {
  EXPECT_EQ(sent(R"({"session_id":"s","tool_response":[")" + std::string(3'000'000, '}') +
                 R"("],"tool_use_id":"toolu_1"})"),
            "shmeter 1 hook\n"
            R"({"session_id":"s","tool_use_id":"toolu_1"})");
}

TEST_P(Hook, WhatIsNoHookIsNotSent) {
  for (const char* input : {"", "garbage", "{}", "[]", R"({"session_id":"s")", R"({"cwd":"/"})",
                            R"({"session_id":"s"} x)", R"({"session_id":"s",})"})
    EXPECT_EQ(sent(input), "") << input;
}

TEST_P(Hook, NoCollectorIsNoTrouble) {
  fs::remove(dir_ / "ingest.sock");
  const Ended ended = hook(R"({"session_id":"s"})");
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out + ended.err, "");
}

INSTANTIATE_TEST_SUITE_P(Each, Hook, testing::ValuesIn(builds()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace shmeter::test
