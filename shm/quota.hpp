// SPDX-License-Identifier: MIT
// How two reports about one limit window become one: the pure function that collector and reader
// share. Invariant: the result is always one of the two reports, never a mixture, and what stands
// past its reset is unknown, never 0. The one exception (a smaller value that stands five minutes)
// needs memory and lives in collector/model/quota_keeper.hpp.
#pragma once

#include "shm/picture.hpp"

namespace shmeter::shm {

/// The same reset is told in whole seconds here and in microseconds there, so resets this close are
/// one window.
inline constexpr i64 kResetTolerance_s = 60;
/// No limit window is longer than a month; a reset further away is not a time but a mistake (such
/// as milliseconds), and believing it would shut out every right report after it.
inline constexpr i64 kFarthestReset_s = i64{32} * 86'400;

/// Whether the report says anything. One without a reset does not: it could never become unknown.
constexpr bool usable(const Window& window) {
  return known(window.used_ppm) && window.used_ppm >= 0 && known(window.resets_at_s) &&
         window.resets_at_s > 0 &&
         (!known(window.observed_at_s) ||
          window.resets_at_s <= window.observed_at_s + kFarthestReset_s);
}

constexpr bool newer_window(const Window& a, const Window& than) {
  return a.resets_at_s > than.resets_at_s + kResetTolerance_s;
}

constexpr bool same_window(const Window& a, const Window& b) {
  return !newer_window(a, b) && !newer_window(b, a);
}

/// The report to keep of two about the same limit of the same account. The newer reset wins; in the
/// same window the larger share, as use only grows; of equal shares the later observation.
constexpr Window merge(const Window& have, const Window& seen) {
  if (!usable(seen)) return have;
  if (!usable(have) || newer_window(seen, have)) return seen;
  if (newer_window(have, seen)) return have;
  if (seen.used_ppm != have.used_ppm) return seen.used_ppm > have.used_ppm ? seen : have;
  return seen.observed_at_s > have.observed_at_s ? seen : have;
}

/// The report as it stands at `now_s`: unknown in everything once its reset has passed.
constexpr Window current(const Window& window, i64 now_s) {
  return usable(window) && now_s < window.resets_at_s ? window : Window{};
}

}  // namespace shmeter::shm
