// SPDX-License-Identifier: MIT
#include "collector/command/verbs.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "collector/command/alert_verb.hpp"
#include "collector/command/bench_verb.hpp"
#include "collector/command/client_verbs.hpp"
#include "collector/command/daemon.hpp"
#include "collector/command/daemon_control.hpp"
#include "collector/command/dashboard_verb.hpp"
#include "collector/command/doctor_verb.hpp"
#include "collector/command/environment.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/flags.hpp"
#include "collector/command/history.hpp"
#include "collector/command/preview_verb.hpp"
#include "collector/command/report_verbs.hpp"
#include "collector/command/setup_verb.hpp"
#include "collector/command/token_verb.hpp"
#include "collector/command/top_verb.hpp"
#include "collector/config/keys.hpp"
#include "collector/config/point_out.hpp"

namespace shmeter::collector {
namespace {

using Run = int (*)(const Flags&, const Environment&);

int config_file(const Flags& flags, const Environment& environment) {
  const ConfigPath path = environment.config_path(flags);
  std::puts(path.path.empty() ? "none: no home directory" : path.path.c_str());
  return kExitOk;
}

/// What is wrong with it, and where; for the exit status.
int show_mistake(const Error& error, const std::string& path) {
  say(error.message);
  std::error_code none;
  if (std::filesystem::is_regular_file(path, none) &&
      std::filesystem::file_size(path, none) <= kMaxConfigBytes) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::fputs(point_out(error.message, path, text).c_str(), stderr);
  }
  return kExitConfiguration;
}

int validate_config(const Flags& flags, const Environment& environment) {
  const ConfigPath path = environment.config_path(flags);
  const auto config = load_config(path, environment.home);
  if (!config) return show_mistake(config.error(), path.path);
  std::puts("fine");
  return kExitOk;
}

int show_config(const Flags& flags, const Environment& environment) {
  const ConfigPath path = environment.config_path(flags);
  const auto text = show_config(path, environment.home);
  if (!text) return show_mistake(text.error(), path.path);
  std::printf("# %s\n%s", path.path.empty() ? "no home directory" : path.path.c_str(),
              text->c_str());
  return kExitOk;
}

int default_config(const Flags&, const Environment&) {
  std::fputs(commented_config().c_str(), stdout);
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
constexpr std::array<Verb, 11> kVerbs = {{
    {"daemon", "run", run_daemon, kRunFlags, "collect in the foreground until told to end"},
    {"daemon", "start", start_daemon, kRunFlags, "the same, detached"},
    {"daemon", "stop", stop_daemon, kDirFlags, "end the one that runs"},
    {"daemon", "status", print_daemon_status, kDirFlags, "say how it is; exit 3 when none runs"},
    {"daemon", "reload", reload_daemon, kDirFlags, "make it read its configuration again"},
    {"config", "path", config_file, kConfigFlags, "print which configuration file is read"},
    {"config", "validate", validate_config, kConfigFlags, "read it and say what is wrong"},
    {"config", "show", show_config, kConfigFlags, "print what holds, key by key"},
    {"config",
     "default",
     default_config,
     {},
     "print a configuration with every key, commented out"},
    {"token", "rotate", rotate_token, kDirFlags, "new secrets for HTTP over TCP"},
    {"version", "", version, {}, "print the version"},
}};

/// A daemon that runs, or else what is stored and what is not, for as long as the reader is kept.
Result<std::shared_ptr<StoreReader>> history_reader(const Flags& flags,
                                                    const Environment& environment,
                                                    History::Progress progress) {
  auto history = History::open(flags, environment, std::move(progress));
  if (!history) return tl::unexpected(history.error());
  const std::shared_ptr<History> owner = std::move(*history);
  return std::shared_ptr<StoreReader>(owner, &owner->reader());
}

template <ReportVerb kVerb>
int report(std::span<char* const> words, const Environment& environment) {
  return run_report(kVerb, words, environment, history_reader);
}

/// A verb that reads its own words; each explains itself with --help.
struct WordVerb {
  std::string_view name;
  int (*run)(std::span<char* const> words, const Environment& environment);
  std::string_view help;
};
constexpr std::array<WordVerb, 19> kWordVerbs = {{
    {"daily", report<ReportVerb::daily>, "what was used, by day"},
    {"weekly", report<ReportVerb::weekly>, "by week"},
    {"monthly", report<ReportVerb::monthly>, "by month"},
    {"session", report<ReportVerb::session>, "by session"},
    {"blocks", report<ReportVerb::blocks>, "by five-hour block"},
    {"models", report<ReportVerb::models>, "by model"},
    {"export", report<ReportVerb::export_events>, "every event, as CSV or JSON lines"},
    {"usage", run_usage, "what a session, or all of them, used so far"},
    {"quota", run_quota, "what is left of the limits"},
    {"guard", run_guard, "may I go on? exit 0 yes, 1 no, 69 nobody knows"},
    {"set", run_set, "say what a session used: set SESSION JSON"},
    {"ingest", run_ingest, "pass the output of `claude -p` on, and take it in"},
    {"setup", run_setup,
     "setup HOST...: put the line into tmux, a prompt, a bar; setup otel: telemetry"},
    {"top", run_top_verb, "what goes on, as a view that fills the terminal; --once: one frame"},
    {"preview", run_preview, "every host's line as it looks there, for samples and for now"},
    {"doctor", run_doctor, "tries what is set up and says what to do; --redact: for a bug report"},
    {"bench", run_bench, "what a line costs on this machine, beside programs that do nothing"},
    {"dashboard", run_dashboard, "a page in the browser: prints its link, and opens it"},
    {"alert", run_alert, "alert list: how they stand; alert test NAME: what one does, at once"},
}};

int print_help() {
  std::puts("usage: shmeterd VERB [OPTION...]\n");
  const auto row = [](const std::string& words, std::string_view help) {
    std::printf("  %-16s %.*s\n", words.c_str(), static_cast<int>(help.size()), help.data());
  };
  for (const Verb& verb : kVerbs) {
    std::string words(verb.first);
    if (!verb.second.empty()) words.append(" ").append(verb.second);
    row(words, verb.help);
  }
  for (const WordVerb& verb : kWordVerbs) row(std::string(verb.name), verb.help);
  std::puts(
      "\noptions of daemon and config\n"
      "  --runtime-dir DIR  where region and sockets are\n"
      "  --config FILE      the configuration\n"
      "  --config-dir DIR   a Claude Code config directory to read; may be repeated\n"
      "\nthe other verbs have options of their own: shmeterd VERB --help");
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
  for (const WordVerb& verb : kWordVerbs)
    if (verb.name == first) return verb.run(words.subspan(2), Environment::read());
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
