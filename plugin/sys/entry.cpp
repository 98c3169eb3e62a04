// SPDX-License-Identifier: MIT
// The freestanding reader's entry, called by start.S.
#include <cstddef>

#include "plugin/run.hpp"
#include "plugin/sys/sys.hpp"

extern "C" [[noreturn]] void reader_start(int argc, const char* const* argv,
                                          const char* const* envp) {
  shmeter::sys::exit(shmeter::plugin::run({argv, static_cast<std::size_t>(argc)}, envp));
}
