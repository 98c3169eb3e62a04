// SPDX-License-Identifier: MIT
// When requests were made that are too old to be kept with their amounts: a block begins where the
// one before it ended, so under use without a pause the running block depends on all of them.
// Invariant: the blocks of any set of sessions come out as if every time were kept, though of a
// session's requests within one UTC hour only the first and the last are: blocks begin and end at
// full hours, and a pause that counts is longer than one.
#pragma once

#include <vector>

#include "collector/ledger/interner.hpp"

namespace shmeter::collector {

using shm::i64;

class RequestTrace {
 public:
  /// Block begins are traced back this far at most.
  static constexpr i64 kReach_ms = i64{31} * 86'400'000;

  struct Moment {
    i64 at_ms = 0;
    u32 session = 0;
    int count = 0;  // below 0: taken back before it was there
  };

  /// `count` +1, or -1 to take one back.
  void note(i64 at_ms, u32 session, int count);
  /// Forgets what lies before the last pause of more than five hours, and what is out of reach of
  /// `next_ms`, the request that follows. In order from then on.
  void cut(i64 next_ms);
  void clear() { moments_.clear(), tidy_ = 0; }

  const std::vector<Moment>& moments() const { return moments_; }
  std::size_t bytes() const { return moments_.capacity() * sizeof(Moment); }

 private:
  void tidy();

  std::vector<Moment> moments_;
  std::size_t tidy_ = 0;  // as many of them are in order and thinned
};

}  // namespace shmeter::collector
