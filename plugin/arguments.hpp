// SPDX-License-Identifier: MIT
// The command line as a value: one table of verbs and one of options drive parsing and help.
// Nothing here reads a file, a clock or the environment.
#pragma once

#include <span>
#include <string_view>

#include "formats/values.hpp"
#include "plugin/text.hpp"

namespace shmeter::plugin {

enum class Intent { render, hook, pass_on, help, version, wrong };

/// A verb that the reader runs itself. Every other verb belongs to shmeterd.
struct Verb {
  std::string_view name;
  std::string_view alias;  // empty = none
  formats::Target target;
  bool can_watch;
  Intent intent;
};
std::span<const Verb> verbs();

enum class ColourWish { automatic, always, never };  // --color auto, always, never

/// Views into argv, each up to the NUL that ends its word; empty = not given.
struct Arguments {
  const Verb* verb = nullptr;
  std::string_view format;  // --format, or the one positional argument
  std::string_view session;
  std::string_view pane;
  std::string_view cwd;
  std::string_view account;
  std::string_view runtime_dir;
  std::string_view region;
  std::string_view fallback;  // shown when nothing is known
  std::string_view then;      // a command that gets the same stdin, and is shown, too
  int width = 0;              // columns; 0 = not given
  ColourWish colour = ColourWish::automatic;
  bool watch = false;
  bool autostart = false;
  bool last = false;  // what `then` shows stands before ours
  bool verbose = false;
};

/// What the command line asks for. `wrong` comes with one line that says what was expected.
Intent parse_arguments(std::span<const char* const> argv, Arguments& out, Message& why);

/// A number of columns, 1 to 4096; 0 = the text is none. For --width and COLUMNS.
int parse_columns(std::string_view text);

/// The text of `shmeter --help`, made from the tables.
using HelpText = FixedText<4096>;
void write_help(HelpText& out);

}  // namespace shmeter::plugin
