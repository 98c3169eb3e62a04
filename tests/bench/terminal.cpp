// SPDX-License-Identifier: MIT
#include "tests/bench/terminal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace shmeter::bench {

ControllingTerminal::ControllingTerminal(unsigned short columns, unsigned short rows)
    : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  signal(SIGHUP, SIG_IGN);  // comes when it closes
  const winsize size{rows, columns, 0, 0};
  if (master_ >= 0 && grantpt(master_) == 0 && unlockpt(master_) == 0 && setsid() >= 0)
    terminal_ = open(ptsname(master_), O_RDWR | O_CLOEXEC);  // a leader's first is its own
  if (terminal_ < 0 || ioctl(terminal_, TIOCSWINSZ, &size) != 0) {
    const std::string why = std::strerror(errno);
    close(terminal_);
    close(master_);
    throw std::runtime_error("no terminal of our own: " + why + "; start it from a script");
  }
}

ControllingTerminal::~ControllingTerminal() {
  close(terminal_);
  close(master_);
}

}  // namespace shmeter::bench
