// SPDX-License-Identifier: MIT
#include "collector/command/alert_verb.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "collector/command/alert_actions.hpp"
#include "collector/command/alert_list.hpp"
#include "collector/command/client_words.hpp"
#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/terminal.hpp"
#include "collector/command/webhooks.hpp"
#include "collector/loop/wall_clock.hpp"
#include "collector/serve/control_client.hpp"
#include "formats/fields.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kForm =
    "shmeter alert list [--json] [--runtime-dir DIR] [--config FILE], or shmeter alert test NAME "
    "[--config FILE]";

/// A value on the line, of somebody the alert could be about.
Firing sample(const AlertConfig& alert) {
  Firing firing;
  firing.alert = &alert;
  firing.value = alert.line;
  const formats::Scope scope = formats::scope_of(*formats::find_field(alert.field));
  if (scope == formats::Scope::summary || scope == formats::Scope::picture) return firing;
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
int run_actions(const Config& config, const AlertConfig& alert) {
  Loop loop;
  bool all_told = true;
  const auto ended = [&](const ActionEnd& end) {
    all_told = all_told && end.how == ActionEnd::How::told;
    std::printf("%s: %s\n", std::string(end.action).c_str(),
                end.how == ActionEnd::How::told ? "told" : end.what.c_str());
  };
  const i64 now_s = wall_clock_ms() / 1000;
  AlertActions actions(loop, ended);
  Webhooks webhooks(loop, config, {.ended = ended, .changed = [] {}, .now_ms = wall_clock_ms},
                    Webhooks::Tries::one);
  actions.tell(sample(alert), now_s, Sample::yes);
  webhooks.add(alert, alert_json(sample(alert), now_s, Sample::yes));
  webhooks.go();
  loop.run();
  return std::fflush(stdout) == 0 && all_told ? kExitOk : kExitUnavailable;
}

int test(std::string_view name, const Flags& flags, const Environment& environment) {
  const auto config = load_config(environment.config_path(flags), environment.home);
  if (!config) {
    say(config.error().message);
    return kExitConfiguration;
  }
  const auto found = std::find_if(config->alerts.begin(), config->alerts.end(),
                                  [&](const AlertConfig& alert) { return alert.name == name; });
  return found == config->alerts.end() ? say_which(*config, name) : run_actions(*config, *found);
}

/// A collector knows best, but of its own configuration only.
Result<std::string> ask_daemon(const Flags& flags, const Environment& environment) {
  if (!flags.config.empty()) return fail(Errc::not_found, "another configuration is asked for");
  auto client = ControlClient::open(environment.runtime_dirs(flags));
  if (!client) return tl::unexpected(client.error());
  return without_error(client->ask("ALERTS"));
}

int list(const ClientWords& words, const Flags& flags, const Environment& environment) {
  auto answer = ask_daemon(flags, environment);
  if (!answer) answer = alerts_without_daemon(flags, environment, wall_clock_ms() / 1000);
  if (!answer) {
    say(answer.error().message);
    return kExitConfiguration;
  }
  const std::string text =
      words.has("json") ? *answer + '\n' : write_alert_table(*answer, surface_of_stdout());
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return written && std::fflush(stdout) == 0 ? kExitOk : kExitUnavailable;
}

}  // namespace

int run_alert(std::span<char* const> arguments, const Environment& environment) {
  constexpr std::array kOptions = {ClientOption{"config"}, ClientOption{"runtime-dir"},
                                   ClientOption{"json", false}, ClientOption{"help", false}};
  const auto words = read_client_words(arguments, kOptions, 2, kForm);
  if (!words) {
    say(words.error().message);
    return kExitUsage;
  }
  if (words->has("help")) {
    std::printf("%s\n", std::string(kForm).c_str());
    return kExitOk;
  }
  Flags flags;
  flags.config = words->value("config");
  flags.runtime_dir = words->value("runtime-dir");
  const bool lists = words->word(0) == "list" && words->words.size() == 1;
  const bool tests = words->word(0) == "test" && !words->word(1).empty() && !words->has("json") &&
                     !words->has("runtime-dir");
  if (lists) return list(*words, flags, environment);
  if (tests) return test(words->word(1), flags, environment);
  say("usage: " + std::string(kForm));
  return kExitUsage;
}

}  // namespace shmeter::collector
