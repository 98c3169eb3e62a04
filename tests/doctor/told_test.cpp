// SPDX-License-Identifier: MIT
#include "collector/doctor/told.hpp"

#include <gtest/gtest.h>

namespace shmeter::collector {
namespace {

TEST(Told, RedactedPathsKeepWhatEveryMachineHas) {
  const struct {
    const char *path, *want;
  } rows[] = {
      {"/home/sam", "~"},
      {"/home/sam/.claude/settings.json", "~/.claude/settings.json"},
      {"/home/sam/acme-7/.claude", "~/xxxx-0/.claude"},
      {"/home/samuel/.claude", "/home/xxxxxx/.claude"},
      {"/run/user/1000/shmeter/region.1", "/run/user/1000/shmeter/region.1"},
      {"/tmp/shmeter-1000/line/zsh", "/tmp/shmeter-1000/line/zsh"},
      {"/tmp/shmeter-acme", "/tmp/xxxxxxx-xxxx"},
      {"/usr/local/bin:/home/sam/bin", "/usr/local/xxx:/home/xxx/bin"},
      {"/srv/4111111111111111/x", "/srv/0000000000000000/x"},
      {"/opt/größe/日本", "/opt/xxxxx/xx"},
      {"relative", "xxxxxxxx"},
      {"", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(redacted_path(row.path, "/home/sam"), row.want);
  EXPECT_EQ(redacted_path("/root/.claude", "/"), "/root/.claude") << "no home to speak of";
}

TEST(Told, ShapesKeepOnlyWhatLinesAreDrawnWith) {
  EXPECT_EQ(shape_of("Opus 5.5 · ███░░░ 42% · $1.23"), "xxxx 0.0 · ███░░░ 00% · $0.00");
  EXPECT_EQ(shape_of("ümlaut@acme.example <é>"), "xxxxxx@xxxx.xxxxxxx <x>");
  EXPECT_EQ(shape_of("٣ 漢 \xff"), "x x x") << "digits of other scripts, and bytes that are none";
}

TEST(Told, SaysMineAsItIsButHarmless) {
  Told told("a ");
  told << Told::path("/x\x1b[2Jy") << " b " << Told::foreign("l1\nl2") << 7;
  EXPECT_EQ(told.text(Privacy::mine, "/h"), "a /x\\e[2Jy b l1\\nl27");
  EXPECT_EQ(told.text(Privacy::redacted, "/h"), "a /x\\e[0xx b x0\\nx07");
  EXPECT_EQ(Told::shell_path("/a b").text(Privacy::mine, "/h"), "'/a b'");
  const std::string longest = Told::foreign(std::string(100'000, 'y')).text(Privacy::mine, "/h");
  EXPECT_EQ(longest, std::string(kMostForeign, 'y') + "…");
}

TEST(Told, KnowsVersionsTerminalsAndAges) {
  const auto redacted = [](const Told& told) { return told.text(Privacy::redacted, "/h"); };
  EXPECT_EQ(redacted(Told::version("0.1.0")), "0.1.0");
  EXPECT_EQ(redacted(Told::version("0.1-acme")), "0.0-xxxx");
  for (const char* const usual :
       {"xterm-256color", "tmux-256color", "xterm-kitty", "vt220", "dumb"})
    EXPECT_EQ(redacted(Told::terminal(usual)), usual);
  EXPECT_EQ(redacted(Told::terminal("xterm-acme")), "xxxxx-xxxx");
  EXPECT_EQ(redacted(Told::terminal("vtacm")), "xxxxx");
  const std::pair<shm::i64, const char*> ages[] = {
      {-1, "unknown"},   {0, "0 s"},    {119, "119 s"},    {120, "2 min"},
      {7199, "119 min"}, {7200, "2 h"}, {172'799, "47 h"}, {172'800, "2 d"}};
  for (const auto& [seconds, want] : ages) EXPECT_EQ(redacted(Told::age(seconds)), want);
}

}  // namespace
}  // namespace shmeter::collector
