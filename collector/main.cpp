// SPDX-License-Identifier: MIT
// shmeterd: a few lines over the library.
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "collector/command/exit_codes.hpp"
#include "collector/command/verbs.hpp"

int main(int argc, char** argv) {
  // The configuration that the caller names holds commands: they are the caller's, not the owner's.
  if (::getuid() != ::geteuid() || ::getgid() != ::getegid()) {
    std::fputs("shmeterd: does not run set-user-ID or set-group-ID: chmod ug-s it\n", stderr);
    return shmeter::collector::kExitUsage;
  }
  // The loop keeps its small things for ever, the threads take and give back much: with one heap
  // for both, nearly every page would hold a bit of what stays. And thresholds that stay: by
  // itself the library raises them with the first large buffer, and gives nothing back any more.
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 128 * 1024);
  std::signal(SIGPIPE, SIG_IGN);  // whoever read our messages may be gone
  return shmeter::collector::run_command(argc, argv);
}
