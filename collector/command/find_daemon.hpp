// SPDX-License-Identifier: MIT
// Whether a daemon runs, asked of the kernel: it holds the lock of its directory, and nobody else
// can.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "collector/loop/fd.hpp"
#include "shm/location.hpp"

namespace shmeter::collector {

/// A daemon that runs now: its directory, and the lock's file with the pid in it.
struct Running {
  std::string dir;
  Fd lock;
  pid_t pid = 0;
};

std::optional<Running> find_running(const shm::RuntimeDirs& dirs);

}  // namespace shmeter::collector
