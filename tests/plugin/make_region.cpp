// SPDX-License-Identifier: MIT
// make_region DIR PICTURE [COMMAND…]: publishes the described picture in DIR and runs COMMAND over
// it, live as the picture says; without a command, publishes until SIGTERM. For trying a line out.
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/plugin/region_owner.hpp"

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::cerr << "usage: make_region DIR PICTURE [COMMAND…]\n";
    return 64;
  }
  std::ostringstream text;
  text << std::ifstream(argv[2]).rdbuf();
  shmeter::test::PictureText picture(text.str(), std::time(nullptr));
  shmeter::test::RegionOwner owner(argv[1], picture);
  if (argc == 3) return ::pause();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execvp(argv[3], argv + 3);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
} catch (const std::exception& error) {
  std::cerr << "make_region: " << error.what() << '\n';
  return 1;
}
