// SPDX-License-Identifier: MIT
#include "collector/serve/process_figures.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace shmeter::collector {
namespace {

using shm::i64;

const std::time_t kStartedAt_s = std::time(nullptr);

/// Clean and dirty, not shared with another process; the region's pages count while no reader has
/// them mapped.
i64 private_bytes() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  i64 total = shm::kUnknown;
  for (std::string line; std::getline(rollup, line);) {
    if (!line.starts_with("Private_")) continue;
    std::istringstream words(line.substr(line.find(':') + 1));
    i64 kib = 0;
    if (words >> kib) total = (shm::known(total) ? total : 0) + kib * 1024;
  }
  return total;
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures made;
  made.started_at_s = static_cast<double>(kStartedAt_s);
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0)
    for (const timeval& time : {used.ru_utime, used.ru_stime})
      made.cpu_s += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  timespec thread{};
  if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &thread) == 0)
    made.loop_cpu_s =
        static_cast<double>(thread.tv_sec) + static_cast<double>(thread.tv_nsec) * 1e-9;
  made.private_bytes = private_bytes();
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
