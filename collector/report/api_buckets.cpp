// SPDX-License-Identifier: MIT
// An hour begins where the local clock shows :00, or where it is set to another offset. In a zone
// that is set back by an hour, one hour comes twice: these are two buckets.
#include "collector/report/api_buckets.hpp"

#include <algorithm>

#include "collector/report/day.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kHour_s = 3600;
constexpr i64 kDay_s = 86'400;

i64 days_of(ApiSpan span) { return span == ApiSpan::day ? 1 : span == ApiSpan::week ? 7 : 30; }

i64 hour_start(const Calendar& calendar, i64 at_s) {
  const i64 offset_s = calendar.offset_s(at_s);
  const i64 start = formats::floor_div(at_s + offset_s, kHour_s) * kHour_s - offset_s;
  return calendar.offset_s(start) == offset_s ? start : calendar.next_change_s(start);
}

i64 hour_end(const Calendar& calendar, i64 at_s) {
  const i64 end = hour_start(calendar, at_s) + kHour_s;
  const i64 change = calendar.next_change_s(at_s);
  return shm::known(change) ? std::min(end, change) : end;
}

std::string hour_date(i64 at_s, i64 offset_s) {
  return write_day(formats::floor_div(at_s + offset_s, kDay_s)) + 'T' +
         write_clock_time(at_s, offset_s);
}

/// Hours that show the same on the clock say by which offset.
void tell_apart(const Calendar& calendar, std::vector<ApiBucket>& hours) {
  std::vector<bool> same(hours.size());
  for (std::size_t i = 1; i < hours.size(); ++i)
    for (std::size_t before = i - std::min<std::size_t>(i, 4); before < i; ++before)
      if (hours[before].date == hours[i].date) same[before] = same[i] = true;
  for (std::size_t i = 0; i < hours.size(); ++i)
    if (same[i]) hours[i].date += write_offset(calendar.offset_s(hours[i].period.begin_s));
}

std::vector<ApiBucket> make_hours(const Calendar& calendar, i64 now_s, i64 count) {
  std::vector<ApiBucket> hours;
  Period hour{hour_start(calendar, now_s), hour_end(calendar, now_s)};
  for (i64 i = 0; i < count; ++i) {
    hours.push_back({hour, hour_date(hour.begin_s, calendar.offset_s(hour.begin_s))});
    hour = {hour_start(calendar, hour.begin_s - 1), hour.begin_s};
  }
  std::reverse(hours.begin(), hours.end());
  tell_apart(calendar, hours);
  return hours;
}

std::vector<ApiBucket> make_days(const Calendar& calendar, i64 now_s, i64 count) {
  std::vector<ApiBucket> days;
  const i64 today = calendar.day_index(now_s);
  for (i64 day = today - count + 1; day <= today; ++day)
    days.push_back({{calendar.start_of(day), calendar.start_of(day + 1)}, write_day(day)});
  return days;
}

}  // namespace

std::vector<ApiBucket> make_buckets(const Calendar& calendar, i64 now_s, ApiSpan span,
                                    ApiBuckets kind) {
  return kind == ApiBuckets::hour ? make_hours(calendar, now_s, 24 * days_of(span))
                                  : make_days(calendar, now_s, days_of(span));
}

Period span_of(const Calendar& calendar, i64 now_s, ApiSpan span) {
  const auto buckets = make_buckets(calendar, now_s, span,
                                    span == ApiSpan::day ? ApiBuckets::hour : ApiBuckets::day);
  return {buckets.front().period.begin_s, buckets.back().period.end_s};
}

}  // namespace shmeter::collector
