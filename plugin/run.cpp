// SPDX-License-Identifier: MIT
// From the command line to the verb.
#include "plugin/run.hpp"

#include "plugin/arguments.hpp"
#include "plugin/environment.hpp"
#include "plugin/heavy.hpp"
#include "plugin/line.hpp"
#include "plugin/render_verbs.hpp"
#include "plugin/sys/sys.hpp"

namespace shmeter::plugin {
namespace {

int render(const Arguments& arguments, const Environment& env) {
  if (!arguments.fallback.empty()) sys::set_fallback(arguments.fallback);  // else a page untouched
  if (arguments.watch) return run_watch(arguments, env);
  switch (arguments.verb->target) {
    case formats::Target::claude:
      return run_claude(arguments, env);
    case formats::Target::json:
      return run_json(arguments, env);
    default:
      return run_once(arguments, env);
  }
}

int print(std::string_view text) {
  write_all(sys::kStdout, text);
  return 0;
}

/// Not inlined: its text would be a page of every line's stack.
[[gnu::noinline]] int help() {
  HelpText text;
  write_help(text);
  return print(text.view());
}

}  // namespace

int run(std::span<const char* const> argv, const char* const* envp) {
  // What the caller names, files and commands, is to be read and run with the caller's own rights.
  if (sys::has_borrowed_rights(envp)) {
    complain("does not run set-user-ID or set-group-ID: chmod ug-s it");
    return kUsageError;
  }
  Arguments arguments;
  Message why;
  const Intent intent = parse_arguments(argv, arguments, why);
  switch (intent) {
    case Intent::render:
      return render(arguments, read_environment(envp));
    case Intent::hook:
      return run_hook(arguments, read_environment(envp));
    case Intent::pass_on:
      return become_heavy(argv, read_environment(envp));
    case Intent::help:
      return help();
    case Intent::version:
      return print("shmeter " SHMETER_VERSION "\n");
    case Intent::wrong:
      break;
  }
  complain(why.view());
  return kUsageError;
}

}  // namespace shmeter::plugin
