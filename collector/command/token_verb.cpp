// SPDX-License-Identifier: MIT
#include "collector/command/token_verb.hpp"

#include <cstdio>

#include "collector/command/daemon.hpp"
#include "collector/command/daemon_control.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/find_daemon.hpp"
#include "collector/command/http_tokens.hpp"

namespace shmeter::collector {

int rotate_token(const Flags& flags, const Environment& environment) {
  const shm::RuntimeDirs dirs = environment.runtime_dirs(flags);
  const auto running = find_running(dirs);
  const std::string runtime_dir = running ? running->dir : std::string();
  const std::string state_dir = environment.state_dir();
  if (state_dir.empty() && runtime_dir.empty()) {
    say("no place for tokens: HOME is not set, and no collector runs");
    return kExitUnavailable;
  }
  const auto made = rotate_tokens(state_dir, runtime_dir.empty() ? state_dir : runtime_dir);
  if (!made) {
    say(made.error().message);
    return kExitUnavailable;
  }
  std::printf("new tokens in %s\n", (state_dir.empty() ? runtime_dir : state_dir).c_str());
  return running ? reload_daemon(flags, environment) : kExitOk;
}

}  // namespace shmeter::collector
