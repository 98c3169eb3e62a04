// SPDX-License-Identifier: MIT
// The hosted reader's entry.
#include <cstddef>

#include "plugin/run.hpp"

int main(int argc, char** argv, char** envp) {
  return shmeter::plugin::run({argv, static_cast<std::size_t>(argc)}, envp);
}
