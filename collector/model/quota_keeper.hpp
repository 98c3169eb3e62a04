// SPDX-License-Identifier: MIT
// One limit window of one account, as its many sessions report it. Reports are merged by
// shm/quota.hpp; on top of that a smaller share replaces a larger one of the same window if a
// session reports it after a response of its own (an idle session repeats what it once heard) and
// it stands five minutes: plans change, and resets are given. Invariant: what current() gives is a
// report that was really made, or unknown.
#pragma once

#include "shm/quota.hpp"

namespace shmeter::collector {

using shm::i64;
using shm::kUnknown;

class QuotaKeeper {
 public:
  static constexpr i64 kStands_ms = i64{5} * 60 * 1000;

  /// `response_ms` = the newest response of the reporting session, kUnknown if it had none.
  void see(const shm::Window& seen, i64 response_ms, i64 now_ms);
  /// Lets time pass: true when a smaller share has now stood long enough.
  bool settle(i64 now_ms);
  shm::Window current(i64 now_ms) const { return shm::current(have_, now_ms / 1000); }
  /// When current() changes by itself, kUnknown = never.
  i64 deadline_ms(i64 now_ms) const;

  /// For the store: the report that stands, when it was taken over, and, where it replaced a larger
  /// one, the response that proved it. What waits for its five minutes waits anew after a restart.
  const shm::Window& stands() const { return have_; }
  i64 taken_ms() const { return taken_ms_; }
  i64 corrected_ms() const { return corrected_ms_; }
  void restore(const shm::Window& stands, i64 taken_ms, i64 corrected_ms);

 private:
  void take(const shm::Window& seen, i64 now_ms);
  void see_smaller(const shm::Window& seen, i64 response_ms, i64 now_ms);

  shm::Window have_;
  i64 have_since_ms_ = kUnknown;  // when the service said have_ for the first time
  i64 taken_ms_ = kUnknown;       // when have_ was taken over from the one before
  i64 corrected_ms_ = kUnknown;   // have_ replaced a larger one: the response that proved it
  shm::Window smaller_;           // waits for its five minutes; unusable = none
  i64 smaller_since_ms_ = kUnknown;
  i64 smaller_response_ms_ = kUnknown;
};

}  // namespace shmeter::collector
