// SPDX-License-Identifier: MIT
// Sums of what is booked: of all time, of today, this week and this month, and by model. Invariant:
// every sum is what adding up all bookings anew would give; quarter-hour buckets in UTC let the
// periods be summed anew for any zone, as every zone in use is a multiple of 15 minutes. Periods
// move on with the clock; what lies more than a day before them is not kept by quarter-hours.
#pragma once

#include <limits>
#include <map>
#include <vector>

#include "collector/model/calendar.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

class Totals {
 public:
  /// `amount` may be negative: taken back.
  void book(i64 at_ms, shm::u32 model, const shm::Usage& amount);
  void clear();
  /// Takes over what a store has: sums of all time, and quarter-hours from `since_s` on, which come
  /// by add_quarter().
  void restore(const shm::Usage& all, std::vector<shm::Usage> models, i64 since_s);
  void add_quarter(i64 quarter, const shm::Usage& amount);

  /// How much longer than the periods quarter-hours are kept: for a clock put back by less.
  static constexpr i64 kKeptBefore_s = 86'400;
  /// False: a period that begins there cannot be summed any more; clear and book everything anew.
  bool reaches_back_to(i64 begin_s) const { return begin_s >= kept_from_s_; }
  /// Sums the periods anew if they are others than before; true when they were.
  bool set_periods(const Period& day, const Period& week, const Period& month);
  const Period& day() const { return today_.period; }

  const shm::Usage& all() const { return all_; }
  const shm::Usage& today() const { return today_.usage; }
  const shm::Usage& week() const { return week_.usage; }
  const shm::Usage& month() const { return month_.usage; }
  /// By the ledger's number of the model; may be shorter than the ledger's list.
  const std::vector<shm::Usage>& models() const { return models_; }

 private:
  struct Sum {
    Period period;
    shm::Usage usage = shm::no_usage();
  };
  void sum(Sum& out, const Period& period);

  shm::Usage all_ = shm::no_usage();
  Sum today_, week_, month_;
  std::vector<shm::Usage> models_;
  std::map<i64, shm::Usage> quarters_;  // by start / 15 min
  i64 kept_from_s_ = std::numeric_limits<i64>::min();
};

}  // namespace shmeter::collector
