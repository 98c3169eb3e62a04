// SPDX-License-Identifier: MIT
// See pace.hpp.
#include "plugin/pace.hpp"

namespace shmeter::plugin {
namespace {

using shm::i64;

constexpr i64 kMillisecond_ns = 1'000'000;
constexpr i64 kSecond_ns = 1000 * kMillisecond_ns;
constexpr i64 kMinute_ns = 60 * kSecond_ns;
constexpr i64 kLongestSleep_ns = 5 * kSecond_ns;  // then lock, path and stdout are looked at
constexpr i64 kKeepAlive_ns = 30 * kMinute_ns;
// Just after the second begins, whatever the clocks of two processes think of it.
constexpr i64 kMargin_ns = 5 * kMillisecond_ns;

constexpr i64 to_next(i64 period_ns, i64 wall_ns) { return period_ns - wall_ns % period_ns; }

}  // namespace

bool Pace::may_print(i64 wall_ns) const {
  // A clock that was set back must not silence us: only the very same second counts.
  return rhythm_ == Rhythm::at_once || !shm::known(printed_ns_) ||
         wall_ns / kSecond_ns != printed_ns_ / kSecond_ns;
}

i64 Pace::due_again_ns() const {
  return printed_ns_ + (again_ ? kSecond_ns + kMargin_ns : kKeepAlive_ns);
}

bool Pace::due(bool changed, i64 wall_ns) const {
  if (!shm::known(printed_ns_)) return true;
  return may_print(wall_ns) && (changed || wall_ns >= due_again_ns());
}

void Pace::printed(bool changed, i64 wall_ns) {
  again_ = rhythm_ == Rhythm::once_a_second && (changed || !shm::known(printed_ns_));
  printed_ns_ = wall_ns;
}

i64 Pace::closed_ns(i64 wall_ns) const {
  return may_print(wall_ns) ? 0 : to_next(kSecond_ns, wall_ns) + kMargin_ns;
}

i64 Pace::sleep_ns(i64 wall_ns) const {
  i64 sleep = kLongestSleep_ns;
  const auto at_most = [&](i64 ns) {
    if (ns < sleep) sleep = ns;
  };
  at_most(to_next(kMinute_ns, wall_ns));
  if (shm::known(printed_ns_)) at_most(due_again_ns() - wall_ns);
  return sleep < kMillisecond_ns ? kMillisecond_ns : sleep;
}

}  // namespace shmeter::plugin
