// SPDX-License-Identifier: MIT
#include "collector/setup/marked_block.hpp"

#include <gtest/gtest.h>

namespace shmeter::collector {
namespace {

std::string with(std::string_view text) {
  const auto changed = with_block(text, "x\ny\n");
  return changed ? *changed : "error " + changed.error().message;
}
std::string without(std::string_view text) {
  const auto changed = without_block(text);
  return changed ? *changed : "error " + changed.error().message;
}

TEST(MarkedBlock, StandsAtTheEndInTheFilesOwnManner) {
  const std::string block = "# >>> shmeter >>>\nx\ny\n# <<< shmeter <<<\n";
  const std::pair<std::string, std::string> rows[] = {
      {"", block},
      {"a\n", "a\n" + block},
      {"a", "a\n" + block.substr(0, block.size() - 1)},
      {"\n", "\n" + block},
      {"a\r\n", "a\r\n# >>> shmeter >>>\r\nx\r\ny\r\n# <<< shmeter <<<\r\n"},
      {"a\r\nb", "a\r\nb\r\n# >>> shmeter >>>\r\nx\r\ny\r\n# <<< shmeter <<<"},
  };
  for (const auto& [before, after] : rows) {
    EXPECT_EQ(with(before), after);
    EXPECT_EQ(without(after), before);
  }
}

TEST(MarkedBlock, IsMadeNewWhereItStands) {
  const std::string old = "a\n  # >>> shmeter >>>  \nolder\n# <<< shmeter <<<\nb\n";
  EXPECT_EQ(with(old), "a\n# >>> shmeter >>>\nx\ny\n# <<< shmeter <<<\nb\n");
  EXPECT_EQ(without(old), "a\nb\n");
  const std::string twice = old + old;
  EXPECT_EQ(without(twice), "a\nb\na\nb\n");
  EXPECT_EQ(with(twice), "a\nb\na\nb\n# >>> shmeter >>>\nx\ny\n# <<< shmeter <<<\n");
  EXPECT_EQ(with("# >>> shmeter >>>\n# <<< shmeter <<<"),
            "# >>> shmeter >>>\nx\ny\n# <<< shmeter <<<");
}

TEST(MarkedBlock, HalfABlockIsNotGuessedAt) {
  constexpr std::string_view why =
      ": a mark of shmeter without the other one; take the lines of shmeter out, then try again";
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"a\n# >>> shmeter >>>\nx\n", "2:1"},
      {"# <<< shmeter <<<\n", "1:1"},
      {"# >>> shmeter >>>\n# >>> shmeter >>>\n# <<< shmeter <<<\n", "2:1"},
      {"# >>> shmeter >>>\n# <<< shmeter <<<\n\n# <<< shmeter <<<\n", "4:1"},
  };
  for (const auto& [text, place] : rows) {
    EXPECT_EQ(with(text), "error " + std::string(place) + std::string(why));
    EXPECT_EQ(without(text), "error " + std::string(place) + std::string(why));
  }
}

TEST(MarkedBlock, ALineThatGoesOnWouldSwallowTheMark) {
  for (const std::string_view text : {"set -g x \\", "set -g x \\\n", "a\r\nb \\\r\n", "a\n\r"})
    EXPECT_NE(with(text).find("the last line goes on in the next one"), std::string::npos) << text;
}

}  // namespace
}  // namespace shmeter::collector
