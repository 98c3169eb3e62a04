// SPDX-License-Identifier: MIT
#include "collector/command/find_daemon.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>

#include "shm/os.hpp"

namespace shmeter::collector {

std::optional<Running> find_running(const shm::RuntimeDirs& dirs) {
  for (const shm::FixedPath& dir : dirs) {
    const shm::FixedPath path = shm::in_dir(dir, shm::kLockName);
    Fd lock(static_cast<int>(os::open_readonly(path.c_str())));
    if (!lock || os::lock_held(lock.get()) != 1) continue;
    std::array<char, 32> text{};
    const ssize_t n = ::pread(lock.get(), text.data(), text.size() - 1, 0);
    const long pid = n > 0 ? std::strtol(text.data(), nullptr, 10) : 0;
    return Running{std::string(dir.view()), std::move(lock), static_cast<pid_t>(pid)};
  }
  return std::nullopt;
}

}  // namespace shmeter::collector
