// SPDX-License-Identifier: MIT
// The one pass over the environment.
#include "plugin/environment.hpp"

namespace shmeter::plugin {
namespace {

struct Variable {
  std::string_view name;
  std::string_view Environment::*value;
};

constexpr Variable kVariables[] = {
    {"SHMETER_RUNTIME_DIR=", &Environment::shmeter_runtime_dir},
    {"XDG_RUNTIME_DIR=", &Environment::xdg_runtime_dir},
    {"CLAUDE_CONFIG_DIR=", &Environment::claude_config_dir},
    {"COLUMNS=", &Environment::columns},
    {"COLORTERM=", &Environment::colorterm},
    {"TERM=", &Environment::term},
    {"NO_COLOR=", &Environment::no_color},
    {"FORCE_COLOR=", &Environment::force_color},
    {"TMUX_PANE=", &Environment::tmux_pane},
    {"PATH=", &Environment::path},
};

}  // namespace

Environment read_environment(const char* const* envp) {
  Environment environment;
  environment.all = envp;
  for (; *envp != nullptr; ++envp) {
    for (const Variable& variable : kVariables) {
      if (**envp != variable.name[0]) continue;
      const std::string_view entry = *envp;
      if (entry.starts_with(variable.name))
        environment.*variable.value = entry.substr(variable.name.size());
    }
  }
  return environment;
}

}  // namespace shmeter::plugin
