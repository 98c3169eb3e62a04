// SPDX-License-Identifier: MIT
#include "collector/command/doctor_verb.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "collector/command/daemon.hpp"
#include "collector/command/doctor_facts.hpp"
#include "collector/command/doctor_hosts.hpp"
#include "collector/command/doctor_tmux.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/reader_words.hpp"
#include "collector/doctor/checks.hpp"
#include "collector/doctor/report_text.hpp"

namespace shmeter::collector {
namespace {

constexpr const char* kForm =
    "shmeter doctor [--redact] [--runtime-dir DIR] [--config FILE] [--config-dir DIR]";
constexpr std::array<ClientOption, 5> kOptions = {
    {{"redact", false}, kRuntimeDirOption, {"config"}, {"config-dir"}, kHelpOption}};

DoctorCall call_of(const ClientWords& words, const Environment& environment) {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  DoctorCall call{.words = words,
                  .flags = {},
                  .environment = environment,
                  .reader_env = reader_environment(),
                  .starship_shell = variable("STARSHIP_SHELL"),
                  .tmux = variable("TMUX"),
                  .tmux_tmpdir = variable("TMUX_TMPDIR")};
  call.flags.runtime_dir = words.value("runtime-dir");
  call.flags.config = words.value("config");
  if (words.has("config-dir")) call.flags.config_dirs.emplace_back(words.value("config-dir"));
  return call;
}

Facts gather(const DoctorCall& call, CommandRunner& runner) {
  Facts facts = gather_facts(call, runner);
  const bool is_open = facts.region.opened == shm::Opened::ok;
  const TmuxServer tmux = ask_tmux(call, is_open ? facts.region.file.path : std::string(), runner);
  facts.tmux = tmux.fact;
  facts.hosts = gather_hosts(call, facts, tmux, runner);
  for (const HostFact& host : facts.hosts) {
    facts.collector.something_is_set_up |= host.is_ours;
    if (!host.starts_collector) continue;
    (host.name == "systemd" ? facts.collector.is_service : facts.collector.autostarts) = true;
  }
  return facts;
}

}  // namespace

int run_doctor(std::span<char* const> arguments, const Environment& environment) {
  const auto words = read_client_words(arguments, kOptions, 0, kForm);
  if (!words) {
    say(words.error().message);
    return kExitUsage;
  }
  if (words->has("help")) {
    std::printf("usage: %s\n", kForm);
    return kExitOk;
  }
  int interrupted = 0;
  Findings findings;
  {
    CommandRunner runner;
    findings = judge(gather(call_of(*words, environment), runner));
    interrupted = runner.interrupted();
  }
  if (interrupted != 0) ::raise(interrupted);
  std::string home = environment.home;
  while (home.size() > 1 && home.ends_with('/')) home.pop_back();
  const std::string text =
      report_text(findings, words->has("redact") ? Privacy::redacted : Privacy::mine, home);
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return !written || has_bad(findings) ? kExitUnavailable : kExitOk;
}

}  // namespace shmeter::collector
