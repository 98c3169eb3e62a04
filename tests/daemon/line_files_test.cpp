// SPDX-License-Identifier: MIT
// The real collector keeps lines as files, and loads a configuration that is saved.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "tests/daemon/daemon_fixture.hpp"

namespace shmeter {
namespace {

namespace fs = std::filesystem;
using test::contents;
using test::DaemonTest;
using testing::HasSubstr;

class LineFilesTest : public DaemonTest {
 protected:
  void SetUp() override {
    fs::create_directories(dir_.path("home/.config/shmeter"));
    std::ofstream(dir_.path("cfg/projects/-p/live.jsonl")) << test::line("1", 1200);
  }
  void configure(const std::string& toml) const {
    std::ofstream(dir_.path("home/.config/shmeter/config.toml.new")) << toml;
    fs::rename(dir_.path("home/.config/shmeter/config.toml.new"),
               dir_.path("home/.config/shmeter/config.toml"));
  }
  std::string file(const std::string& target) const { return dir_.path("rt/line/" + target); }
  void start_and_wait() {
    start_daemon();
    ASSERT_TRUE(wait_for([&] { return complete(); })) << contents(output("daemon"));
    ASSERT_TRUE(wait_for([&] { return fs::is_directory(dir_.path("rt/line")); }));
  }
  std::string printed(const std::string& target) const {
    fs::remove(output("line"));
    test::Process({SHMETER, target, "--color", "never"}, environment(), output("line")).wait();
    return contents(output("line"));
  }
  bool holds(const std::string& target, const std::string& text) const {
    return wait_for([&] { return contents(file(target)).find(text) != std::string::npos; });
  }
};

TEST_F(LineFilesTest, WhoeverMakesAFileIsKeptUpToDate) {
  start_and_wait();
  EXPECT_TRUE(fs::is_empty(dir_.path("rt/line"))) << "nobody asked";
  std::ofstream(file("plain")).close();
  std::ofstream(file("nonsense")) << "mine";
  ASSERT_TRUE(holds("plain", "sonnet-5-5")) << contents(output("daemon"));
  EXPECT_EQ(contents(file("plain")), printed("plain"));
  std::ofstream(dir_.path("cfg/projects/-p/live.jsonl"), std::ios::app)
      << test::line("2", 90'000'000);
  ASSERT_TRUE(holds("plain", "$180")) << contents(file("plain"));
  EXPECT_EQ(contents(file("plain")), printed("plain"));
  EXPECT_EQ(contents(file("nonsense")), "mine");
  struct stat st {};
  ASSERT_EQ(::stat(file("plain").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(dir_.path("rt/line").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0700u);

  fs::remove(file("plain"));
  daemon_->signal(SIGTERM);
  ASSERT_EQ(daemon_->wait(), 0);
  EXPECT_FALSE(fs::exists(file("plain"))) << "taken away is not wanted";
}

TEST_F(LineFilesTest, ConfiguredOnesAreThereAndAreEmptiedAtTheEnd) {
  configure("[lines]\ntargets = [\"zsh\", \"tmux\"]\ncolours = \"16\"\n");
  start_and_wait();
  ASSERT_TRUE(holds("zsh", "%F{6}sonnet-5-5")) << contents(file("zsh"));
  ASSERT_TRUE(holds("tmux", "#[fg=#5f87d7]"));
  configure("[lines]\ntargets = [\"zsh\"]\ncolours = \"truecolor\"\n[theme]\nname = \"nord\"\n");
  ASSERT_TRUE(holds("zsh", "%F{#88c0d0}sonnet-5-5")) << contents(output("daemon"));
  configure("[theme]\nname = \"nrd\"\n");
  ASSERT_TRUE(wait_for([&] {
    return contents(output("daemon")).find("config.toml:2:8: unknown theme") != std::string::npos;
  })) << contents(output("daemon"));
  EXPECT_THAT(contents(file("zsh")), HasSubstr("%F{#88c0d0}")) << "it changed nothing";
  daemon_->signal(SIGTERM);
  ASSERT_EQ(daemon_->wait(), 0);
  EXPECT_EQ(contents(file("zsh")), "");
}

TEST_F(LineFilesTest, WhatCannotBeWrittenIsSaidOnce) {
  fs::create_directories(dir_.path("rt/line/zsh"));  // a folder in its place
  configure("[lines]\ntargets = [\"zsh\", \"plain\"]\n");
  start_and_wait();
  ASSERT_TRUE(holds("plain", "sonnet")) << contents(output("daemon"));
  std::ofstream(file("bash")).close();
  ASSERT_TRUE(holds("bash", "sonnet")) << "two heartbeats later";
  const std::string said = contents(output("daemon"));
  const auto first = said.find("line/zsh: ");
  ASSERT_NE(first, said.npos) << said;
  EXPECT_EQ(said.find("line/zsh: ", first + 1), said.npos) << said;
}

TEST_F(LineFilesTest, ALinkIsNoFileOfOurs) {
  start_and_wait();
  std::ofstream(dir_.path("precious")) << "precious";
  fs::create_symlink(dir_.path("precious"), file("zsh"));
  std::ofstream(file("bash")).close();
  ASSERT_TRUE(holds("bash", "sonnet"));
  EXPECT_EQ(contents(dir_.path("precious")), "precious");
  EXPECT_TRUE(fs::is_symlink(file("zsh")));
}

}  // namespace
}  // namespace shmeter
