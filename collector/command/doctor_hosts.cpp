// SPDX-License-Identifier: MIT
#include "collector/command/doctor_hosts.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "collector/command/file_facts.hpp"
#include "collector/command/managed_settings.hpp"
#include "collector/command/setup_hosts.hpp"
#include "collector/doctor/trial_samples.hpp"
#include "collector/preview/host_text.hpp"
#include "collector/publish/line_files.hpp"
#include "collector/setup/hooks_setup.hpp"
#include "collector/setup/json_edit.hpp"
#include "collector/setup/marked_block.hpp"
#include "collector/setup/shell_words.hpp"
#include "collector/setup/text_file.hpp"
#include "collector/source/ingest_socket.hpp"

namespace shmeter::collector {
namespace {

using Commands = std::vector<HostCommand>;
using Text = std::string_view;

constexpr std::uint64_t kTrialWithin_ms = 5000;
constexpr std::uint64_t kStarshipWithin_ms = 500;  // its own limit, unless it was told another
constexpr std::size_t kMostTrials = 4;             // of a host: each may take all its time
constexpr std::size_t kTrialBytes = std::size_t{64} << 10;
constexpr int kUsualColumns = 120;

Commands of_statusline(Text text, const DoctorCall&) { return statusline_commands(text); }
Commands of_hooks(Text text, const DoctorCall&) { return hook_commands(text); }
Commands of_tmux(Text text, const DoctorCall&) {
  return tmux_commands(text, TmuxText::configuration);
}
Commands of_starship(Text text, const DoctorCall& call) {
  return starship_commands(text, call.starship_shell);
}
Commands of_waybar(Text text, const DoctorCall&) { return waybar_commands(text); }
Commands of_polybar(Text text, const DoctorCall&) { return polybar_commands(text); }

/// A host that runs commands.
struct Way {
  Text name;
  Commands (*commands)(Text text, const DoctorCall& call);
  formats::Target target;
  std::uint64_t within_ms = kTrialWithin_ms;
};
constexpr std::array<Way, 6> kWays = {
    {{"claude-code", of_statusline, formats::Target::claude},
     {"hooks", of_hooks, formats::Target::plain},
     {"tmux", of_tmux, formats::Target::tmux},
     {"starship", of_starship, formats::Target::starship, kStarshipWithin_ms},
     {"waybar", of_waybar, formats::Target::waybar},
     {"polybar", of_polybar, formats::Target::polybar}}};

const Way* find_way(Text name) {
  const auto way =
      std::find_if(kWays.begin(), kWays.end(), [&](const Way& one) { return one.name == name; });
  return way == kWays.end() ? nullptr : &*way;
}

bool is_shell(Text name) { return name == "zsh" || name == "bash" || name == "fish"; }

/// Whether a line that is no comment names our reader.
bool names_shmeter(Text host, Text text) {
  if (host == "hooks" || host == "systemd") return false;
  if (host == "claude-code") {
    constexpr std::array<Text, 2> kCommand = {"statusLine", "command"};
    const auto command = json_value(text, kCommand);
    return command && *command && (**command).find("shmeter") != text.npos;
  }
  bool found = false;
  each_line(text, [&](Text line, std::size_t) {
    const Text bare = bare_line(line);
    const bool is_comment =
        bare.starts_with('#') || bare.starts_with("//") || bare.starts_with(';');
    found = found || (!is_comment && bare.find("shmeter") != bare.npos);
  });
  return found;
}

std::string text_of(const HostText& text) {
  std::string out;
  for (const HostSpan& span : text) out += span.text;
  return out;
}

/// The line as the host shows it, or why it does not. Claude Code takes whatever it is.
void read_back(const Way& way, TrialFact& trial) {
  const bool is_claude = way.target == formats::Target::claude;
  Text line = trial.ended.out;
  if (!is_claude) line = line.substr(0, line.find('\n'));
  while (line.ends_with('\n')) line.remove_suffix(1);
  const auto text = read_host_line(way.target, line);
  trial.shown = text ? text_of(*text) : std::string(line);
  if (!text && !is_claude) trial.refused = text.error().message;
}

std::string working_directory() {
  std::error_code none;
  return std::filesystem::current_path(none).string();
}

class Trials {
 public:
  Trials(const DoctorCall& call, const Facts& facts, const TmuxServer& tmux, CommandRunner& runner)
      : call_(call), facts_(facts), tmux_(tmux), runner_(runner) {}

  HostFact look_at(const SetupHost& host);

 private:
  void read_file(const SetupHost& host, HostFact& fact, std::string& text) const;
  void look_at_commands(const Way& way, const Commands& commands, HostFact& fact);
  TrialFact run(const Way& way, const HostCommand& command, Told not_run);
  ChildProcess::Given given(const Way& way, const HostCommand& command) const;
  std::vector<std::string> argv(const Way& way, const HostCommand& command) const;
  Text path_of(const Way& way) const;
  LineFileFact line_file(Text shell) const;
  bool by_tmux(const Way& way) const {
    return way.target == formats::Target::tmux && tmux_.fact.server == TmuxFact::Server::running;
  }

  const DoctorCall& call_;
  const Facts& facts_;
  const TmuxServer& tmux_;
  CommandRunner& runner_;
};

/// The first of its places that has something of ours, else the first that is there.
void Trials::read_file(const SetupHost& host, HostFact& fact, std::string& text) const {
  const Way* const way = find_way(host.name);
  bool found = false;
  for (const std::string& place : host.places(call_.words, call_.environment)) {
    const auto file = place.empty() ? Result<TextFile>(TextFile{}) : read_text_file(place);
    if (fact.path.empty()) fact.path = place;
    if (!file) {
      fact.path = place;
      const std::string& why = file.error().message;
      fact.trouble = why.starts_with(place + ": ") ? why.substr(place.size() + 2) : why;
      continue;
    }
    const bool has_ours = way != nullptr        ? !way->commands(file->text, call_).empty()
                          : is_shell(host.name) ? has_shell_line(file->text)
                                                : !unit_program(file->text).empty();
    if (!file->there || (found && !has_ours)) continue;
    found = true;
    fact.path = place;
    text = file->text;
    fact.is_ours = has_ours;
    fact.names_us = names_shmeter(host.name, text);
    if (has_ours) break;
  }
  if (fact.is_ours) fact.trouble.clear();
}

HostFact Trials::look_at(const SetupHost& host) {
  HostFact fact;
  fact.name = host.name;
  std::string text;
  read_file(host, fact, text);
  if (const Way* way = find_way(host.name)) {
    Commands commands = way->commands(text, call_);
    if (by_tmux(*way) && tmux_.fact.has_ours) {
      commands = tmux_.commands;
      fact.is_ours = true;
    }
    look_at_commands(*way, commands, fact);
  }
  if (!fact.is_ours) return fact;
  if (!host.ruled_by.empty()) {
    const std::string ruling = ruling_settings(host.ruled_by);
    if (!note_of_disabled(text).empty())
      fact.switched_off = Told("disableAllHooks is true in ") << Told::path(fact.path);
    if (!ruling.empty())
      fact.switched_off = Told::path(ruling)
                          << " has " << Told::ours(host.ruled_by) << ", which stands before yours";
  }
  if (is_shell(host.name)) fact.line_file = line_file(host.name);
  if (host.name == "systemd") {
    fact.starts_collector = true;
    fact.service.emplace();
    fact.service->file = file_fact(unit_program(text));
  }
  return fact;
}

void Trials::look_at_commands(const Way& way, const Commands& commands, HostFact& fact) {
  for (const HostCommand& command : commands) {
    const bool is_enough = fact.trials.size() >= kMostTrials;
    fact.trials.push_back(
        run(way, command, is_enough ? Told("as enough of this host were") : Told()));
    const bool starts = command.text.find("--autostart") != command.text.npos;
    if (way.target != formats::Target::claude || !starts) continue;
    std::error_code none;
    const auto program =
        std::filesystem::canonical(fact.trials.back().program.file.path, none).string();
    fact.starts_collector = !program.empty() && file_fact(program + 'd').can_run;
    fact.lacks_collector = !program.empty() && !fact.starts_collector;
  }
}

/// The PATH that its command is found by.
Text Trials::path_of(const Way& way) const {
  if (!by_tmux(way)) return call_.reader_env.path;
  const auto path = tmux_.environment.find("PATH");
  return path == tmux_.environment.end() ? Text("/usr/bin:/bin") : Text(path->second);
}

std::vector<std::string> Trials::argv(const Way& way, const HostCommand& command) const {
  std::vector<std::string> words;
  if (by_tmux(way)) {
    words = {"env", "-i"};
    for (const auto& [name, value] : tmux_.environment)
      words.emplace_back(name).append("=").append(value);
  }
  words.insert(words.end(), command.argv.begin(), command.argv.end());
  for (std::string& word : words)
    if (word == command.text) word = without_autostart(word);
  return words;
}

ChildProcess::Given Trials::given(const Way& way, const HostCommand& command) const {
  ChildProcess::Given given;
  given.input = command.input;
  const bool is_hook = way.name == "hooks";
  if (is_hook) given.input = hook_sample(kTrialSession, working_directory());
  if (way.target == formats::Target::claude) {
    const std::string settings = client_settings(call_.words, call_.environment);
    given.input = statusline_sample(kTrialSession, settings.substr(0, settings.rfind('/')),
                                    working_directory());
    const int columns = facts_.terminal.columns > 0 ? facts_.terminal.columns : kUsualColumns;
    given.environment = {"COLUMNS=" + std::to_string(columns), "LINES=40"};
  }
  return given;
}

TrialFact Trials::run(const Way& way, const HostCommand& command, Told not_run) {
  TrialFact trial;
  trial.not_run = std::move(not_run);
  trial.command = command.text;
  trial.expected = way.name == "hooks" ? Expected::nothing : Expected::line;
  trial.limit_ms = static_cast<i64>(way.within_ms);
  std::string program = command.program;
  if (program.starts_with("~/")) program.replace(0, 1, call_.environment.home);
  trial.program = program_fact(program, path_of(way), facts_.reader.file.path, runner_);
  const auto words = words_of_ours(without_autostart(command.text), "claude");
  if (words && std::find(words->begin(), words->end(), "--autostart") != words->end())
    trial.not_run = "as it would start a collector";
  if (command.is_filled_in) trial.not_run = "as the host fills it in";
  if (!trial.not_run.empty()) return trial;
  auto outcome = runner_.run(argv(way, command), {way.within_ms, kTrialBytes, command.watches},
                             given(way, command));
  trial.ended = std::move(outcome.ended);
  trial.took_ms = outcome.took_ms;
  read_back(way, trial);
  return trial;
}

/// The shells' own words for it, in `setup`'s lines.
LineFileFact Trials::line_file(Text shell) const {
  const Environment& environment = call_.environment;
  std::string dir = environment.shmeter_runtime_dir;
  if (dir.empty() && !environment.xdg_runtime_dir.empty())
    dir = environment.xdg_runtime_dir + "/shmeter";
  if (dir.empty()) dir = "/run/user/" + std::to_string(::geteuid()) + "/shmeter";
  LineFileFact fact;
  fact.file = file_fact(dir + '/' + kLineFolder + '/' + std::string(shell));
  fact.collector_is_there = is_same_file(dir, facts_.runtime.dir);
  return fact;
}

}  // namespace

std::vector<HostFact> gather_hosts(const DoctorCall& call, const Facts& facts,
                                   const TmuxServer& tmux, CommandRunner& runner) {
  std::vector<HostFact> hosts;
  Trials trials(call, facts, tmux, runner);
  for (const SetupHost& host : setup_hosts()) hosts.push_back(trials.look_at(host));
  return hosts;
}

}  // namespace shmeter::collector
