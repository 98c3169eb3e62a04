// SPDX-License-Identifier: MIT
#include "collector/setup/shell_words.hpp"

#include <gtest/gtest.h>

#include <random>

namespace shmeter::collector {
namespace {

using Words = std::vector<std::string>;

TEST(ShellWords, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(shell_quoted("/usr/bin/shmeter"), "/usr/bin/shmeter");
  EXPECT_EQ(shell_quoted("/a b/shmeter"), "'/a b/shmeter'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\"'\"'s'");
  EXPECT_EQ(shell_quoted("~/x"), "'~/x'");
  EXPECT_EQ(shell_quoted(""), "''");
}

TEST(ShellWords, ReadsThemAsAShellDoes) {
  EXPECT_EQ(shell_words(" exec  /a\\ b/x \"c $d\" 'e\\f' \"\\\"\\g\" h\\\ni"),
            (Words{"exec", "/a b/x", "c $d", "e\\f", "\"\\g", "hi"}));
  EXPECT_EQ(shell_words("a'' ''"), (Words{"a", ""}));
  EXPECT_EQ(shell_words("'without end"), (Words{"without end"}));
  EXPECT_EQ(shell_words("\\"), (Words{"\\"}));
}

TEST(ShellWords, ThereAndBack) {
  std::mt19937 random(20261122);
  constexpr std::string_view kCharacters = "ab '\"\\$`%#!()\t\n~*";
  for (int round = 0; round < 1000; ++round) {
    Words words;
    std::string command;
    for (std::size_t i = 0; i < 1 + random() % 3; ++i) {
      std::string word;
      for (std::size_t n = random() % 8; n > 0; --n)
        word += kCharacters[random() % kCharacters.size()];
      command += (command.empty() ? "" : " ") + shell_quoted(word);
      words.push_back(word);
    }
    ASSERT_EQ(shell_words(command), words) << command;
  }
}

TEST(ShellWords, KnowsOursAgain) {
  for (const char* const command :
       {"shmeter claude", "exec shmeter claude --autostart", "/opt/x/shmeter claude",
        "exec '/a b/shmeter' claude --then 'x'", "SHMETER_RUNTIME_DIR=/x exec shmeter claude",
        "exec \"/it's/shmeter\" claude 2>/dev/null"})
    EXPECT_TRUE(words_of_ours(command, "claude")) << command;
  for (const char* const command :
       {"", "shmeter", "shmeter tmux", "my-shmeter claude", "shmeter-claude",
        "cat | shmeter claude", "echo shmeter claude", "exec claude shmeter"})
    EXPECT_FALSE(words_of_ours(command, "claude")) << command;
  EXPECT_EQ(words_of_ours("exec /x/shmeter claude --then 'a b'", "claude"),
            (Words{"/x/shmeter", "claude", "--then", "a b"}));
}

}  // namespace
}  // namespace shmeter::collector
