// SPDX-License-Identifier: MIT
#include "collector/command/otel_setup_verb.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "collector/command/daemon.hpp"
#include "collector/command/daemon_control.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/find_daemon.hpp"
#include "collector/command/http_tokens.hpp"
#include "collector/command/managed_settings.hpp"
#include "collector/command/private_file.hpp"
#include "collector/command/setup_change.hpp"
#include "collector/config/tcp_address.hpp"
#include "collector/setup/otel_setup.hpp"
#include "collector/setup/text_diff.hpp"

namespace shmeter::collector {
namespace {

constexpr const char* kListen = "127.0.0.1:7483";
constexpr const char* kScriptName = "/otel-headers";

struct Wish {
  bool dry_run = false;
  bool uninstall = false;
  std::string settings;  // the client's settings file
  Flags flags;
};

/// Where a client on this machine reaches who listens at `address`.
std::string endpoint_of(const std::string& address) {
  for (const std::string_view any : {"0.0.0.0:", "[::]:"})
    if (address.starts_with(any)) return "http://127.0.0.1:" + address.substr(any.size());
  return "http://" + address;
}

Result<void> refuse_elsewhere(const std::string& path, const OtelSetup& setup) {
  const auto file = read_text_file(path);
  if (!file) return tl::unexpected(file.error());
  const auto variables = exporter_variables(file->text);
  if (!variables) return in_file(*file, variables.error());
  const std::string why = sends_elsewhere(*variables, setup, file->path);
  if (!why.empty()) return fail(Errc::exists, why);
  return {};
}

Result<void> refuse_elsewhere(const Wish& wish, const Environment& environment,
                              const OtelSetup& setup) {
  const std::string why = sends_elsewhere(environment.otel_exporters, setup, "the environment");
  if (!why.empty()) return fail(Errc::exists, why);
  for (const std::string& path : managed_settings()) {
    const auto rules = refuse_elsewhere(path, setup);
    if (!rules && rules.error().code == Errc::exists) return rules;
  }
  return refuse_elsewhere(wish.settings, setup);
}

Result<std::vector<Change>> changes_to_install(const Wish& wish, const OtelSetup& setup,
                                               const ConfigPath& config_path,
                                               const std::string& home) {
  std::vector<Change> changes;
  auto config_file = read_text_file(config_path.path);
  if (!config_file) return tl::unexpected(config_file.error());
  const auto config = parse_config(config_file->text, config_file->path, home);
  if (!config) return tl::unexpected(config.error());
  if (config->http.listen.empty()) {
    std::string after = config_with_listen(config_file->text, kListen);
    if (!parse_config(after, config_file->path, home))
      return fail(Errc::invalid, config_file->path + ": put listen = \"" + std::string(kListen) +
                                     "\" into [http] yourself, then try again");
    changes.push_back({std::move(*config_file), std::move(after)});
  }
  auto settings = read_text_file(wish.settings);
  if (!settings) return tl::unexpected(settings.error());
  auto after = settings_with_otel(settings->text, setup);
  if (!after) return in_file(*settings, after.error());
  changes.push_back({std::move(*settings), std::move(*after)});
  return changes;
}

Result<std::vector<Change>> changes_to_uninstall(const Wish& wish, const OtelSetup& setup,
                                                 const ConfigPath& config_path) {
  std::vector<Change> changes;
  auto settings = undone(
      wish.settings, [&](const std::string& text) { return settings_with_otel(text, setup); },
      [&](const std::string& text, const std::string& before) {
        return settings_without_otel(text, before, setup);
      });
  if (!settings) return tl::unexpected(settings.error());
  changes.push_back(std::move(*settings));
  auto config = undone(
      config_path.path,
      [](const std::string& text) {
        return Result<std::string>(config_with_listen(text, kListen));
      },
      [](const std::string& text, const std::string&) {
        return Result<std::string>(config_without_listen(text));
      });
  if (!config) return tl::unexpected(config.error());
  changes.push_back(std::move(*config));
  return changes;
}

Result<void> write_script(const std::string& state_dir, const std::string& runtime_dir) {
  // The tokens first: the script reads one.
  if (auto tokens = load_tokens(state_dir, runtime_dir.empty() ? state_dir : runtime_dir); !tokens)
    return tl::unexpected(tokens.error());
  const std::string path = state_dir + kScriptName;
  if (auto done = write_private(path, headers_script(state_dir + '/' + kHandInTokenName)); !done)
    return done;
  if (::chmod(path.c_str(), 0700) == 0) return {};
  return fail(Errc::unavailable, path + ": cannot be made executable");
}

bool somebody_listens(const std::string& address) {
  const auto at = parse_tcp_address(address);
  if (!at) return false;
  const Fd fd(::socket(at->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return fd && ::connect(fd.get(), at->generic(), at->size) == 0;
}

int uninstall(const Wish& wish, const std::vector<Change>& changes, const std::string& state_dir,
              const Environment& environment) {
  const bool any = std::any_of(changes.begin(), changes.end(),
                               [](const Change& change) { return change.any(); });
  if (!any) std::puts("nothing of ours is there");
  for (const Change& change : changes) {
    show(change);
    if (wish.dry_run) continue;
    if (auto done = apply_undone(change); !done) return fail_with(done.error());
  }
  if (wish.dry_run) return kExitOk;
  ::unlink((state_dir + kScriptName).c_str());
  if (any) std::puts("clients that run send on until they are started anew");
  return any && find_running(environment.runtime_dirs(wish.flags))
             ? reload_daemon(wish.flags, environment)
             : kExitOk;
}

int install(const Wish& wish, const std::vector<Change>& changes, const OtelSetup& setup,
            const std::string& state_dir, const Environment& environment) {
  for (const Change& change : changes) show(change);
  if (wish.dry_run) return kExitOk;
  const auto running = find_running(environment.runtime_dirs(wish.flags));
  if (auto done = write_script(state_dir, running ? running->dir : ""); !done)
    return fail_with(done.error());
  for (const Change& change : changes) {
    auto done = apply(change);
    if (done) continue;
    say(done.error().message + "; this has to be in it:");
    std::fputs(text_diff("", change.after).c_str(), stdout);
    return kExitUnavailable;
  }
  const bool any = std::any_of(changes.begin(), changes.end(),
                               [](const Change& change) { return change.any(); });
  if (!any) std::puts("it is set up already");
  if (!running) {
    std::puts("no collector runs: `shmeter daemon start`; then start Claude Code anew");
    return kExitOk;
  }
  if (const int code = reload_daemon(wish.flags, environment); code != kExitOk) return code;
  const std::string address = setup.endpoint.substr(std::string_view("http://").size());
  if (!somebody_listens(address)) {
    say("nobody listens at " + address +
        ": the collector has said why; choose another [http] listen");
    return kExitUnavailable;
  }
  std::puts("start Claude Code anew: what runs already sends nothing yet");
  return kExitOk;
}

}  // namespace

int run_setup_otel(const ClientWords& words, const Environment& environment) {
  Wish wish{words.has("dry-run"), words.has("uninstall"), {}, {}};
  wish.flags.config = words.value("config");
  wish.flags.runtime_dir = words.value("runtime-dir");
  wish.settings = client_settings(words, environment);
  const std::string state_dir = environment.state_dir();
  const ConfigPath config_path = environment.config_path(wish.flags);
  if (wish.settings.empty() || state_dir.empty() || config_path.path.empty()) {
    say("no place for settings: HOME is not set");
    return kExitUnavailable;
  }
  const auto config = load_config({config_path.path, false}, environment.home);
  if (!config) return fail_with(config.error());
  const OtelSetup setup{endpoint_of(config->http.listen.empty() ? kListen : config->http.listen),
                        state_dir + kScriptName};
  if (wish.uninstall) {
    const auto changes = changes_to_uninstall(wish, setup, config_path);
    if (!changes) return fail_with(changes.error());
    return uninstall(wish, *changes, state_dir, environment);
  }
  if (auto refused = refuse_elsewhere(wish, environment, setup); !refused)
    return fail_with(refused.error());
  const auto changes = changes_to_install(wish, setup, config_path, environment.home);
  if (!changes) return fail_with(changes.error());
  return install(wish, *changes, setup, state_dir, environment);
}

}  // namespace shmeter::collector
