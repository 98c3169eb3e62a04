// SPDX-License-Identifier: MIT
#include "collector/setup/text_diff.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace shmeter::collector {
namespace {

TEST(TextDiff, ShowsWhatChanges) {
  EXPECT_EQ(text_diff("a\nb\nc\nd\ne\n", "a\nb\nc\nX\nY\nd\ne\n"), " b\n c\n+X\n+Y\n d\n e\n");
  EXPECT_EQ(text_diff("", "a\n"), "+a\n");
  EXPECT_EQ(text_diff("a\nb", "a\n"), " a\n-b\n");
  EXPECT_EQ(text_diff("a\na\n", "a\na\na\n"), " a\n a\n+a\n");
  EXPECT_EQ(text_diff("a\nb\n", "a\nb\n"), "");
}

TEST(TextDiff, LeavesOutWhatIsFarFromAChange) {
  EXPECT_EQ(text_diff("list a\n1\n2\n3\n4\n5\n6\n", "list a b\n1\n2\n3\n4\n5\n6\nend\n"),
            "-list a\n+list a b\n 1\n 2\n...\n 5\n 6\n+end\n");
}

TEST(TextDiff, TextsWithNothingInCommonAreShownWhole) {
  std::string before, after;
  for (int i = 0; i < 3000; ++i) {
    before += "a" + std::to_string(i) + '\n';
    after += "b" + std::to_string(i) + '\n';
  }
  const std::string diff = text_diff(before, after);
  EXPECT_EQ(std::count(diff.begin(), diff.end(), '\n'), 6000);
}

}  // namespace
}  // namespace shmeter::collector
