// SPDX-License-Identifier: MIT
// What each host's file needs: its quoting, its lists, and what its user did by hand.
#include <gtest/gtest.h>

#include "collector/config/toml.hpp"
#include "collector/setup/marked_block.hpp"
#include "collector/setup/polybar_setup.hpp"
#include "collector/setup/shell_setup.hpp"
#include "collector/setup/starship_setup.hpp"
#include "collector/setup/systemd_setup.hpp"
#include "collector/setup/tmux_setup.hpp"
#include "collector/setup/waybar_setup.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kByHand =
    ": shmeter stands here already, by hand; take it out first, if it is to be kept for you from "
    "now on";

std::string text_of(const Result<Edited>& edited) {
  return edited ? edited->text : "error " + edited.error().message;
}
std::string by_hand(const char* place) {
  return "error " + std::string(place) + std::string(kByHand);
}

TEST(TmuxSetup, DoublesWhatTmuxReadsInACommand) {
  EXPECT_NE(
      tmux_lines("/a b/100%#1/shmeter")
          ->find("set -g @shmeter '#(exec '\"'\"'/a b/100%%##1/shmeter'\"'\"' tmux --watch) '\n"),
      std::string::npos);
  EXPECT_TRUE(tmux_lines("/opt (x86)/shmeter"));
  for (const char* const path : {"/a(b/shmeter", "/a)b(/shmeter"})
    EXPECT_EQ(tmux_lines(path).error().code, Errc::invalid) << path;
}

TEST(TmuxSetup, SaysWhatWasDoneByHand) {
  const auto with = [](std::string_view text) { return text_of(tmux_with(text, "/s/shmeter")); };
  EXPECT_EQ(with("a\nset -g status-right '#(exec shmeter tmux --watch) %H:%M'\n"), by_hand("2:1"));
  EXPECT_NE(with("# set -g status-right '#(exec shmeter tmux)'\n").substr(0, 6), "error ");
}

TEST(ShellSetup, SaysWhatWasDoneByHand) {
  EXPECT_EQ(text_of(shell_with("x\n  PS1='${SHMETER_LINE}'$PS1\n", kBashLines)), by_hand("2:1"));
  EXPECT_EQ(text_of(shell_with("x=$(shmeter plain)", kZshLines)), by_hand("1:1"));
  EXPECT_NE(text_of(shell_with("# shmeter plain\n", kZshLines)).substr(0, 6), "error ");
}

TEST(StarshipSetup, IsTomlWhateverThePath) {
  const std::string path = "/it's \"q\" \\ %é/shmeter";
  const auto table = toml::parse(starship_lines(path));
  EXPECT_EQ(table["custom"]["shmeter"]["shell"][0].value_or(std::string()), path);
  EXPECT_EQ(table["custom"]["shmeter"]["when"].value_or(false), true);
}

TEST(StarshipSetup, LeavesAloneWhatItCannotAddTo) {
  const auto with = [](std::string_view text) { return text_of(starship_with(text, "/s")); };
  EXPECT_EQ(with("x = 1\n[custom.shmeter]\nwhen = true\n"),
            "error 2:1: there is a module shmeter already; take it out first, if it is to be kept "
            "for you from now on");
  EXPECT_EQ(with("custom = { a = { when = true } }\n"),
            "error `custom` is written in a form that takes no further table; write [custom.NAME] "
            "tables instead, then try again");
  EXPECT_EQ(with("[custom]\na = ").substr(0, 10), "error 2:5:");
  EXPECT_EQ(with("format = \"\"\"\nno end\n").substr(0, 6), "error ");
}

TEST(StarshipSetup, SaysWhereTheFormDoesNotNameIt) {
  const auto note = [](std::string_view text) { return starship_with(text, "/s")->note; };
  EXPECT_EQ(note(""), "");
  EXPECT_EQ(note("format = '$all'"), "");
  EXPECT_EQ(note("format = '$directory${custom.shmeter}'"), "");
  EXPECT_EQ(note("format = '$directory'\nright_format = '$custom'"), "");
  EXPECT_NE(note("format = '$directory'").find("${custom.shmeter}"), std::string::npos);
  EXPECT_EQ(note("[x]\nformat = '$directory'"), "");
}

TEST(SystemdSetup, IsTheUnitOfContrib) {
  const std::string root = std::string(SHMETER_TEST_DATA) + "/../../contrib/systemd/";
  EXPECT_EQ(test::contents(root + "shmeterd.service"), systemd_unit("%h/.local/bin/shmeterd"));
}

TEST(SystemdSetup, QuotesAsSystemdDoes) {
  EXPECT_EQ(systemd_quoted("/usr/bin/shmeterd"), "/usr/bin/shmeterd");
  EXPECT_EQ(systemd_quoted("/a b/100%/shmeterd"), "\"/a b/100%%/shmeterd\"");
  EXPECT_EQ(systemd_quoted("/a$b#1/shmeterd"), "/a$b#1/shmeterd");
  for (const char* const path : {"/it's", "/\"q\"", "/a\\b"})
    EXPECT_EQ(systemd_quoted(path).error().code, Errc::invalid) << path;
}

TEST(SystemdSetup, AnotherUnitStays) {
  EXPECT_EQ(text_of(systemd_with("[Service]\nExecStart=/x/shmeterd daemon run\n", "/y")),
            by_hand("2:1"));
}

TEST(PolybarSetup, NamesTheModuleInTheFirstListOfABar) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"[bar/a]\nmodules-right = x y\n", "[bar/a]\nmodules-right = x y shmeter\n"},
      {"[bar/a]\nmodules-right=\n", "[bar/a]\nmodules-right= shmeter\n"},
      {"[bar/a]\nmodules-right = \"\"\n", "[bar/a]\nmodules-right = \"shmeter\"\n"},
      {"[bar/a]\nmodules-right = \"x\" \t\n", "[bar/a]\nmodules-right = \"x shmeter\" \t\n"},
      {"[base]\nmodules-right = b\n[bar/a]\nmodules-right = x\n[bar/c]\nmodules-right = y\n",
       "[base]\nmodules-right = b\n[bar/a]\nmodules-right = x shmeter\n[bar/c]\nmodules-right = "
       "y\n"},
      {"[bar/a]\nmodules-left = l\nmodules-center = c\n",
       "[bar/a]\nmodules-left = l\nmodules-center = c shmeter\n"},
      {"[bar/a]\nmodules-left = l shmeter\nmodules-right = r\n",
       "[bar/a]\nmodules-left = l shmeter\nmodules-right = r\n"},
      {"[bar/a]\n; modules-right = no\nmodules-right = my-shmeter\n",
       "[bar/a]\n; modules-right = no\nmodules-right = my-shmeter shmeter\n"},
  };
  for (const auto& [before, named] : rows) {
    const std::string after = text_of(polybar_with(before, "/s"));
    EXPECT_EQ(after, std::string(named) + marked_block(polybar_lines("/s")));
    if (before != named) {
      EXPECT_EQ(polybar_without(after).value(), before);
    }
  }
  // The user has moved it.
  const std::string block = marked_block(polybar_lines("/s"));
  EXPECT_EQ(polybar_without("[bar/a]\nmodules-left = shmeter x\n" + block).value(),
            "[bar/a]\nmodules-left = x\n");
  EXPECT_EQ(polybar_without("[bar/a]\nmodules-left =shmeter x\n" + block).value(),
            "[bar/a]\nmodules-left =x\n");
}

TEST(PolybarSetup, AListThatIsElsewhereIsNotGuessedAt) {
  const auto with = [](std::string_view text) { return text_of(polybar_with(text, "/s")); };
  for (const char* const text : {"", "include-file = ~/bars.ini\n", "[bar/a]\nmodules = x\n"})
    EXPECT_EQ(with(text).find("error  no modules-right"), 0u) << text;
  EXPECT_EQ(with("[bar/a]\nmodules-right = ${common.right}\n").find("error 2:16: the list is"), 0u);
  EXPECT_EQ(with("[module/shmeter]\nexec = x\n[bar/a]\nmodules-right = shmeter\n"), by_hand("1:1"));
}

TEST(WaybarSetup, SaysWhatIsWrongAndWhere) {
  const auto with = [](std::string_view text) { return text_of(waybar_with(text, "/s/shmeter")); };
  EXPECT_EQ(with(" // nothing\n").find("error  there is nothing in it"), 0u);
  EXPECT_EQ(with("{\"include\": [\"~/a\"]}").find("error  no modules-right"), 0u);
  EXPECT_EQ(with("[]").find("error  no modules-right"), 0u);
  EXPECT_EQ(with("{\n\"modules-right\": 7}"), "error 2:18: a list of modules is expected");
  EXPECT_EQ(with("{\n\"modules-right\": [}"), "error 2:19: a value is expected");
  EXPECT_EQ(with("[{\"modules-right\": []},\n 7]"),
            "error 2:2: this bar: 1:1: an object is expected");
  EXPECT_EQ(with("{\n \"custom/shmeter\": {\"exec\": \"mine\"}, \"modules-left\": []}"),
            "error 2:20: there is a module custom/shmeter that is not ours; take it out first");
}

TEST(WaybarSetup, GoesWhereItIsNamedAlready) {
  const std::string made = text_of(waybar_with(
      "[{\"modules-right\":[\"a\"]},{\"modules-left\":[\"custom/shmeter\"]}]", "/s/shmeter"));
  EXPECT_EQ(made.find("{\"modules-right\":[\"a\"]},{\"modules-left\":[\"custom/shmeter\"],"
                      "\"custom/shmeter\":{\"exec\":\"exec /s/shmeter waybar --watch\""),
            1u)
      << made;
  EXPECT_EQ(waybar_without(made).value(), "[{\"modules-right\":[\"a\"]},{\"modules-left\":[]}]");
}

}  // namespace
}  // namespace shmeter::collector
