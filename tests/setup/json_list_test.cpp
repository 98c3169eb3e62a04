// SPDX-License-Identifier: MIT
#include "collector/setup/json_list.hpp"

#include <gtest/gtest.h>

namespace shmeter::collector {
namespace {

std::string with(std::string_view list) {
  const auto changed = json_list_with(list, "9");
  return changed ? *changed : "error " + changed.error().message;
}
std::string without(std::string_view list, std::size_t index) {
  const auto changed = json_list_without(list, index);
  return changed ? *changed : "error " + changed.error().message;
}

TEST(JsonList, PutsAnElementAtTheEndAndTakesItOutAgain) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"[]", "[9]"},
      {"[1]", "[1, 9]"},
      {"[1,2]", "[1,2,9]"},
      {"[1, 2]", "[1, 2, 9]"},
      {"[1, 2,]", "[1, 2, 9,]"},
      {"[\n  1\n]", "[\n  1,\n  9\n]"},
      {"[\r\n\t1,\r\n\t[2]\r\n]", "[\r\n\t1,\r\n\t[2],\r\n\t9\r\n]"},
      {"[1 // one\n]", "[1, 9 // one\n]"},
      {"[1, // one, two\n 2]", "[1, // one, two\n 2, 9]"},
      {"[\n  // none yet\n]", "[\n  // none yet\n\n9]"},
      {"[ /* none */ ]", "[ /* none */ \n9]"},
  };
  for (const auto& [before, after] : rows) {
    EXPECT_EQ(with(before), after);
    const auto elements = json_elements(after);
    ASSERT_TRUE(elements) << after;
    EXPECT_EQ(elements->back(), "9");
    EXPECT_EQ(without(after, elements->size() - 1), before);
  }
  EXPECT_EQ(with("[ ]"), "[9]");
}

TEST(JsonList, TakesAnyElementOut) {
  EXPECT_EQ(without("[1, 2, 3]", 0), "[2, 3]");
  EXPECT_EQ(without("[1, 2, 3]", 1), "[1, 3]");
  EXPECT_EQ(without("[1,]", 0), "[]");
  EXPECT_EQ(without("[ {\"a\": [1]} ]", 0), "[  ]");
}

TEST(JsonList, LeavesWhatItDoesNotUnderstandAlone) {
  EXPECT_EQ(with("{}"), "error 1:1: a list is expected");
  EXPECT_EQ(with("[1 2]"), "error 1:4: a comma is expected");
  EXPECT_EQ(with("[1"), "error 1:3: a comma is expected");
  EXPECT_EQ(with("[1] 2"), "error 1:5: something stands behind it");
  EXPECT_EQ(with(""), "error 1:1: a list is expected");
}

TEST(JsonList, SaysWhatATextSays) {
  EXPECT_EQ(json_text("\"a\\u00e4\\/\\n\""), "aä/\n");
  EXPECT_EQ(json_text("17"), std::nullopt);
  EXPECT_EQ(json_text("\"\\x\""), std::nullopt);
  EXPECT_EQ(json_text(""), std::nullopt);
}

}  // namespace
}  // namespace shmeter::collector
