// SPDX-License-Identifier: MIT
// shmeterd: a few lines over the library.
#include <malloc.h>

#include <csignal>

#include "collector/command/verbs.hpp"

int main(int argc, char** argv) {
  // The loop keeps its small things for ever, the threads take and give back much: with one heap
  // for both, nearly every page would hold a bit of what stays. And thresholds that stay: by
  // itself the library raises them with the first large buffer, and gives nothing back any more.
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 128 * 1024);
  std::signal(SIGPIPE, SIG_IGN);  // whoever read our messages may be gone
  return shmeter::collector::run_command(argc, argv);
}
