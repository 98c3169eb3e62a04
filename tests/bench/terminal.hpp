// SPDX-License-Identifier: MIT
// A terminal of our own for programs that look among their parents for one, as they find Claude
// Code's: without it they search up to init, which no user of theirs waits for.
#pragma once

namespace shmeter::bench {

class ControllingTerminal {
 public:
  /// Makes the process the leader of a session with a terminal of that size; what is read and
  /// written stays as it is. Throws std::runtime_error when it leads a process group already.
  ControllingTerminal(unsigned short columns, unsigned short rows);
  ControllingTerminal(const ControllingTerminal&) = delete;
  ControllingTerminal& operator=(const ControllingTerminal&) = delete;
  ~ControllingTerminal();

 private:
  int master_ = -1;
  int terminal_ = -1;
};

}  // namespace shmeter::bench
