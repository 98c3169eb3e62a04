// SPDX-License-Identifier: MIT
#include "collector/top/full_screen.hpp"

#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "collector/loop/fd.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h";
constexpr std::string_view kOurs = "\x1b[?7l\x1b[?25l\x1b[0m\x1b[2J";  // no wrapping, no cursor
constexpr std::string_view kLeave = "\x1b[0m\x1b[2J\x1b[?7h\x1b[?25h\x1b[?1049l";

constexpr std::array<int, 7> kSignals = {SIGWINCH, SIGTSTP, SIGCONT, SIGINT,
                                         SIGTERM,  SIGHUP,  SIGQUIT};
constexpr std::array<int, 4> kEnding = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// In the order of kSignals.
std::array<volatile std::sig_atomic_t, kSignals.size()> came{};

volatile std::sig_atomic_t& flag_of(int signal) {
  const auto at = std::find(kSignals.begin(), kSignals.end(), signal) - kSignals.begin();
  return came[static_cast<std::size_t>(at)];
}

extern "C" void note_signal(int signal) { flag_of(signal) = 1; }

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(signal, &action, nullptr);
}

sigset_t our_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : kSignals) ::sigaddset(&set, signal);
  return set;
}

}  // namespace

Result<void> FullScreen::enter() {
  if (before_) return {};
  termios now{};
  if (::tcgetattr(in_, &now) != 0)
    return fail(Errc::unavailable, "the terminal does not say how it is set");
  before_ = now;
  if (set_raw() && write(kEnter) && write(kOurs)) return {};
  leave();
  return fail(Errc::unavailable, "the terminal cannot be set");
}

/// Keys come at once and unseen; Ctrl-C and Ctrl-Z stay signals, Ctrl-\ and Ctrl-S are nothing.
bool FullScreen::set_raw() const {
  termios raw = *before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  raw.c_lflag |= static_cast<tcflag_t>(ISIG);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL | INLCR | IGNCR | ISTRIP);
  raw.c_cc[VQUIT] = _POSIX_VDISABLE;
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  return ::tcsetattr(in_, TCSADRAIN, &raw) == 0;
}

void FullScreen::leave() {
  if (!before_) return;
  write(kLeave);
  ::tcsetattr(in_, TCSADRAIN, &*before_);
  before_.reset();
}

void FullScreen::regain() {
  if (before_ && set_raw()) write(kOurs);
}

ScreenSize FullScreen::size() const {
  winsize size{};
  if (::ioctl(out_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

bool FullScreen::write(std::string_view bytes) const { return write_all(out_, bytes); }

TerminalSignals::TerminalSignals() {
  const sigset_t ours = our_signals();
  ::pthread_sigmask(SIG_BLOCK, &ours, &before_);
  for (auto& flag : came) flag = 0;
  for (const int signal : kSignals) handle(signal, note_signal);
}

TerminalSignals::~TerminalSignals() {
  for (const int signal : kSignals) handle(signal, SIG_DFL);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

TerminalSignals::Woken TerminalSignals::wait(int first, int second, int timeout_ms) const {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(first, &set);
  FD_SET(second, &set);
  const timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1'000'000};
  sigset_t open = before_;
  for (const int signal : kSignals) ::sigdelset(&open, signal);
  if (::pselect(std::max(first, second) + 1, &set, nullptr, nullptr, &timeout, &open) <= 0)
    return {};
  return {FD_ISSET(first, &set) != 0, FD_ISSET(second, &set) != 0};
}

bool TerminalSignals::take(int signal) {
  volatile std::sig_atomic_t& flag = flag_of(signal);
  const bool came_since = flag != 0;
  flag = 0;
  return came_since;
}

std::optional<int> TerminalSignals::take_end() {
  for (const int signal : kEnding)
    if (take(signal)) return signal;
  return std::nullopt;
}

void TerminalSignals::stop_here() {
  sigset_t stop;
  ::sigemptyset(&stop);
  ::sigaddset(&stop, SIGTSTP);
  handle(SIGTSTP, SIG_DFL);
  ::raise(SIGTSTP);
  ::pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);  // here it stops
  ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  handle(SIGTSTP, note_signal);
}

}  // namespace shmeter::collector
