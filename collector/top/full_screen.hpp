// SPDX-License-Identifier: MIT
// The terminal while it is ours: alternate screen, no echo, no cursor, no wrapping. Invariant: it
// is as it was before whenever it is not ours, after leave() and in the destructor, on every way
// out that a program has a say in.
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <csignal>
#include <optional>
#include <string_view>

#include "collector/result.hpp"

namespace shmeter::collector {

struct ScreenSize {
  int columns = 80;
  int rows = 24;
};

class FullScreen {
 public:
  FullScreen(int in, int out) : in_(in), out_(out) {}
  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;
  ~FullScreen() { leave(); }

  /// Errors: unavailable, when it is no terminal or cannot be set.
  Result<void> enter();
  void leave();
  /// Somebody else had the terminal, such as the shell while we were stopped: sets it anew.
  void regain();

  ScreenSize size() const;
  /// False when the terminal is gone.
  bool write(std::string_view bytes) const;
  int in() const { return in_; }

 private:
  bool set_raw() const;

  int in_;
  int out_;
  std::optional<termios> before_;  // while it is ours
};

/// Signals that a full-screen program must answer. They come only while it waits: blocked from the
/// constructor to the destructor but for wait()'s own sleep, so that none is missed or comes in
/// between. One at a time in a process.
class TerminalSignals {
 public:
  TerminalSignals();
  TerminalSignals(const TerminalSignals&) = delete;
  TerminalSignals& operator=(const TerminalSignals&) = delete;
  ~TerminalSignals();

  /// Sleeps until one of two descriptors can be read, a signal came, or the time is up.
  struct Woken {
    bool first = false;
    bool second = false;
  };
  Woken wait(int first, int second, int timeout_ms) const;

  /// Whether it came since it was last asked for.
  bool take(int signal);
  /// One that ends programs came.
  std::optional<int> take_end();

  /// Stops this process as if nobody had caught SIGTSTP; returns once it goes on. At once where the
  /// system stops nobody, as no shell could let it go on (tmux display-popup).
  void stop_here();

 private:
  sigset_t before_{};
};

}  // namespace shmeter::collector
