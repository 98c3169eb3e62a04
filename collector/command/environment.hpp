// SPDX-License-Identifier: MIT
// What the environment says, read once at the edge: nothing below asks for it again.
#pragma once

#include <string>

#include "collector/command/flags.hpp"
#include "collector/config/config.hpp"
#include "collector/setup/otel_setup.hpp"
#include "collector/source/transcript_tree.hpp"
#include "shm/location.hpp"

namespace shmeter::collector {

/// Empty = not set.
struct Environment {
  std::string home;
  std::string claude_config_dir;
  std::string shmeter_config;
  std::string shmeter_runtime_dir;
  std::string xdg_config_home;
  std::string xdg_runtime_dir;
  std::string xdg_state_home;
  std::string zdotdir;
  std::string starship_config;
  std::string notify_socket;     // of a service manager that waits to hear that we run
  OtelVariables otel_exporters;  // that send a client's telemetry somewhere
  bool has_display = false;      // a window can be opened

  static Environment read();

  ConfigPath config_path(const Flags& flags) const;
  shm::RuntimeDirs runtime_dirs(const Flags& flags) const;
  /// The database, $XDG_STATE_HOME/shmeter/usage.db or the same below ~/.local/state; empty = no
  /// home directory is known.
  std::string store_path() const;
  /// Where it lies; empty = no home directory known.
  std::string state_dir() const;
  /// Flags before the environment before the default places; the configuration's come on top.
  std::vector<TranscriptRoot> roots(const Flags& flags, const Config& config) const;
};

}  // namespace shmeter::collector
