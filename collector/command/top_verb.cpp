// SPDX-License-Identifier: MIT
#include "collector/command/top_verb.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/reader_words.hpp"
#include "collector/command/terminal.hpp"
#include "collector/top/styled_text.hpp"
#include "collector/top/top_loop.hpp"

namespace shmeter::collector {
namespace {

constexpr const char* kForm = "shmeter top [--once] [--runtime-dir DIR] [--region PATH]";
constexpr std::array<ClientOption, 4> kOptions = {
    {{"once", false}, kRuntimeDirOption, kRegionOption, kHelpOption}};
constexpr int kUsualWidth = 100;  // of what is no terminal and says nothing

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

int print_once(const TopSettings& settings, const plugin::Environment& env) {
  const Surface surface = surface_of_stdout();
  const int columns = plugin::parse_columns(env.columns);
  const int width = surface.width > 0 ? surface.width : columns > 0 ? columns : kUsualWidth;
  // Whoever has read enough may close the pipe: that is no failure.
  ::signal(SIGPIPE, SIG_IGN);
  const std::string text = top_once(settings, width);
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written || errno == EPIPE ? kExitOk : kExitUnavailable;
}

}  // namespace

int run_top_verb(std::span<char* const> words, const Environment&) {
  const auto read = read_client_words(words, kOptions, 0, kForm);
  if (!read) {
    say(read.error().message);
    return kExitUsage;
  }
  if (read->has("help")) {
    std::printf("usage: %s\n", kForm);
    return kExitOk;
  }
  const plugin::Environment env = reader_environment();
  const bool full = ::isatty(STDOUT_FILENO) == 1 && ::isatty(STDIN_FILENO) == 1 &&
                    env.term != "dumb" && !env.term.empty();
  const TopSettings settings = {
      .places = reader_places(*read, env),
      .colour = stdout_colour(env),
      .ascii = !is_utf8_locale(variable("LC_ALL"), variable("LC_CTYPE"), variable("LANG"))};
  if (!full || read->has("once")) return print_once(settings, env);
  const auto ended = run_top(settings);
  if (!ended) {
    say(ended.error().message);
    return kExitUnavailable;
  }
  if (*ended != 0) ::raise(*ended);  // the terminal is given back by now
  return kExitOk;
}

}  // namespace shmeter::collector
