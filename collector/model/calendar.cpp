// SPDX-License-Identifier: MIT
// Days from offsets. A local day begins at the first moment whose local time is not before its
// midnight: where the clock jumps over midnight that is the moment of the jump.
#include "collector/model/calendar.hpp"

#include <chrono>

namespace shmeter::collector {
namespace {

constexpr i64 kDay_s = 86'400;

i64 floor_div(i64 a, i64 b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Days since 1970-01-01 of the first of the month, `months` after the one that holds the day.
i64 first_of_month(i64 day_index, int months) {
  using namespace std::chrono;
  const year_month_day day{sys_days{days{day_index}}};
  const year_month month = day.year() / day.month() + std::chrono::months{months};
  return sys_days{month / 1}.time_since_epoch().count();
}

}  // namespace

Calendar::Calendar(std::string_view zone, Weekday week_start)
    : zone_(make_zone(zone, trouble_)), week_start_(static_cast<i64>(week_start)) {}

i64 Calendar::start_of(i64 day_index) const {
  const i64 midnight = day_index * kDay_s;  // on the local clock
  // Two days before, no clock in the world has reached it: offsets are less than a day.
  OffsetSpan span = zone_->at(midnight - 2 * kDay_s);
  for (;;) {
    const i64 at = std::max(midnight - span.offset_s, span.period.begin_s);
    if (at < span.period.end_s) return at;
    span = zone_->at(span.period.end_s);
  }
}

i64 Calendar::day_index(i64 at_s) const {
  const i64 day = floor_div(at_s + zone_->at(at_s).offset_s, kDay_s);
  // A clock set back over midnight shows yesterday's date again; the new day has begun.
  return at_s < start_of(day + 1) ? day : day + 1;
}

Period Calendar::day(i64 at_s) const {
  const i64 day = day_index(at_s);
  return {start_of(day), start_of(day + 1)};
}

Period Calendar::week(i64 at_s) const {
  const i64 day = day_index(at_s);
  constexpr i64 kThursday = 3;  // 1970-01-01, counted from Monday
  const i64 since_start = (day + kThursday - week_start_) % 7;
  const i64 first = day - (since_start + 7) % 7;
  return {start_of(first), start_of(first + 7)};
}

Period Calendar::month(i64 at_s) const {
  const i64 day = day_index(at_s);
  return {start_of(first_of_month(day, 0)), start_of(first_of_month(day, 1))};
}

i64 Calendar::next_change_s(i64 at_s) const {
  OffsetSpan span = zone_->at(at_s);
  while (span.period.end_s - at_s < kOffsetHorizon_s) {
    const OffsetSpan next = zone_->at(span.period.end_s);
    if (next.offset_s != span.offset_s) return span.period.end_s;
    span = next;
  }
  return kUnknown;
}

}  // namespace shmeter::collector
