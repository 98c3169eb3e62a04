// SPDX-License-Identifier: MIT
#include "collector/model/quota_keeper.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

/// Whether something is known to have happened after a moment that may not be known itself.
bool after(i64 at_ms, i64 moment_ms) {
  return shm::known(at_ms) && (!shm::known(moment_ms) || at_ms > moment_ms);
}

}  // namespace

void QuotaKeeper::take(const shm::Window& seen, i64 now_ms) {
  have_ = seen;
  taken_ms_ = now_ms;
  have_since_ms_ =
      shm::known(seen.observed_at_s) ? std::min(seen.observed_at_s * 1000, now_ms) : now_ms;
}

void QuotaKeeper::see(const shm::Window& seen, i64 response_ms, i64 now_ms) {
  settle(now_ms);
  if (!shm::usable(seen)) return;
  if (!shm::usable(have_) || shm::newer_window(seen, have_)) {
    *this = {};
    return take(seen, now_ms);
  }
  if (shm::newer_window(have_, seen)) return;
  if (seen.used_ppm < have_.used_ppm) return see_smaller(seen, response_ms, now_ms);
  // After a correction the old, larger value is still repeated by idle sessions.
  if (seen.used_ppm > have_.used_ppm && shm::known(corrected_ms_) &&
      !after(response_ms, corrected_ms_))
    return;
  if (shm::usable(smaller_) && after(response_ms, smaller_response_ms_)) smaller_ = {};
  if (seen.used_ppm > have_.used_ppm)
    take(seen, now_ms);
  else
    have_ = shm::merge(have_, seen);
}

void QuotaKeeper::see_smaller(const shm::Window& seen, i64 response_ms, i64 now_ms) {
  if (!after(response_ms, have_since_ms_)) return;
  if (!shm::usable(smaller_) || seen.used_ppm < smaller_.used_ppm) smaller_since_ms_ = now_ms;
  smaller_ = seen;
  smaller_response_ms_ = response_ms;
}

bool QuotaKeeper::settle(i64 now_ms) {
  if (!shm::usable(smaller_)) return false;
  smaller_since_ms_ = std::min(smaller_since_ms_, now_ms);  // the clock may have been set back
  if (now_ms - smaller_since_ms_ < kStands_ms) return false;
  corrected_ms_ = smaller_response_ms_;
  take(smaller_, now_ms);
  smaller_ = {};
  return true;
}

i64 QuotaKeeper::deadline_ms(i64 now_ms) const {
  i64 next = kUnknown;
  const auto earlier = [&](i64 at_ms) {
    if (at_ms > now_ms && (!shm::known(next) || at_ms < next)) next = at_ms;
  };
  if (shm::usable(have_)) earlier(have_.resets_at_s * 1000);
  if (shm::usable(smaller_)) earlier(smaller_since_ms_ + kStands_ms);
  return next;
}

void QuotaKeeper::restore(const shm::Window& stands, i64 taken_ms, i64 corrected_ms) {
  *this = {};
  take(stands, taken_ms);
  corrected_ms_ = corrected_ms;
}

}  // namespace shmeter::collector
