// SPDX-License-Identifier: MIT
#include "collector/command/environment.hpp"

#include <unistd.h>

#include <cstdlib>

extern char** environ;

namespace shmeter::collector {
namespace {

std::string get(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

OtelVariables read_otel_exporters() {
  OtelVariables found;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view variable = *at;
    const std::string_view name = variable.substr(0, variable.find('='));
    if (is_exporter_variable(name) && variable.size() > name.size() + 1)
      found.emplace(name, variable.substr(name.size() + 1));
  }
  return found;
}

bool can_open_window() {
#ifdef __APPLE__
  return get("SSH_CONNECTION").empty();
#else
  return !get("DISPLAY").empty() || !get("WAYLAND_DISPLAY").empty();
#endif
}

}  // namespace

Environment Environment::read() {
  return {.home = get("HOME"),
          .claude_config_dir = get("CLAUDE_CONFIG_DIR"),
          .shmeter_config = get("SHMETER_CONFIG"),
          .shmeter_runtime_dir = get("SHMETER_RUNTIME_DIR"),
          .xdg_config_home = get("XDG_CONFIG_HOME"),
          .xdg_runtime_dir = get("XDG_RUNTIME_DIR"),
          .xdg_state_home = get("XDG_STATE_HOME"),
          .zdotdir = get("ZDOTDIR"),
          .starship_config = get("STARSHIP_CONFIG"),
          .notify_socket = get("NOTIFY_SOCKET"),
          .otel_exporters = read_otel_exporters(),
          .has_display = can_open_window()};
}

ConfigPath Environment::config_path(const Flags& flags) const {
  return collector::config_path({.flag = flags.config,
                                 .shmeter_config = shmeter_config,
                                 .xdg_config_home = xdg_config_home,
                                 .home = home});
}

shm::RuntimeDirs Environment::runtime_dirs(const Flags& flags) const {
  return shm::runtime_dirs(flags.runtime_dir, shmeter_runtime_dir, xdg_runtime_dir, ::geteuid());
}

std::string Environment::state_dir() const {
  // As the specification has it, a relative path counts as not set.
  if (xdg_state_home.starts_with('/')) return xdg_state_home + "/shmeter";
  return home.empty() ? std::string() : home + "/.local/state/shmeter";
}

std::string Environment::store_path() const {
  const std::string dir = state_dir();
  return dir.empty() ? dir : dir + "/usage.db";
}

std::vector<TranscriptRoot> Environment::roots(const Flags& flags, const Config& config) const {
  RootSettings settings;
  settings.claude_config_dir = claude_config_dir;
  settings.home = home;
  settings.xdg_config_home = xdg_config_home;
  if (!flags.config_dirs.empty()) {
    settings.claude_config_dir = flags.config_dirs.front();
    settings.more_config_dirs.assign(flags.config_dirs.begin() + 1, flags.config_dirs.end());
  }
  for (const AccountConfig& account : config.accounts)
    if (!account.config_dir.empty()) settings.more_config_dirs.push_back(account.config_dir);
  return transcript_roots(settings);
}

}  // namespace shmeter::collector
