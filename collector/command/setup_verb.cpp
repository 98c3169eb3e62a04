// SPDX-License-Identifier: MIT
#include "collector/command/setup_verb.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "collector/command/client_words.hpp"
#include "collector/command/daemon.hpp"
#include "collector/command/daemon_control.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/find_daemon.hpp"
#include "collector/command/http_tokens.hpp"
#include "collector/command/private_file.hpp"
#include "collector/config/tcp_address.hpp"
#include "collector/setup/otel_setup.hpp"
#include "collector/setup/text_file.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kForm =
    "shmeter setup otel [--dry-run] [--uninstall] [--config-dir DIR] [--config FILE]"
    " [--runtime-dir DIR]";
constexpr const char* kListen = "127.0.0.1:7483";
constexpr const char* kScriptName = "/otel-headers";
#ifdef __APPLE__
constexpr const char* kManaged = "/Library/Application Support/ClaudeCode";
#else
constexpr const char* kManaged = "/etc/claude-code";
#endif

struct Wish {
  bool dry_run = false;
  bool uninstall = false;
  std::string settings;  // the client's settings file
  Flags flags;
};

/// A file and what is to be in it.
struct Change {
  TextFile file;
  std::string after;
  bool gone = false;

  bool any() const { return gone ? file.there : after != file.text; }
};

tl::unexpected<Error> in_file(const TextFile& file, const Error& error) {
  return fail(error.code,
              file.path + ':' + (error.code == Errc::exists ? " " : "") + error.message);
}

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

/// Settings that the machine's owner put before the user's. What cannot be read there rules nothing
/// that we know of.
std::vector<std::string> managed_settings() {
  std::vector<std::string> paths = {std::string(kManaged) + "/managed-settings.json"};
  std::error_code none;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(kManaged) + "/managed-settings.d", none))
    if (entry.path().extension() == ".json") paths.push_back(entry.path().string());
  return paths;
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

/// What it was before, if nobody changed it since; else without what is ours.
template <class With, class Without>
Result<Change> undone(const std::string& path, With&& with, Without&& without) {
  Change change;
  auto file = read_text_file(path);
  if (!file) return tl::unexpected(file.error());
  change.file = std::move(*file);
  const auto backup = read_text_file(backup_path(change.file));
  if (!backup) return tl::unexpected(backup.error());
  const Result<std::string> ours = with(backup->text);
  if (ours && *ours == change.file.text) {
    change.after = backup->text;
    change.gone = !backup->there;
    return change;
  }
  Result<std::string> after = without(change.file.text, backup->text);
  if (!after) return in_file(change.file, after.error());
  change.after = std::move(*after);
  return change;
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

void show(const Change& change) {
  if (!change.any()) return;
  std::printf("%s%s\n%s", change.file.path.c_str(),
              change.gone         ? ": removed"
              : change.file.there ? ":"
                                  : ": new",
              text_diff(change.file.text, change.gone ? "" : change.after).c_str());
}

/// What was there before the first change is kept.
Result<void> apply(const Change& change, bool uninstall) {
  const TextFile backup{backup_path(change.file), {}, false};
  if (!change.any()) return {};
  if (change.gone) return remove_text_file(change.file);
  if (!uninstall && change.file.there && ::access(backup.path.c_str(), F_OK) != 0) {
    if (auto kept = write_text_file(backup, change.file.text); !kept) return kept;
  }
  if (auto written = write_text_file(change.file, change.after); !written) return written;
  return uninstall ? remove_text_file(backup) : Result<void>();
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

int fail_with(const Error& error) {
  say(error.message);
  return error.code == Errc::invalid ? kExitConfiguration : kExitUnavailable;
}

int uninstall(const Wish& wish, const std::vector<Change>& changes, const std::string& state_dir,
              const Environment& environment) {
  const bool any = std::any_of(changes.begin(), changes.end(),
                               [](const Change& change) { return change.any(); });
  if (!any) std::puts("nothing of ours is there");
  for (const Change& change : changes) {
    show(change);
    if (wish.dry_run) continue;
    if (auto done = apply(change, true); !done) return fail_with(done.error());
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
    auto done = apply(change, false);
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

int run_setup(std::span<char* const> arguments, const Environment& environment) {
  constexpr std::array kOptions = {ClientOption{"dry-run", false}, ClientOption{"uninstall", false},
                                   ClientOption{"config-dir"},     ClientOption{"config"},
                                   ClientOption{"runtime-dir"},    ClientOption{"help", false}};
  const auto words = read_client_words(arguments, kOptions, 1, kForm);
  if (words && words->has("help")) {
    std::printf("%s\n", std::string(kForm).c_str());
    return kExitOk;
  }
  if (!words || words->word(0) != "otel") {
    say(words ? "usage: " + std::string(kForm) : words.error().message);
    return kExitUsage;
  }
  Wish wish{words->has("dry-run"), words->has("uninstall"), {}, {}};
  wish.flags.config = words->value("config");
  wish.flags.runtime_dir = words->value("runtime-dir");
  std::string dir(words->value("config-dir"));
  if (dir.empty()) dir = environment.claude_config_dir;
  if (dir.empty() && !environment.home.empty()) dir = environment.home + "/.claude";
  const std::string state_dir = environment.state_dir();
  const ConfigPath config_path = environment.config_path(wish.flags);
  if (dir.empty() || state_dir.empty() || config_path.path.empty()) {
    say("no place for settings: HOME is not set");
    return kExitUnavailable;
  }
  wish.settings = dir + "/settings.json";
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
