// SPDX-License-Identifier: MIT
// shmeterd: a few lines over the library.
#include <malloc.h>

#include <csignal>

#include "collector/command/verbs.hpp"

int main(int argc, char** argv) {
  // One heap for the loop and the scanning thread: a second one would be kept for ever.
  ::mallopt(M_ARENA_MAX, 1);
  std::signal(SIGPIPE, SIG_IGN);  // whoever read our messages may be gone
  return shmeter::collector::run_command(argc, argv);
}
