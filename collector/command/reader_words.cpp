// SPDX-License-Identifier: MIT
#include "collector/command/reader_words.hpp"

#include <unistd.h>

#include "plugin/colour.hpp"

extern char** environ;

namespace shmeter::collector {

plugin::Environment reader_environment() { return plugin::read_environment(environ); }

plugin::Places reader_places(const ClientWords& words, const plugin::Environment& env) {
  plugin::Arguments arguments;
  arguments.region = words.value("region");
  arguments.runtime_dir = words.value("runtime-dir");
  return plugin::find_places(arguments, env);
}

formats::Colour stdout_colour(const plugin::Environment& env) {
  if (::isatty(STDOUT_FILENO) != 1 && env.force_color.empty()) return formats::Colour::none;
  return plugin::choose_colour(formats::Target::ansi, plugin::ColourWish::automatic, env);
}

}  // namespace shmeter::collector
