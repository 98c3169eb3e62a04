// SPDX-License-Identifier: MIT
// When a watcher prints and until when it sleeps: arithmetic on two clocks, no I/O. tmux sets the
// rules: it draws at most the first line of each wall-clock second, none that comes in the second
// in which it started the command, and forgets a command that says nothing for an hour. Its second
// is the one in which it gets round to reading, so a line that came on time may find that taken by
// the line before: each is said again in a second of its own.
#pragma once

#include "shm/picture.hpp"

namespace shmeter::plugin {

enum class Rhythm {
  at_once,       // every change as it comes
  once_a_second  // tmux: the newest value, first thing in the next second, and once more
};

class Pace {
 public:
  explicit Pace(Rhythm rhythm) : rhythm_(rhythm) {}

  /// Whether to print now: the line has changed, or is due again.
  bool due(bool changed, shm::i64 wall_ns) const;
  /// Tells that a line was printed, and whether it was another one than before.
  void printed(bool changed, shm::i64 wall_ns);
  /// How long nothing can be printed, whatever comes; 0 = something can be now.
  shm::i64 closed_ns(shm::i64 wall_ns) const;
  /// How long to sleep at most: to the next minute (times left change), to the next line that is
  /// due, 5 s. Never less than 1 ms.
  shm::i64 sleep_ns(shm::i64 wall_ns) const;

 private:
  bool may_print(shm::i64 wall_ns) const;
  shm::i64 due_again_ns() const;

  Rhythm rhythm_;
  bool again_ = true;  // the line is to be said once more
  shm::i64 printed_ns_ = shm::kUnknown;
};

}  // namespace shmeter::plugin
