// SPDX-License-Identifier: MIT
// How many colours a line may use. Never asks whether stdout is a terminal: in every host it is a
// pipe.
#pragma once

#include "formats/values.hpp"
#include "plugin/arguments.hpp"
#include "plugin/environment.hpp"

namespace shmeter::plugin {

/// Terminal colours (ansi, claude, starship): --color, then FORCE_COLOR, then NO_COLOR, then as
/// COLORTERM and TERM tell. Host markup (tmux, waybar, polybar): full colour, unless --color=never
/// or NO_COLOR. plain and json: none.
formats::Colour choose_colour(formats::Target target, ColourWish wish, const Environment& env);

}  // namespace shmeter::plugin
