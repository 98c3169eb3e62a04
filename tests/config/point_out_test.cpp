// SPDX-License-Identifier: MIT
#include "collector/config/point_out.hpp"

#include <gtest/gtest.h>

namespace shmeter::collector {
namespace {

TEST(PointOut, ShowsThePlace) {
  const std::string text = "[theme]\nname = \"nrod\"\n\tok = 日本 é x\n";
  const struct {
    std::string_view message, want;
  } rows[] = {
      {"/a b/c.toml:2:8: unknown", "  name = \"nrod\"\n         ^\n"},
      {"/a b/c.toml:1:1: x", "  [theme]\n  ^\n"},
      {"/a b/c.toml:1:8: behind its end", "  [theme]\n         ^\n"},
      {"/a b/c.toml:3:9: x", "   ok = 日本 é x\n            ^\n"},
      {"/a b/c.toml:4:1: x", "  \n  ^\n"},
      {"/a b/c.toml:1:9: x", ""},
      {"/a b/c.toml:5:1: x", ""},
      {"/a b/c.toml:0:1: x", ""},
      {"/a b/c.toml:1:0: x", ""},
      {"/a b/c.toml:1: x", ""},
      {"/a b/c.toml: no such file", ""},
      {"/a b/c.toml", ""},
      {"other:1:1: x", ""},
      {"/a b/c.toml:99999999999999999999999:1: x", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(point_out(row.message, "/a b/c.toml", text), row.want);
}

TEST(PointOut, CutsLongLinesAndWhatATerminalWouldActOn) {
  const std::string line = std::string(500, 'a') + "X" + std::string(500, 'b');
  const std::string shown = point_out("c:1:501: x", "c", line);
  EXPECT_EQ(shown, "  " + std::string(60, 'a') + "X" + std::string(40, 'b') + "\n  " +
                       std::string(60, ' ') + "^\n");
  EXPECT_EQ(point_out("c:1:3: x", "c", "\x1b[\xff\u202Ez"), "  \uFFFD[\uFFFDz\n    ^\n");
}

}  // namespace
}  // namespace shmeter::collector
