// SPDX-License-Identifier: MIT
#include "collector/command/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace shmeter::collector {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

int terminal_width(int fd) {
  winsize size{};
  return ::isatty(fd) == 1 && ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

Surface surface_of_stdout() {
  return choose_surface({::isatty(STDOUT_FILENO) == 1, terminal_width(STDOUT_FILENO),
                         variable("COLUMNS"), variable("TERM"), variable("NO_COLOR"),
                         variable("FORCE_COLOR")});
}

}  // namespace shmeter::collector
