// SPDX-License-Identifier: MIT
#include "plugin/sender.hpp"

#include <gtest/gtest.h>

namespace shmeter::plugin {
namespace {

TEST(Sender, Head) {
  const std::string longest(300, '%');
  const struct {
    std::string pane;
    std::string config;
    std::string want;
  } rows[] = {
      {"", "", "shmeter 1 claude\n"},
      {"%3", "", "shmeter 1 claude pane=%253\n"},
      {"%253", "/home/ann/.claude", "shmeter 1 claude pane=%25253 config=/home/ann/.claude\n"},
      {"", "/a b=c\n\xc3\xa4", "shmeter 1 claude config=/a%20b%3Dc%0A%C3%A4\n"},
      {"12345678901234567", "/x", "shmeter 1 claude config=/x\n"},
      {"%1", std::string(301, 'x'), "shmeter 1 claude pane=%251\n"},
  };
  for (const auto& row : rows) {
    IngestHead head;
    write_head(head, "claude", row.pane, row.config);
    EXPECT_EQ(head.view(), row.want);
  }
  IngestHead head;
  write_head(head, "hook", "%%%%%%%%%%%%%%%%", longest);
  EXPECT_FALSE(head.cut());
  EXPECT_TRUE(head.view().ends_with("%25\n"));
}

TEST(Sender, ConfigDirOfTranscript) {
  EXPECT_EQ(config_dir_of("/home/ann/.claude/projects/-home-ann/x.jsonl"), "/home/ann/.claude");
  EXPECT_EQ(config_dir_of("/projects/.claude/projects/a/b.jsonl"), "/projects/.claude");
  EXPECT_EQ(config_dir_of("/elsewhere/x.jsonl"), "");
  EXPECT_EQ(config_dir_of(""), "");
}

}  // namespace
}  // namespace shmeter::plugin
