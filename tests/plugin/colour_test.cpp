// SPDX-License-Identifier: MIT
#include "plugin/colour.hpp"

#include <gtest/gtest.h>

namespace shmeter::plugin {
namespace {

using formats::Colour;
using formats::Target;

struct Row {
  Target target;
  ColourWish wish;
  const char* force;
  const char* no;
  const char* colorterm;
  const char* term;
  Colour want;
};

TEST(Colour, Table) {
  constexpr auto kAuto = ColourWish::automatic;
  const Row rows[] = {
      {Target::ansi, kAuto, "", "", "", "", Colour::ansi16},
      {Target::ansi, kAuto, "", "", "", "dumb", Colour::none},
      {Target::ansi, kAuto, "", "", "", "xterm-256color", Colour::ansi256},
      {Target::ansi, kAuto, "", "", "", "xterm-direct", Colour::truecolor},
      {Target::claude, kAuto, "", "", "truecolor", "xterm-256color", Colour::truecolor},
      {Target::starship, kAuto, "", "", "24bit", "", Colour::truecolor},
      {Target::ansi, kAuto, "", "1", "truecolor", "", Colour::none},
      {Target::ansi, kAuto, "1", "1", "", "", Colour::ansi16},
      {Target::ansi, kAuto, "3", "", "", "dumb", Colour::truecolor},
      {Target::ansi, kAuto, "yes", "1", "", "dumb", Colour::ansi16},
      {Target::ansi, kAuto, "0", "", "truecolor", "", Colour::none},
      {Target::ansi, ColourWish::never, "3", "", "truecolor", "", Colour::none},
      {Target::ansi, ColourWish::always, "0", "1", "", "dumb", Colour::ansi16},
      {Target::tmux, kAuto, "", "", "", "dumb", Colour::truecolor},
      {Target::waybar, kAuto, "1", "1", "", "", Colour::none},
      {Target::polybar, ColourWish::always, "", "1", "", "", Colour::truecolor},
      {Target::polybar, ColourWish::never, "", "", "", "", Colour::none},
      {Target::plain, ColourWish::always, "3", "", "truecolor", "", Colour::none},
      {Target::json, ColourWish::always, "3", "", "truecolor", "", Colour::none},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(&row - rows);
    Environment env;
    env.force_color = row.force;
    env.no_color = row.no;
    env.colorterm = row.colorterm;
    env.term = row.term;
    EXPECT_EQ(choose_colour(row.target, row.wish, env), row.want);
  }
}

}  // namespace
}  // namespace shmeter::plugin
