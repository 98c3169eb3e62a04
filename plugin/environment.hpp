// SPDX-License-Identifier: MIT
// The environment variables that the reader reads, all of them, looked up in one pass.
#pragma once

#include <string_view>

namespace shmeter::plugin {

/// Views into the process's environment; an absent variable is empty, and so means the same as an
/// empty one.
struct Environment {
  std::string_view shmeter_runtime_dir;  // SHMETER_RUNTIME_DIR
  std::string_view xdg_runtime_dir;      // XDG_RUNTIME_DIR
  std::string_view claude_config_dir;    // CLAUDE_CONFIG_DIR: which account
  std::string_view columns;              // COLUMNS: width, set by Claude Code
  std::string_view colorterm;            // COLORTERM, TERM: how many colours
  std::string_view term;
  std::string_view no_color;     // NO_COLOR, FORCE_COLOR: whether any
  std::string_view force_color;  //
  std::string_view tmux_pane;    // TMUX_PANE: passed on to the collector
  std::string_view path;         // PATH: where shmeterd may be when it is not beside us

  const char* const* all = nullptr;  // as the process was given it, for programs it starts
};

Environment read_environment(const char* const* envp);

}  // namespace shmeter::plugin
