// SPDX-License-Identifier: MIT
// See autostart.hpp. Many readers may come here at the same instant. They are told apart by a stamp
// file in the runtime directory: whoever takes its lock and finds it older than a minute (or empty,
// so new) writes to it and starts; the others find it locked or young. Should a collector be
// started twice all the same, the second finds the first one's lock and ends.
#include "plugin/autostart.hpp"

#include "plugin/heavy.hpp"
#include "plugin/sys/sys.hpp"

namespace shmeter::plugin {
namespace {

constexpr std::string_view kStampName = "autostart";
constexpr shm::i64 kNotBefore_s = 60;
constexpr std::uint32_t kGroupAndOthers = 077;

bool collector_runs(const Places& places) {
  for (const shm::FixedPath& dir : places.dirs) {
    const long fd = os::open_readonly(shm::in_dir(dir, shm::kLockName).c_str());
    if (fd < 0) continue;
    const bool held = os::lock_held(static_cast<int>(fd)) > 0;
    os::close(static_cast<int>(fd));
    if (held) return true;
  }
  return false;
}

/// A folder of ours that nobody else can enter, and no link.
bool is_private(const shm::FixedPath& dir) {
  os::Stat stat;
  return os::stat_path(dir.c_str(), stat) >= 0 && stat.directory &&
         stat.uid == static_cast<std::uint32_t>(os::effective_uid()) &&
         (stat.mode & kGroupAndOthers) == 0;
}

/// The place where a collector would publish: the first that is usable, made if need be.
const shm::FixedPath* usable_place(const Places& places) {
  for (const shm::FixedPath& dir : places.dirs) {
    sys::make_directory(dir.c_str());
    if (is_private(dir)) return &dir;
  }
  return nullptr;
}

/// True for one caller a minute.
bool is_our_turn(const shm::FixedPath& dir) {
  const long opened = sys::open_stamp(shm::in_dir(dir, kStampName).c_str());
  if (opened < 0) return false;
  const int fd = static_cast<int>(opened);
  bool ours = false;
  os::Stat stat;
  if (sys::try_lock(fd) >= 0 && os::stat_fd(fd, stat) >= 0 && stat.regular) {
    const shm::i64 age_s = os::realtime_ns() / 1'000'000'000 - sys::modified_at_s(fd);
    ours = stat.size == 0 || age_s >= kNotBefore_s || age_s < -kNotBefore_s;
    if (ours) ours = sys::write(fd, "\n", 1) == 1;  // at its start: the file stays one byte
  }
  os::close(fd);
  return ours;
}

}  // namespace

void start_collector(const Places& places, const Arguments& arguments, const Environment& env) {
  if (places.is_given() || collector_runs(places)) return;
  const shm::FixedPath* place = usable_place(places);
  Path heavy;
  path_beside_us(heavy);
  if (place == nullptr || heavy.empty() || !is_our_turn(*place)) return;
  // --runtime-dir may be a view into a word of its own or into --runtime-dir=…: NUL-terminated
  // either way.
  const bool named = !arguments.runtime_dir.empty();
  const char* const words[] = {"shmeterd",
                               "daemon",
                               "run",
                               named ? "--runtime-dir" : nullptr,
                               named ? arguments.runtime_dir.data() : nullptr,
                               nullptr};
  sys::spawn_detached(heavy.c_str(), words, env.all);
}

}  // namespace shmeter::plugin
