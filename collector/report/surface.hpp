// SPDX-License-Identifier: MIT
// What a report is written on.
#pragma once

#include <string_view>

namespace shmeter::collector {

/// width 0 = as wide as it gets.
struct Surface {
  int width = 0;
  bool colour = false;
};

/// What is known of stdout, and the variables that speak about it; empty = not set.
struct TerminalFacts {
  bool is_terminal = false;
  int width = 0;  // as the terminal says; 0 = it does not
  std::string_view columns;
  std::string_view term;
  std::string_view no_color;
  std::string_view force_color;
};

/// Colour: FORCE_COLOR (0 and false forbid it), then NO_COLOR, then on any terminal but a dumb one.
/// Width: the terminal's, else COLUMNS, else 80; what goes elsewhere is never narrowed.
Surface choose_surface(const TerminalFacts& facts);

}  // namespace shmeter::collector
