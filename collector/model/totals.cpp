// SPDX-License-Identifier: MIT
#include "collector/model/totals.hpp"

#include <algorithm>

#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kQuarter_s = 900;

}  // namespace

void Totals::book(i64 at_ms, shm::u32 model, const shm::Usage& amount) {
  const i64 at_s = at_ms / 1000;  // the ledger refuses what is before 1970
  add(all_, amount);
  for (Sum* sum : {&today_, &week_, &month_}) {
    if (sum->period.contains(at_s)) add(sum->usage, amount);
  }
  if (model >= models_.size()) models_.resize(model + 1, shm::no_usage());
  add(models_[model], amount);
  if (at_s >= kept_from_s_) add_quarter(at_s / kQuarter_s, amount);
}

void Totals::add_quarter(i64 quarter, const shm::Usage& amount) {
  add(quarters_.try_emplace(quarter, shm::no_usage()).first->second, amount);
}

void Totals::restore(const shm::Usage& all, std::vector<shm::Usage> models, i64 since_s) {
  clear();
  all_ = all;
  models_ = std::move(models);
  kept_from_s_ = since_s;
}

void Totals::clear() {
  all_ = shm::no_usage();
  today_ = week_ = month_ = {};
  models_.clear();
  quarters_.clear();
  kept_from_s_ = std::numeric_limits<i64>::min();
}

void Totals::sum(Sum& out, const Period& period) {
  out = {period, shm::no_usage()};
  const auto end = quarters_.lower_bound(period.end_s / kQuarter_s);
  for (auto at = quarters_.lower_bound(period.begin_s / kQuarter_s); at != end; ++at)
    add(out.usage, at->second);
}

bool Totals::set_periods(const Period& day, const Period& week, const Period& month) {
  if (today_.period == day && week_.period == week && month_.period == month) return false;
  sum(today_, day);
  sum(week_, week);
  sum(month_, month);
  kept_from_s_ =
      std::max(kept_from_s_, std::min({day.begin_s, week.begin_s, month.begin_s}) - kKeptBefore_s);
  quarters_.erase(quarters_.begin(), quarters_.lower_bound(kept_from_s_ / kQuarter_s));
  return true;
}

}  // namespace shmeter::collector
