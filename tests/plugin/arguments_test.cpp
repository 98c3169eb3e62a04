// SPDX-License-Identifier: MIT
#include "plugin/arguments.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace shmeter::plugin {
namespace {

using Words = std::vector<const char*>;

Intent parse(const Words& words, Arguments& out, Message& why) {
  Words all = {"shmeter"};
  for (const char* word : words) all.push_back(word);
  return parse_arguments(all, out, why);
}

TEST(Arguments, Intent) {
  const struct {
    Words words;
    Intent want;
  } rows[] = {
      {{}, Intent::help},
      {{"--help"}, Intent::help},
      {{"-h"}, Intent::help},
      {{"tmux", "--help"}, Intent::help},
      {{"--version"}, Intent::version},
      {{"tmux"}, Intent::render},
      {{"statusline"}, Intent::render},
      {{"daily"}, Intent::pass_on},
      {{"daemon", "--frobnicate"}, Intent::pass_on},
      {{"--frobnicate"}, Intent::wrong},
      {{""}, Intent::wrong},
      {{"tmux", "--frobnicate"}, Intent::wrong},
      {{"claude", "--then", "x", "--last"}, Intent::render},
      {{"claude", "--then", ""}, Intent::wrong},
      {{"claude", "--then"}, Intent::wrong},
      {{"tmux", "--then", "x"}, Intent::wrong},
      {{"tmux", "--last"}, Intent::wrong},
      {{"tmux", "--pane", "%12"}, Intent::render},
      {{"tmux", "--pane", ""}, Intent::wrong},
      {{"tmux", "--pane", "12"}, Intent::wrong},
      {{"tmux", "--pane", "%1x"}, Intent::wrong},
      {{"tmux", "--watch"}, Intent::render},
      {{"tmux", "--watch=yes"}, Intent::wrong},
      {{"claude", "--watch"}, Intent::wrong},
      {{"json", "--watch"}, Intent::wrong},
      {{"starship", "--watch"}, Intent::wrong},
      {{"claude", "--autostart"}, Intent::render},
      {{"tmux", "--autostart"}, Intent::wrong},
      {{"tmux", "--width"}, Intent::wrong},
      {{"tmux", "--width", "0"}, Intent::wrong},
      {{"tmux", "--width", "4096"}, Intent::render},
      {{"tmux", "--width", "4097"}, Intent::wrong},
      {{"tmux", "--width=99999999999999999999"}, Intent::wrong},
      {{"tmux", "--width", "-1"}, Intent::wrong},
      {{"tmux", "--color", "auto"}, Intent::render},
      {{"tmux", "--color=sometimes"}, Intent::wrong},
      {{"tmux", "--session", "a b"}, Intent::wrong},
      {{"tmux", "--session", ""}, Intent::wrong},
      {{"tmux", "--cwd", "relative"}, Intent::wrong},
      {{"tmux", "--runtime-dir", "relative"}, Intent::wrong},
      {{"tmux", "--region="}, Intent::wrong},
      {{"tmux", "a", "b"}, Intent::wrong},
      {{"tmux", "a", ""}, Intent::render},
      {{"tmux", "", ""}, Intent::render},
  };
  for (const auto& row : rows) {
    std::string all;
    for (const char* word : row.words) all += std::string(" ") + word;
    SCOPED_TRACE(all);
    Arguments arguments;
    Message why;
    EXPECT_EQ(parse(row.words, arguments, why), row.want);
    EXPECT_EQ(why.empty(), row.want != Intent::wrong) << why.c_str();
    EXPECT_EQ(why.view().find('\n'), std::string_view::npos);
  }
}

TEST(Arguments, Values) {
  Arguments a;
  Message why;
  ASSERT_EQ(parse({"claude", "--format={session.cost}", "--session", "x-1", "--cwd=/a b",
                   "--account", "work", "--width=80", "--color", "never", "--autostart",
                   "--verbose", "--region=/r", "--runtime-dir", "/d", "--fallback", ""},
                  a, why),
            Intent::render);
  EXPECT_EQ(a.verb->target, formats::Target::claude);
  EXPECT_EQ(a.format, "{session.cost}");
  EXPECT_EQ(a.session, "x-1");
  EXPECT_EQ(a.cwd, "/a b");
  EXPECT_EQ(a.account, "work");
  EXPECT_EQ(a.width, 80);
  EXPECT_EQ(a.colour, ColourWish::never);
  EXPECT_TRUE(a.autostart);
  EXPECT_TRUE(a.verbose);
  EXPECT_FALSE(a.watch);
  EXPECT_EQ(a.region, "/r");
  EXPECT_EQ(a.runtime_dir, "/d");
  EXPECT_EQ(a.fallback, "");
}

TEST(Arguments, HelpNamesEveryVerb) {
  HelpText text;
  write_help(text);
  EXPECT_FALSE(text.cut());
  for (const Verb& verb : verbs()) EXPECT_NE(text.view().find(verb.name), std::string_view::npos);
}

TEST(Arguments, MessageOfAnyLengthFits) {
  const std::string word = "--" + std::string(100'000, 'x');
  Arguments arguments;
  Message why;
  EXPECT_EQ(parse({"tmux", word.c_str()}, arguments, why), Intent::wrong);
  EXPECT_TRUE(why.cut());
}

}  // namespace
}  // namespace shmeter::plugin
