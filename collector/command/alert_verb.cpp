// SPDX-License-Identifier: MIT
#include "collector/command/alert_verb.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "collector/command/alert_actions.hpp"
#include "collector/command/client_words.hpp"
#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/loop/wall_clock.hpp"
#include "formats/fields.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kForm = "shmeter alert test NAME [--config FILE]";

/// A value on the line, of somebody the alert could be about.
Firing sample(const AlertConfig& alert) {
  Firing firing;
  firing.alert = &alert;
  firing.value = alert.line;
  const formats::Scope scope = formats::scope_of(*formats::find_field(alert.field));
  if (scope == formats::Scope::summary) return firing;
  firing.account = alert.account.empty() ? "sample" : alert.account;
  if (scope != formats::Scope::session) return firing;
  firing.session_id = "00000000-0000-0000-0000-000000000000";
  firing.session_name = "sample";
  return firing;
}

int say_which(const Config& config, std::string_view wrong) {
  std::string names;
  for (const AlertConfig& alert : config.alerts)
    names.append(names.empty() ? "" : ", ").append(alert.name);
  say("no alert is named \"" + std::string(wrong) + "\"; " +
      (names.empty() ? "the configuration has none" : "there are " + names));
  return kExitUsage;
}

/// Each action once, except that tmux may have several clients.
int run_actions(const AlertConfig& alert) {
  Loop loop;
  bool all_told = true;
  AlertActions actions(loop, [&](const ActionEnd& end) {
    all_told = all_told && end.how == ActionEnd::How::told;
    std::printf("%s: %s\n", std::string(end.action).c_str(),
                end.how == ActionEnd::How::told ? "told" : end.what.c_str());
  });
  actions.tell(sample(alert), wall_clock_ms() / 1000, Sample::yes);
  loop.run();
  return std::fflush(stdout) == 0 && all_told ? kExitOk : kExitUnavailable;
}

}  // namespace

int run_alert(std::span<char* const> arguments, const Environment& environment) {
  constexpr std::array kOptions = {ClientOption{"config"}, ClientOption{"help", false}};
  const auto words = read_client_words(arguments, kOptions, 2, kForm);
  if (!words) {
    say(words.error().message);
    return kExitUsage;
  }
  if (words->has("help")) {
    std::printf("%s\n", std::string(kForm).c_str());
    return kExitOk;
  }
  if (words->word(0) != "test" || words->word(1).empty()) {
    say("usage: " + std::string(kForm));
    return kExitUsage;
  }
  Flags flags;
  flags.config = words->value("config");
  const auto config = load_config(environment.config_path(flags), environment.home);
  if (!config) {
    say(config.error().message);
    return kExitConfiguration;
  }
  const auto found =
      std::find_if(config->alerts.begin(), config->alerts.end(),
                   [&](const AlertConfig& alert) { return alert.name == words->word(1); });
  return found == config->alerts.end() ? say_which(*config, words->word(1)) : run_actions(*found);
}

}  // namespace shmeter::collector
