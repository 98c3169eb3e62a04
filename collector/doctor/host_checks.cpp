// SPDX-License-Identifier: MIT
// What hosts run and how it went, and the surroundings in which they do.
#include <algorithm>

#include "collector/doctor/checks.hpp"

namespace shmeter::collector {
namespace {

using enum Level;
using How = ChildProcess::Ended::How;

constexpr std::string_view kHosts = "hosts";
constexpr std::string_view kTmux = "tmux's jobs";
constexpr std::string_view kTerminal = "terminal";
constexpr int kNotExecutable = 126;  // of a shell
constexpr int kNotFound = 127;

Told set_up(const HostFact& host) { return Told("shmeter setup ") << Told::ours(host.name); }

/// For a program that cannot be started.
Told replace(const HostFact& host) {
  return Told("write the absolute path of shmeter into ")
         << Told::path(host.path) << "  (or take it out there, then: " << set_up(host) << ")";
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

struct Trouble {
  Told what;
  Told remedy;
};

Trouble not_ended_well(const HostFact& host, const TrialFact& trial) {
  const ChildProcess::Ended& ended = trial.ended;
  if (ended.how == How::not_started || (ended.how == How::exited && ended.code == kNotFound))
    return {Told("not found: ") << Told::foreign(trial.program.file.path), replace(host)};
  if (ended.how == How::exited && ended.code == kNotExecutable)
    return {Told("may not be executed: ") << Told::foreign(trial.program.file.path),
            Told("chmod +x ") << Told::shell_path(trial.program.file.path)};
  if (ended.how == How::too_late)
    return {Told("did not end within ") << trial.limit_ms << " ms",
            Told("run it by hand to see what it waits for: ") << Told::foreign(trial.command)};
  if (ended.how == How::too_much)
    return {"printed more than a line can hold and was ended",
            Told("run it by hand to see what it prints: ") << Told::foreign(trial.command)};
  Told what =
      ended.how == How::signalled ? Told("was ended by signal ") : Told("ended with status ");
  return {what << ended.code, Told("run it by hand, with --verbose: ")
                                  << Told::foreign(trial.command)};
}

bool is_well(const ChildProcess::Ended& ended) {
  return ended.how == How::one_line || (ended.how == How::exited && ended.code == 0);
}

Finding about(const HostFact& host, Level level, Told text, Told remedy) {
  return {kHosts, level, Told::ours(host.name) << ": " << std::move(text), std::move(remedy)};
}

void check_program(const HostFact& host, const TrialFact& trial, const Facts& facts, Findings& to) {
  const ProgramFact& program = trial.program;
  if (!program.file.there || program.is_same_file) return;
  const bool is_other = !program.version.empty() && program.version != facts.version;
  Told text = Told("it runs ") << Told::path(program.file.path) << ", not "
                               << Told::path(facts.reader.file.path);
  if (is_other) text << ", and of version " << Told::version(program.version);
  to.push_back(about(host, is_other ? bad : note, text, is_other ? replace(host) : Told()));
}

void check_line_file(const HostFact& host, bool collector_runs, Findings& to) {
  const LineFileFact& line = *host.line_file;
  const FileFact& file = line.file;
  if (collector_runs && !line.collector_is_there) {
    to.push_back(
        about(host, bad,
              Told("the shell looks at ") << Told::path(file.path) << ", where no collector writes",
              "set XDG_RUNTIME_DIR or SHMETER_RUNTIME_DIR the same for shells and "
              "collector, then: shmeter daemon stop; shmeter daemon start"));
    return;
  }
  Told text = Told("line file ") << Told::path(file.path) << ": ";
  if (!file.there)
    text << "not there; the next prompt asks for it";
  else if (file.size == 0)
    text << "empty; the collector fills it when it runs";
  else
    text << static_cast<i64>(file.size) << " bytes, written " << Told::age(file.age_s) << " ago";
  to.push_back(about(host, file.there && file.size > 0 ? ok : note, text, {}));
}

void check_service(const HostFact& host, Findings& to) {
  const FileFact& file = host.service->file;
  if (file.can_run)
    to.push_back(about(host, ok, Told("the unit starts ") << Told::path(file.path), {}));
  else
    to.push_back(about(host, bad,
                       Told("the unit starts ") << Told::path(file.path) << ", which cannot be run",
                       set_up(host)));
}

void check_host(const HostFact& host, const Facts& facts, Findings& to) {
  const bool known = facts.region.opened == shm::Opened::ok;
  if (!host.trouble.empty())
    to.push_back(about(host, bad,
                       Told::path(host.path) << " cannot be read: " << Told::foreign(host.trouble),
                       Told("put that right, then: ") << set_up(host)));
  else if (host.names_us && !host.is_ours)
    to.push_back(about(
        host, note, Told::path(host.path) << " names shmeter in a form that is not run here", {}));
  else if (!host.is_ours)
    to.push_back(about(host, ok, Told("not set up (") << set_up(host) << ")", {}));
  if (!host.is_ours) return;
  if (!host.switched_off.empty())
    to.push_back(about(host, bad, host.switched_off, "ask who set that, or take it out"));
  if (host.lacks_collector)
    to.push_back(about(host, bad, "--autostart starts nothing: no shmeterd is beside its shmeter",
                       "install shmeter and shmeterd together, into one folder"));
  for (const TrialFact& trial : host.trials) {
    to.push_back(judge_trial(host, trial, known));
    check_program(host, trial, facts, to);
  }
  if (host.line_file) check_line_file(host, facts.collector.runs, to);
  if (host.service) check_service(host, to);
}

Told value(std::string_view text) { return text.empty() ? Told("not set") : Told::path(text); }

}  // namespace

Finding judge_trial(const HostFact& host, const TrialFact& trial, bool picture_is_known) {
  if (!trial.not_run.empty())
    return about(host, ok,
                 Told("not run, ") << trial.not_run << ": " << Told::foreign(trial.command), {});
  if (!is_well(trial.ended)) {
    Trouble trouble = not_ended_well(host, trial);
    if (!trial.ended.said.empty())
      trouble.what << " (it said: " << Told::foreign(trial.ended.said) << ")";
    return about(host, bad, trouble.what, trouble.remedy);
  }
  const Told took = Told(trial.took_ms) << " ms: ";
  if (trial.expected == Expected::nothing) {
    if (trial.ended.out.empty())
      return about(host, ok, Told(took) << "prints nothing, as it should", {});
    return about(host, bad,
                 Told("printed ") << Told::foreign(trial.ended.out)
                                  << ", which Claude Code may take for its context",
                 Told("run it by hand: ") << Told::foreign(trial.command));
  }
  if (trial.ended.out.empty())
    return about(host, bad, "printed nothing, not even an empty line",
                 Told("run it by hand, with --verbose: ") << Told::foreign(trial.command));
  if (!trial.refused.empty())
    return about(host, bad,
                 Told("the host does not take what it printed, ")
                     << Told::foreign(trial.ended.out) << ": " << Told::foreign(trial.refused),
                 Told("run it by hand: ") << Told::foreign(trial.command));
  if (is_blank(trial.shown))
    return about(
        host, note,
        Told(took) << (picture_is_known ? Told("a blank line: nothing that it shows is known now")
                                        : Told("a blank line, as there is no picture")),
        {});
  return about(host, ok, Told(took) << Told::foreign(trial.shown), {});
}

void check_hosts(const Facts& facts, Findings& to) {
  for (const HostFact& host : facts.hosts) check_host(host, facts, to);
  const bool any = std::any_of(facts.hosts.begin(), facts.hosts.end(),
                               [](const HostFact& host) { return host.is_ours || host.names_us; });
  if (!any)
    to.push_back({kHosts, note, "shmeter is shown nowhere yet", "shmeter setup claude-code"});
}

void check_tmux(const Facts& facts, Findings& to) {
  const TmuxFact& tmux = facts.tmux;
  const auto host = std::find_if(facts.hosts.begin(), facts.hosts.end(),
                                 [](const HostFact& one) { return one.name == "tmux"; });
  if (host == facts.hosts.end() || !(host->is_ours || tmux.has_ours)) return;
  if (tmux.server == TmuxFact::Server::silent) {
    to.push_back({kTmux, bad, "the tmux server does not answer", "tmux kill-server, when you can"});
    return;
  }
  if (tmux.server == TmuxFact::Server::none) {
    to.push_back({kTmux, ok, "no tmux server runs; what is above was run in this environment", {}});
    return;
  }
  if (!tmux.has_ours)
    to.push_back({kTmux, bad, "the server that runs has not read what is in its file",
                  Told("tmux source-file ") << Told::shell_path(host->path)});
  for (const TmuxVariable& one : tmux.differing) {
    const bool hides = !tmux.finds_region && one.name.ends_with("RUNTIME_DIR");
    Told remedy;
    if (hides && one.here.empty())
      remedy = Told("tmux set-environment -gu ") << Told::ours(one.name);
    else if (hides)
      remedy = Told("tmux set-environment -g ")
               << Told::ours(one.name) << " " << Told::shell_path(one.here);
    if (hides) remedy << ", then: tmux refresh-client -S";
    to.push_back({kTmux, hides ? bad : note,
                  Told::ours(one.name)
                      << " is " << value(one.there) << " there and " << value(one.here) << " here"
                      << (hides ? Told(": jobs look where no region is") : Told()),
                  remedy});
  }
  if (tmux.differing.empty())
    to.push_back({kTmux, ok, "the server's environment is like this one", {}});
}

void check_terminal(const Facts& facts, Findings& to) {
  const TerminalFact& terminal = facts.terminal;
  constexpr std::array<const char*, 4> kDepths = {"no colours", "16 colours", "256 colours",
                                                  "true colour"};
  Told text = terminal.is_terminal ? Told("a terminal, ") : Told("no terminal, ");
  if (terminal.columns > 0) text << terminal.columns << " columns, ";
  text << "TERM " << (terminal.term.empty() ? Told("not set") : Told::terminal(terminal.term))
       << ": " << Told::ours(kDepths[static_cast<std::size_t>(terminal.colour)]);
  to.push_back({kTerminal, ok, text, {}});
  const auto said = [&](std::string_view name, const std::string& value) {
    if (!value.empty())
      to.push_back({kTerminal, ok, Told::ours(name) << " is set to " << Told::foreign(value), {}});
  };
  said("COLORTERM", terminal.colorterm);
  said("NO_COLOR", terminal.no_color);
  said("FORCE_COLOR", terminal.force_color);
  if (!terminal.is_utf8)
    to.push_back({kTerminal, note, "the locale is not UTF-8: bars and dots may look broken",
                  "choose a UTF-8 locale, or in config.toml [theme] glyphs = \"ascii\""});
  if (facts.tmux.features.empty()) return;
  const bool has_rgb = facts.tmux.features.find("RGB") != std::string::npos;
  to.push_back({kTerminal,
                ok,
                has_rgb ? Told("tmux passes true colour on to this client")
                        : Told("tmux shows this client the nearest of 256 colours"),
                {}});
}

Findings judge(const Facts& facts) {
  Findings all = {{"shmeter", ok, Told("version ") << Told::version(facts.version), {}}};
  for (const auto check : {check_collector, check_region, check_paths, check_sources,
                           check_terminal, check_hosts, check_tmux})
    check(facts, all);
  return all;
}

}  // namespace shmeter::collector
