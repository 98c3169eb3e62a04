// SPDX-License-Identifier: MIT
#include "collector/command/verbs.hpp"

#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "collector/command/daemon.hpp"
#include "collector/command/daemon_control.hpp"
#include "collector/command/environment.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/flags.hpp"

namespace shmeter::collector {
namespace {

using Run = int (*)(const Flags&, const Environment&);

int config_file(const Flags& flags, const Environment& environment) {
  const ConfigPath path = environment.config_path(flags);
  std::puts(path.path.empty() ? "none: no home directory" : path.path.c_str());
  return kExitOk;
}

int validate_config(const Flags& flags, const Environment& environment) {
  const auto config = load_config(environment.config_path(flags), environment.home);
  if (!config) {
    say(config.error().message);
    return kExitConfiguration;
  }
  std::puts("fine");
  return kExitOk;
}

int version(const Flags&, const Environment&) {
  std::puts("shmeterd " SHMETER_VERSION);
  return kExitOk;
}

constexpr std::array<std::string_view, 3> kRunFlags = {"runtime-dir", "config", "config-dir"};
constexpr std::array<std::string_view, 1> kDirFlags = {"runtime-dir"};
constexpr std::array<std::string_view, 1> kConfigFlags = {"config"};

struct Verb {
  std::string_view first;
  std::string_view second;  // empty = the verb is one word
  Run run;
  std::span<const std::string_view> flags;
  std::string_view help;
};
constexpr std::array<Verb, 8> kVerbs = {{
    {"daemon", "run", run_daemon, kRunFlags, "collect in the foreground until told to end"},
    {"daemon", "start", start_daemon, kRunFlags, "the same, detached"},
    {"daemon", "stop", stop_daemon, kDirFlags, "end the one that runs"},
    {"daemon", "status", print_daemon_status, kDirFlags, "say how it is; exit 3 when none runs"},
    {"daemon", "reload", reload_daemon, kDirFlags, "make it read its configuration again"},
    {"config", "path", config_file, kConfigFlags, "print which configuration file is read"},
    {"config", "validate", validate_config, kConfigFlags, "read it and say what is wrong"},
    {"version", "", version, {}, "print the version"},
}};

int print_help() {
  std::puts("usage: shmeterd VERB [OPTION...]\n");
  for (const Verb& verb : kVerbs) {
    std::string words(verb.first);
    if (!verb.second.empty()) words.append(" ").append(verb.second);
    std::printf("  %-16s %.*s\n", words.c_str(), static_cast<int>(verb.help.size()),
                verb.help.data());
  }
  std::puts(
      "\noptions\n"
      "  --runtime-dir DIR  where region and socket are\n"
      "  --config FILE      the configuration\n"
      "  --config-dir DIR   a Claude Code config directory to read; may be repeated");
  return kExitOk;
}

int usage(const std::string& what) {
  say(what + "; see shmeterd --help");
  return kExitUsage;
}

}  // namespace

int run_command(int argc, char** argv) {
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  if (words.size() < 2) return usage("a verb is expected");
  const std::string_view first = words[1];
  if (first == "--help" || first == "-h" || first == "help") return print_help();
  const std::string_view second = words.size() > 2 ? words[2] : "";
  bool known = false;
  for (const Verb& verb : kVerbs) {
    known = known || (verb.first == first && !verb.second.empty());
    if (verb.first != (first == "--version" ? "version" : first)) continue;
    if (!verb.second.empty() && verb.second != second) continue;
    auto flags = parse_flags(words.subspan(verb.second.empty() ? 2 : 3), verb.flags);
    if (!flags) return usage(flags.error().message);
    return verb.run(*flags, Environment::read());
  }
  if (!known) return usage("unknown verb " + std::string(first));
  std::string choices;
  for (const Verb& verb : kVerbs)
    if (verb.first == first) choices.append(choices.empty() ? "" : ", ").append(verb.second);
  return usage(std::string(first) + " is followed by " + choices);
}

}  // namespace shmeter::collector
