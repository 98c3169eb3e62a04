// SPDX-License-Identifier: MIT
#include "collector/source/transcript_agent.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using test::replace;

std::string name_of(const std::string& transcript) {
  AgentOfFile agent;
  agent.look_at(transcript);
  const std::string name(agent.name());
  EXPECT_EQ(agent.name(), name);
  return name;
}

TEST(TranscriptAgent, MetaFilesTable) {
  const test::TempDir dir;
  const std::string transcript = dir.path("s/subagents/agent-1.jsonl");
  const std::string meta = dir.path("s/subagents/agent-1.meta.json");
  EXPECT_EQ(name_of(transcript), "subagent");
  const struct {
    std::string text, want;
  } rows[] = {
      {R"({"agentType":"general-purpose","isBuiltIn":true,"finished":true})", "general-purpose"},
      {R"({"description":"{\"agentType\":\"no\"}","agentType":"plugin:x y"})", "plugin:x y"},
      {R"({"nested":{"agentType":"no"}})", "subagent"},
      {R"({"agentType":7})", "subagent"},
      {R"({"agentType":null})", "subagent"},
      {R"({"agentType":""})", "subagent"},
      {R"({"agentType":"a\u0000b"})", "subagent"},
      {R"({"agentType":")" + std::string(200, 'a') + "\"}", "subagent"},
      {R"({"agentType":"a")", "subagent"},
      {R"(["agentType","a"])", "subagent"},
      {"", "subagent"},
      {std::string(3, '\0'), "subagent"},
      {R"({"agentType":"a","x":")" + std::string(kMaxMetaBytes, 'x') + "\"}", "subagent"},
      {R"({"agentType":"a","x":")" + std::string(kMaxMetaBytes - 24, 'x') + "\"}", "a"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text.substr(0, 100));
    replace(meta, row.text);
    EXPECT_EQ(name_of(transcript), row.want);
  }
}

TEST(TranscriptAgent, MutatedMetaFilesGiveANameOrNone) {
  const test::TempDir dir;
  const std::string meta = dir.path("s/subagents/agent-1.meta.json");
  const std::string whole = R"({"agentType":"general-purpose","isBuiltIn":true,"a":[1,{"b":"c"}]})";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'"', '\\', '\0'}) {
      std::string text = whole;
      text[at] = byte;
      replace(meta, text);
      EXPECT_TRUE(valid_agent(name_of(dir.path("s/subagents/agent-1.jsonl"))));
    }
    replace(meta, whole.substr(0, at));
    EXPECT_EQ(name_of(dir.path("s/subagents/agent-1.jsonl")), "subagent") << at;
  }
}

TEST(TranscriptAgent, OnlySubAgentsFilesHaveOne) {
  const test::TempDir dir;
  replace(dir.path("p/s.meta.json"), R"({"agentType":"no"})");
  EXPECT_EQ(name_of(dir.path("p/s.jsonl")), "subagent");
  replace(dir.path("p/subagents/a.meta.json"), R"({"agentType":"deep"})");
  EXPECT_EQ(name_of(dir.path("p/subagents/a.jsonl")), "deep");
  EXPECT_EQ(name_of(dir.path("p/subagents/a.txt")), "subagent");
  EXPECT_EQ(name_of(""), "subagent");
}

TEST(TranscriptAgent, WhatIsNoFileIsNotWaitedFor) {
  const test::TempDir dir;
  const std::string meta = dir.path("s/subagents/a.meta.json");
  std::filesystem::create_directories(dir.path("s/subagents"));
  ASSERT_EQ(::mkfifo(meta.c_str(), 0600), 0);
  EXPECT_EQ(name_of(dir.path("s/subagents/a.jsonl")), "subagent");
  std::filesystem::remove(meta);
  std::filesystem::create_directory(meta);
  EXPECT_EQ(name_of(dir.path("s/subagents/a.jsonl")), "subagent");
}

TEST(TranscriptAgent, IsLookedUpOnceForEachFile) {
  const test::TempDir dir;
  replace(dir.path("s/subagents/a.meta.json"), R"({"agentType":"first"})");
  AgentOfFile agent;
  agent.look_at(dir.path("s/subagents/a.jsonl"));
  EXPECT_EQ(agent.name(), "first");
  replace(dir.path("s/subagents/a.meta.json"), R"({"agentType":"second"})");
  EXPECT_EQ(agent.name(), "first");
  agent.look_at(dir.path("s/subagents/b.jsonl"));
  EXPECT_EQ(agent.name(), "subagent");
  agent.look_at(dir.path("s/subagents/a.jsonl"));
  EXPECT_EQ(agent.name(), "second");
}

}  // namespace
}  // namespace shmeter::collector
