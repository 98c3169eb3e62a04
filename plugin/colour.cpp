// SPDX-License-Identifier: MIT
// The precedence of colour.hpp. no-color.org and force-color.org count a variable as set when it is
// not empty; FORCE_COLOR=0 to 3 chooses a depth, as Node's programs have it.
#include "plugin/colour.hpp"

namespace shmeter::plugin {
namespace {

using formats::Colour;
using formats::Target;

Colour depth_of_terminal(const Environment& env) {
  if (env.colorterm == "truecolor" || env.colorterm == "24bit") return Colour::truecolor;
  if (env.term.ends_with("-direct")) return Colour::truecolor;
  if (env.term.ends_with("256color")) return Colour::ansi256;
  return env.term == "dumb" ? Colour::none : Colour::ansi16;
}

Colour some_colour(const Environment& env) {
  const Colour depth = depth_of_terminal(env);
  return depth == Colour::none ? Colour::ansi16 : depth;
}

Colour forced(const Environment& env) {
  if (env.force_color == "0" || env.force_color == "false") return Colour::none;
  if (env.force_color == "1") return Colour::ansi16;
  if (env.force_color == "2") return Colour::ansi256;
  if (env.force_color == "3") return Colour::truecolor;
  return some_colour(env);
}

Colour terminal_colour(ColourWish wish, const Environment& env) {
  if (wish == ColourWish::never) return Colour::none;
  if (wish == ColourWish::always) return some_colour(env);
  if (!env.force_color.empty()) return forced(env);
  return env.no_color.empty() ? depth_of_terminal(env) : Colour::none;
}

Colour host_colour(ColourWish wish, const Environment& env) {
  const bool off =
      wish == ColourWish::never || (wish == ColourWish::automatic && !env.no_color.empty());
  return off ? Colour::none : Colour::truecolor;
}

}  // namespace

Colour choose_colour(Target target, ColourWish wish, const Environment& env) {
  switch (target) {
    case Target::ansi:
    case Target::claude:
    case Target::starship:
    case Target::zsh:
    case Target::bash:
    case Target::fish:
      return terminal_colour(wish, env);
    case Target::tmux:
    case Target::waybar:
    case Target::polybar:
      return host_colour(wish, env);
    case Target::plain:
    case Target::json:
      break;
  }
  return Colour::none;
}

}  // namespace shmeter::plugin
