// SPDX-License-Identifier: MIT
// --watch: a line whenever it changes, for as long as somebody reads them. It holds nothing that
// another process could wait for, so it can be stopped and continued at any instruction; the region
// may vanish, be replaced, or appear later.
#include "plugin/line.hpp"
#include "plugin/pace.hpp"
#include "plugin/region.hpp"
#include "plugin/render_verbs.hpp"
#include "plugin/room.hpp"
#include "plugin/selection.hpp"
#include "plugin/sys/sys.hpp"

namespace shmeter::plugin {
namespace {

using shm::i64;

constexpr i64 kRetry_ns = 1'000'000'000;  // between looks for a region that is not there
constexpr i64 kHeld_ns = 100'000'000;     // between looks at a bar that has not read its last line

struct Room {
  Parts parts;
  std::array<char, kLineBytes> line;
  std::array<char, kLineBytes> last;  // the line printed last
  std::array<char, kFormatBytes> format;
};
constinit RoomFor<Room> room_for_watch;

class Watch {
 public:
  Watch(const Arguments& arguments, const Environment& env)
      : arguments_(arguments),
        env_(env),
        places_(find_places(arguments, env)),
        pace_(arguments.verb->target == formats::Target::tmux ? Rhythm::once_a_second
                                                              : Rhythm::at_once) {}

  int run() {
    while (!sys::hung_up(sys::kStdout)) {
      const shm::u32 seen = connect();
      const std::string_view line = current_line();
      const bool changed = line != last_;
      const i64 now_ns = os::realtime_ns();
      const bool due = pace_.due(changed, now_ns);
      const bool held = due && !may_write();
      const bool print = due && !held;
      if (print) {
        if (!this->print(line)) break;
        pace_.printed(changed, now_ns);
      }
      // Who could show nothing need not be woken, which is at the collector's expense.
      if (const i64 closed_ns = pace_.closed_ns(now_ns); closed_ns > 0) {
        sys::sleep_until(os::monotonic_ns() + closed_ns);
        // An age that changes each second leaves no other moment to look for a new file.
        if (!is_live_) disconnect();
      } else {
        sleep(seen, held ? kHeld_ns : pace_.sleep_ns(now_ns));
      }
    }
    return 0;
  }

 private:
  /// Opens the region if it is not open; the word to wait on, to be taken before the picture is
  /// read.
  shm::u32 connect() {
    if (!open_) {
      opened_ = open_region(reader_, places_, which_);
      open_ = opened_ == shm::Opened::ok;
    }
    return open_ ? reader_.notify() : 0;
  }

  void disconnect() {
    reader_.close();
    open_ = false;
  }

  /// The line as the picture of this moment has it; a host-made blank rather than nothing.
  std::string_view current_line() {
    formats::Values values;
    values.now_s = os::realtime_ns() / 1'000'000'000;
    OwnFormat own_format;
    if (open_ && copy(values.now_s)) {
      point_at(room_.parts, values);
      judge(reader_, values);
      own_format = room_.parts.format;
    }
    is_live_ = values.freshness == formats::Freshness::live ||
               values.freshness == formats::Freshness::partial;
    const std::string_view line = make_line(arguments_, env_, values, own_format, room_.line);
    // In tmux an empty line is no line at all and would leave the old one standing.
    const bool blank = line.empty() && arguments_.verb->target == formats::Target::tmux;
    return blank ? std::string_view("#[default]") : line;
  }

  bool copy(i64 now_s) {
    const Wanted wanted = {.session = arguments_.session,
                           .pane = arguments_.pane,
                           .cwd = arguments_.cwd,
                           .account = arguments_.account,
                           .config_dir = env_.claude_config_dir,
                           .transcript_path = {},
                           .target = arguments_.verb->name,
                           .format_room = room_.format,
                           .now_s = now_s};
    opened_ = reader_.snapshot(
        [&](shm::FileSlot& slot) { return copy_parts(slot, wanted, room_.parts); });
    return opened_ == shm::Opened::ok;
  }

  /// Of lines that it finds together, polybar before 3.7.2 shows the first, and no other until one
  /// more comes: it gets the next line when it has read the last one.
  bool may_write() const {
    return arguments_.verb->target != formats::Target::polybar || sys::unread(sys::kStdout) == 0;
  }

  bool print(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) room_.last[i] = line[i];
    last_ = {room_.last.data(), line.size()};
    if (arguments_.verbose && opened_ != shm::Opened::ok) complain(explain(opened_));
    return print_line(line, room_.line);
  }

  /// Sleeps until the picture changes or the time is up. Whatever is not a live picture is looked
  /// for anew after that: it may have been replaced, or another place may have one by now.
  void sleep(shm::u32 seen, i64 sleep_ns) {
    const i64 now_ns = os::monotonic_ns();
    if (!open_) return sys::sleep_until(now_ns + (sleep_ns < kRetry_ns ? sleep_ns : kRetry_ns));
    const i64 until_ns = now_ns + sleep_ns;
    const long woken = reader_.wait(seen, until_ns);
    if (woken >= 0 && is_live_) return;
    if (woken == sys::kInterrupted) return;
    if (woken < 0 && os::monotonic_ns() < until_ns)
      sys::sleep_until(until_ns);  // cannot wait on it
    if (!is_live_ || !reader_.path_still_ours(places_.region_path(which_).c_str())) disconnect();
  }

  const Arguments& arguments_;
  const Environment& env_;
  const Places places_;
  Room& room_ = room_for_watch.make();
  Pace pace_;
  shm::MappedReader reader_;
  shm::Opened opened_ = shm::Opened::absent;
  shm::u32 which_ = 0;  // of the places, where the open region is
  bool open_ = false;
  bool is_live_ = false;
  std::string_view last_;
};

}  // namespace

int run_watch(const Arguments& arguments, const Environment& env) {
  sys::exit_on_signals();
  return Watch(arguments, env).run();
}

}  // namespace shmeter::plugin
