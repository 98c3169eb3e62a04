// SPDX-License-Identifier: MIT
// Tokens per interval, as the view itself saw them pass: the increase of everything counted, all
// four kinds, from one picture to the next. Invariant: only what grew while we looked is here; what
// a first scan, a collector that was away or a gap of our own brings at once is nobody's interval.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::i64;

inline constexpr i64 kBurnInterval_s = 10;

class Burn {
 public:
  /// What was counted by `now_s`; unknown when nobody can say. To be called at least once an
  /// interval: one that was missed is unknown.
  void take(i64 now_s, i64 all_tokens);

  /// The newest `n` intervals, oldest first, the running one last; unknown where we did not look.
  /// Fewer when the view is younger.
  std::vector<i64> recent(std::size_t n) const;
  /// Of the last minute, the running interval included; unknown before anything was seen.
  i64 tokens_last_minute() const;

 private:
  std::deque<i64> intervals_;    // the running one is the last
  i64 running_ = shm::kUnknown;  // its number since the epoch
  i64 counted_ = shm::kUnknown;  // at the last take()
};

/// One character a value, `▁` for nothing, up to `█` for the largest; a space where it is unknown.
std::string sparkline(const std::vector<i64>& values);

}  // namespace shmeter::collector
