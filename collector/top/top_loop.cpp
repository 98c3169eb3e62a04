// SPDX-License-Identifier: MIT
// One thread draws and sleeps in one place; it wakes for a key, a picture, a signal, and once a
// second for the times.
#include "collector/top/top_loop.hpp"

#include <unistd.h>

#include <array>

#include "collector/loop/wall_clock.hpp"
#include "collector/top/frame.hpp"
#include "collector/top/frame_writer.hpp"
#include "collector/top/full_screen.hpp"
#include "collector/top/region_feed.hpp"
#include "collector/top/styled_text.hpp"

namespace shmeter::collector {
namespace {

constexpr int kEscapeAlone_ms = 50;  // then no sequence follows it, also through ssh and tmux
constexpr int kSecond_ms = 1000;

class TopLoop {
 public:
  TopLoop(const TopSettings& settings, TerminalSignals& signals, FullScreen& screen,
          RegionFeed& feed)
      : settings_(settings), signals_(signals), screen_(screen), feed_(feed) {}

  /// The signal that ended it, or 0.
  int run() {
    picture_ = feed_.take();
    for (;;) {
      if (!draw()) return 0;
      const auto woken = signals_.wait(screen_.in(), feed_.fd(), timeout_ms());
      if (const auto end = signals_.take_end()) return *end == SIGINT ? 0 : *end;
      if (signals_.take(SIGCONT)) regain();
      if (signals_.take(SIGWINCH)) writer_.forget();
      if (signals_.take(SIGTSTP) && !suspend()) return 0;
      if (woken.second) picture_ = feed_.take();
      if (woken.first && !read_keys()) return 0;
      if (!woken.first && keys_.waits())
        if (const auto key = keys_.give_up(); key && !take(*key)) return 0;
    }
  }

 private:
  bool draw() {
    const ScreenSize size = screen_.size();
    const i64 now_s = wall_clock_ms() / kSecond_ms;
    burn_.take(now_s, picture_->freshness == formats::Freshness::live
                          ? shm::total_tokens(picture_->summary.all)
                          : shm::kUnknown);
    Frame frame =
        draw_frame(state_, *picture_, burn_,
                   {.width = size.columns, .colour = settings_.colour, .now_s = now_s}, size.rows);
    page_ = frame.session_rows;
    if (settings_.ascii)
      for (std::string& line : frame.lines) line = in_ascii(line);
    const std::string bytes = writer_.update(frame.lines);
    return bytes.empty() || screen_.write(bytes);
  }

  int timeout_ms() const {
    if (keys_.waits()) return kEscapeAlone_ms;
    return kSecond_ms - static_cast<int>(wall_clock_ms() % kSecond_ms);
  }

  bool read_keys() {
    std::array<char, 4096> bytes;
    const ssize_t n = ::read(screen_.in(), bytes.data(), bytes.size());
    if (n <= 0) return n < 0 && (errno == EINTR || errno == EAGAIN);
    keys_.feed({bytes.data(), static_cast<std::size_t>(n)});
    while (const auto key = keys_.next())
      if (!take(*key)) return false;
    return true;
  }

  /// False when it is over.
  bool take(const Key& key) {
    const SessionList list = list_sessions(picture_->sessions, state_.order, state_.only_active,
                                           state_.filter, wall_clock_ms() / kSecond_ms);
    switch (take_key(state_, key, list, page_)) {
      case Then::quit:
        return false;
      case Then::suspend:
        return suspend();
      case Then::redraw:
        writer_.forget();
        return true;
      case Then::stay:
        break;
    }
    return true;
  }

  bool suspend() {
    screen_.leave();
    signals_.stop_here();
    writer_.forget();
    signals_.take(SIGCONT);  // of that
    return screen_.enter().has_value();
  }

  void regain() {
    screen_.regain();
    writer_.forget();
  }

  const TopSettings& settings_;
  TerminalSignals& signals_;
  FullScreen& screen_;
  RegionFeed& feed_;
  std::shared_ptr<const TopPicture> picture_;
  TopState state_;
  Burn burn_;
  KeyReader keys_;
  FrameWriter writer_;
  std::size_t page_ = 1;
};

}  // namespace

Result<int> run_top(const TopSettings& settings) {
  TerminalSignals signals;  // before the thread, which inherits what is blocked
  auto feed = RegionFeed::start(settings.places);
  if (!feed) return tl::unexpected(feed.error());
  FullScreen screen(STDIN_FILENO, STDOUT_FILENO);
  if (auto entered = screen.enter(); !entered) return tl::unexpected(entered.error());
  return TopLoop(settings, signals, screen, *feed).run();
}

std::string top_once(const TopSettings& settings, int width) {
  const i64 now_s = wall_clock_ms() / kSecond_ms;
  const TopPicture picture = RegionSource(settings.places).read(now_s);
  std::string out;
  for (const std::string& line :
       draw_whole(picture, {.width = width, .colour = settings.colour, .now_s = now_s}))
    out.append(settings.ascii ? in_ascii(line) : line).append("\n");
  return out;
}

}  // namespace shmeter::collector
