// SPDX-License-Identifier: MIT
#include "collector/model/judgement.hpp"

#include <algorithm>

#include "shm/quota.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kWhole_ppm = 1'000'000;
constexpr i64 kMostProjected_ppm = 10 * kWhole_ppm;
// A share beyond this says no more than that the budget was not meant.
constexpr i64 kMostShare_ppm = i64{1'000'000} * kWhole_ppm;
constexpr i64 kSlopeShare = 30;

__extension__ using Wide = __int128;

/// Half up; the budget is more than nothing.
i64 share_ppm(i64 used, i64 budget) {
  const Wide ppm = (Wide{std::max<i64>(used, 0)} * kWhole_ppm + budget / 2) / budget;
  return static_cast<i64>(std::min<Wide>(ppm, kMostShare_ppm));
}

}  // namespace

Budget budget_of(const AccountConfig* configured) {
  Budget budget;
  if (configured == nullptr) return budget;
  if (shm::known(configured->weekly_budget_nanousd)) {
    budget.weekly_nanousd = configured->weekly_budget_nanousd;
    budget.source = shm::BudgetSource::config;
  }
  budget.block_nanousd = shm::known(configured->block_budget_nanousd)
                             ? configured->block_budget_nanousd
                             : std::max<i64>(budget.weekly_nanousd / 20, 1);
  return budget;
}

i64 health_ppm(i64 weekly_ppm, i64 block_ppm, i64 overrun_ppm) {
  if (!shm::known(weekly_ppm) || !shm::known(block_ppm)) return kUnknown;
  const i64 overrun = shm::known(overrun_ppm) ? overrun_ppm : 0;
  const Wide lost = Wide{weekly_ppm} * 5 + Wide{block_ppm} * 3 + Wide{overrun} * 2;
  const Wide health = (Wide{kWhole_ppm} * 10 - lost + 5) / 10;
  return static_cast<i64>(std::clamp<Wide>(health, 0, kWhole_ppm));
}

void WindowSlope::see(const shm::Window& window) {
  if (!shm::usable(window) || !shm::known(window.observed_at_s)) return;
  const bool runs_on = shm::usable(first_) && shm::same_window(window, first_) &&
                       window.used_ppm >= newest_.used_ppm;
  if (!runs_on) first_ = window;
  if (!runs_on || window.observed_at_s >= newest_.observed_at_s) newest_ = window;
  // A source may tell late what it saw before.
  if (window.observed_at_s < first_.observed_at_s && window.used_ppm <= first_.used_ppm)
    first_ = window;
}

i64 WindowSlope::projected_ppm(i64 length_s) const {
  if (!shm::usable(newest_)) return kUnknown;
  const i64 span_s = newest_.observed_at_s - first_.observed_at_s;
  const i64 growth_ppm = newest_.used_ppm - first_.used_ppm;
  const i64 left_s = newest_.resets_at_s - newest_.observed_at_s;
  if (span_s < std::max<i64>(length_s / kSlopeShare, 1) || growth_ppm <= 0 || left_s < 0)
    return kUnknown;
  const Wide more = (Wide{growth_ppm} * left_s + span_s / 2) / span_s;
  return static_cast<i64>(std::min<Wide>(newest_.used_ppm + more, kMostProjected_ppm));
}

void judge(shm::Account& account, const Budget& budget, const RecentUse* use) {
  account.weekly_budget_nanousd = budget.weekly_nanousd;
  account.block_budget_nanousd = budget.block_nanousd;
  account.budget_source = static_cast<i64>(budget.source);
  account.weekly_used_nanousd = account.weekly_unpriced_tokens = kUnknown;
  account.weekly_ppm = account.block_ppm = account.health_ppm = kUnknown;
  account.block = {};
  if (use == nullptr) return;
  account.weekly_used_nanousd = use->week_cost_nanousd;
  account.weekly_unpriced_tokens = use->week_unpriced_tokens;
  account.block = use->block;
  const bool running = shm::known(use->block.started_at_s);
  if (use->week_unpriced_tokens == 0)
    account.weekly_ppm = share_ppm(use->week_cost_nanousd, budget.weekly_nanousd);
  if (!running || use->block.usage.unpriced_tokens == 0)
    account.block_ppm =
        running ? share_ppm(use->block.usage.cost_nanousd, budget.block_nanousd) : 0;
  const i64 projected = account.seven_day_projected_ppm;
  const i64 overrun = shm::known(projected) ? std::max<i64>(projected - kWhole_ppm, 0) : kUnknown;
  account.health_ppm = health_ppm(account.weekly_ppm, account.block_ppm, overrun);
}

}  // namespace shmeter::collector
