// SPDX-License-Identifier: MIT
#include "collector/serve/process_figures.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <memory>

namespace shmeter::collector {
namespace {

using shm::i64;

const std::time_t kStartedAt_s = std::time(nullptr);

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures made;
  made.started_at_s = static_cast<double>(kStartedAt_s);
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0)
    for (const timeval& time : {used.ru_utime, used.ru_stime})
      made.cpu_s += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  long pages = 0;
  if (std::ifstream statm("/proc/self/statm"); statm >> pages >> pages)
    made.resident_bytes = static_cast<i64>(pages) * ::sysconf(_SC_PAGESIZE);
  struct CloseDir {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };
  if (const std::unique_ptr<DIR, CloseDir> fds(::opendir("/proc/self/fd")); fds) {
    made.open_fds = -3;  // `.`, `..` and the one that looks
    while (::readdir(fds.get()) != nullptr) ++made.open_fds;
  }
  return made;
}

}  // namespace shmeter::collector
