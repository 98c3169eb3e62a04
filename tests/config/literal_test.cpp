// SPDX-License-Identifier: MIT
#include "collector/config/literal.hpp"

#include <gtest/gtest.h>

#include <string>

namespace shmeter::collector {
namespace {

TEST(Literal, PlaceInFile) {
  const struct {
    const char* what;
    std::string_view file;
    Place literal, inside, want;
  } rows[] = {
      {"plain", "a = \"xyz\"", {1, 5}, {1, 2}, {1, 7}},
      {"single quotes", "a = 'x\\yz'", {1, 5}, {1, 4}, {1, 9}},
      {"an escape is one character", "a = \"\\\\yz\"", {1, 5}, {1, 2}, {1, 8}},
      {"so is a code point", "a = \"\\u00e9yz\"", {1, 5}, {1, 2}, {1, 12}},
      {"and a long one", "a = \"\\U0001f600yz\"", {1, 5}, {1, 2}, {1, 16}},
      {"columns are characters", "a = \"\xc3\xa9yz\"", {1, 5}, {1, 3}, {1, 8}},
      {"an escaped line break ends the line", "a = \"x\\nyz\"", {1, 5}, {2, 2}, {1, 10}},
      {"several lines", "\na = \"\"\"\nxy\nz\"\"\"", {2, 5}, {2, 1}, {4, 1}},
      {"the first line break is not part of it", "a = '''\nxy'''", {1, 5}, {1, 2}, {2, 2}},
      {"text behind the quotes at once", "a = '''xy\nz'''", {1, 5}, {2, 1}, {2, 1}},
      {"a backslash joins lines", "a = \"\"\"x\\\n   y\"\"\"", {1, 5}, {1, 2}, {2, 4}},
      {"beyond the end", "a = \"xy\"", {1, 5}, {1, 9}, {1, 8}},
      {"a file that ends", "a = \"xy", {1, 5}, {4, 9}, {1, 8}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    const Place got = place_in_file(row.file, row.literal, row.inside);
    EXPECT_EQ(got.line, row.want.line);
    EXPECT_EQ(got.column, row.want.column);
  }
}

}  // namespace
}  // namespace shmeter::collector
