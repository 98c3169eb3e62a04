// SPDX-License-Identifier: MIT
// A command of a shell, with what it printed and how it ended.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

namespace shmeter::test {

struct Ran {
  int exit = -1;
  std::string out;
};

/// stderr goes where the test's goes unless the command says otherwise.
inline Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return ran;
  char bytes[4096];
  for (std::size_t n = 0; (n = std::fread(bytes, 1, sizeof bytes, pipe)) > 0;)
    ran.out.append(bytes, n);
  const int status = ::pclose(pipe);
  ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

inline bool installed(const std::string& program) {
  return run("command -v " + program + " > /dev/null").exit == 0;
}

}  // namespace shmeter::test
