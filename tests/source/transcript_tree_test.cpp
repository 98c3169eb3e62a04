// SPDX-License-Identifier: MIT
#include "collector/source/transcript_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;

TEST(SessionOfFile, Table) {
  const struct {
    std::string_view path, want;
  } rows[] = {
      {"/c/projects/p/0a-1b.jsonl", "0a-1b"},
      {"/c/projects/p/0a-1b/subagents/agent-7.jsonl", "0a-1b"},
      {"/c/projects/p/0a-1b/subagents/deeper/agent-7.jsonl", "0a-1b"},
      {"/c/projects/p/my session (copy).jsonl", "my_session__copy_"},
      {"/c/projects/p/.jsonl", "_"},
  };
  for (const auto& row : rows) EXPECT_EQ(session_of_file(row.path), row.want);
  EXPECT_EQ(session_of_file("/p/" + std::string(300, 'a') + ".jsonl").size(), 64u);
}

std::vector<std::string> projects_of(const RootSettings& settings) {
  std::vector<std::string> paths;
  for (const TranscriptRoot& root : transcript_roots(settings)) paths.push_back(root.projects);
  return paths;
}

TEST(TranscriptRoots, Table) {
  using Paths = std::vector<std::string>;
  RootSettings home;
  home.home = "/h";
  EXPECT_EQ(projects_of(home), (Paths{"/h/.claude/projects", "/h/.config/claude/projects"}));
  RootSettings xdg = home;
  xdg.xdg_config_home = "/x";
  EXPECT_EQ(projects_of(xdg), (Paths{"/h/.claude/projects", "/x/claude/projects"}));
  RootSettings variable = home;
  variable.claude_config_dir = "~/a/, /b ,,~,/b";
  EXPECT_EQ(projects_of(variable), (Paths{"/h/a/projects", "/b/projects", "/h/projects"}));
  RootSettings configured = home;
  configured.more_config_dirs = {"/h/.claude", "/other"};
  EXPECT_EQ(projects_of(configured),
            (Paths{"/h/.claude/projects", "/h/.config/claude/projects", "/other/projects"}));
  EXPECT_EQ(projects_of({}), Paths{});
}

TEST(TranscriptRoots, AnItemMayBeTheProjectsDirectoryItself) {
  const test::TempDir dir;
  fs::create_directories(dir.path("projects/p"));
  RootSettings settings;
  settings.claude_config_dir = dir.path("projects");
  const auto roots = transcript_roots(settings);
  ASSERT_EQ(roots.size(), 1u);
  EXPECT_EQ(roots[0].config_dir, dir.path());
  EXPECT_EQ(roots[0].projects, dir.path("projects"));
}

TEST(ListTranscripts, FindsSessionsAndSubagentsAndNothingElse) {
  const test::TempDir dir;
  for (const char* name :
       {"a/s1.jsonl", "a/s1/subagents/agent-1.jsonl", "a/s1/subagents/agent-1.meta.json",
        "a/s1/subagents/deep/agent-2.jsonl", "a/s1/tool-results/x.jsonl", "a/s1/other.jsonl",
        "a/notes.txt", "a/memory/m.jsonl", "b/s2.jsonl", "stray.jsonl"})
    test::append(dir.path(name), "x\n");
  fs::create_directory_symlink(dir.path("b"), dir.path("linked"));
  fs::create_symlink(dir.path("nowhere"), dir.path("b/broken.jsonl"));
  std::vector<std::string> files;
  for (const FoundDir& found : list_transcripts(dir.path(), DirKind::projects))
    for (const FoundFile& file : found.files)
      files.push_back((found.path + '/' + file.name).substr(dir.path().size() + 1));
  std::sort(files.begin(), files.end());
  EXPECT_EQ(files,
            (std::vector<std::string>{"a/s1.jsonl", "a/s1/subagents/agent-1.jsonl",
                                      "a/s1/subagents/deep/agent-2.jsonl", "b/broken.jsonl",
                                      "b/s2.jsonl", "linked/broken.jsonl", "linked/s2.jsonl"}));
}

TEST(ListTranscripts, ALoopOfLinksEnds) {
  const test::TempDir dir;
  test::append(dir.path("a/s/subagents/agent.jsonl"), "x\n");
  fs::create_directory_symlink(dir.path("a/s/subagents"), dir.path("a/s/subagents/again"));
  EXPECT_LT(list_transcripts(dir.path(), DirKind::projects).size(), 20u);
}

TEST(ListTranscripts, WhatIsNotThereGivesNothing) {
  const test::TempDir dir;
  EXPECT_TRUE(list_transcripts(dir.path("none"), DirKind::projects).empty());
  test::append(dir.path("file"), "");
  EXPECT_TRUE(list_transcripts(dir.path("file"), DirKind::projects).empty());
}

}  // namespace
}  // namespace shmeter::collector
