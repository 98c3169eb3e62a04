// SPDX-License-Identifier: MIT
// What the numbers of an account mean: how much of its budgets is used, how healthy that is, and
// where the service's own percentages lead. Pure functions in whole numbers. Invariant: a share is
// only said when everything in it is known; a cost that is known in part gives none.
#pragma once

#include "collector/config/config.hpp"
#include "collector/model/recent.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

inline constexpr i64 kFiveHour_s = i64{5} * 3600;
inline constexpr i64 kSevenDay_s = i64{168} * 3600;

struct Budget {
  i64 weekly_nanousd = kDefaultWeeklyBudget_nanousd;
  i64 block_nanousd = kDefaultWeeklyBudget_nanousd / 20;
  shm::BudgetSource source = shm::BudgetSource::preset;  // of the weekly one
};
/// nullptr = nothing is configured for the account.
Budget budget_of(const AccountConfig* configured);

/// clamp(100 % - 0.5 weekly - 0.3 block - 0.2 overrun), all in ppm; unknown when `weekly_ppm` or
/// `block_ppm` is. An unknown overrun is none.
i64 health_ppm(i64 weekly_ppm, i64 block_ppm, i64 overrun_ppm);

/// Where a limit window leads, by its own samples.
class WindowSlope {
 public:
  /// The window as it is published now. Another window, or a smaller share in the same one (a plan
  /// changed), begins anew; an unknown one changes nothing.
  void see(const shm::Window& window);
  /// The share at the reset, if it goes on growing as from the first to the newest sample of the
  /// running window. Unknown unless these are a thirtieth of the window apart (10 minutes of five
  /// hours, 5.6 hours of seven days: shares come in whole percent, and a step of one must not be
  /// taken for a trend) and it has grown. May exceed 100 %, up to 1000 %.
  i64 projected_ppm(i64 length_s) const;

  /// For the store.
  const shm::Window& first() const { return first_; }
  void restore(const shm::Window& first) { first_ = newest_ = first; }

 private:
  shm::Window first_;
  shm::Window newest_;
};

/// Fills in the account's weekly_*, block*, budget_source and health_ppm. `use` = nullptr: what was
/// counted is not known yet. Reads seven_day_projected_ppm for the overrun.
void judge(shm::Account& account, const Budget& budget, const RecentUse* use);

}  // namespace shmeter::collector
