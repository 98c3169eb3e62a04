// SPDX-License-Identifier: MIT
// Days, weeks and months where clocks are changed, against fixed moments, and the two ways to know
// a zone against each other.
#include "collector/model/calendar.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <optional>

namespace shmeter::collector {
namespace {

constexpr i64 kHour_s = 3600;

i64 utc(int y, unsigned mo, unsigned d, int h = 0, int mi = 0) {
  using namespace std::chrono;
  const sys_days day{year{y} / month{mo} / std::chrono::day{d}};
  return i64{day.time_since_epoch().count()} * 24 * kHour_s + h * kHour_s + mi * 60;
}

/// Sets TZ for a scope; the zone "local" follows it.
class Tz {
 public:
  explicit Tz(const char* value) {
    if (const char* old = ::getenv("TZ")) old_ = old;
    ::setenv("TZ", value, 1);
  }
  ~Tz() {
    if (old_)
      ::setenv("TZ", old_->c_str(), 1);
    else
      ::unsetenv("TZ");
  }
  Tz(const Tz&) = delete;
  Tz& operator=(const Tz&) = delete;

 private:
  std::optional<std::string> old_;
};

TEST(Calendar, Days) {
  const struct {
    const char* what;
    const char* zone;
    i64 at, begin, end;
  } rows[] = {
      {"UTC", "UTC", utc(2026, 11, 21, 13), utc(2026, 11, 21), utc(2026, 11, 22)},
      {"the first second", "UTC", utc(2026, 11, 21), utc(2026, 11, 21), utc(2026, 11, 22)},
      {"winter", "Europe/Berlin", utc(2026, 11, 21, 23, 30), utc(2026, 11, 21, 23),
       utc(2026, 11, 22, 23)},
      {"23 hours", "Europe/Berlin", utc(2026, 3, 29, 12), utc(2026, 3, 28, 23),
       utc(2026, 3, 29, 22)},
      {"25 hours", "Europe/Berlin", utc(2026, 10, 25, 12), utc(2026, 10, 24, 22),
       utc(2026, 10, 25, 23)},
      {"the hour that comes twice", "Europe/Berlin", utc(2026, 10, 25, 0, 30),
       utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)},
      {"west", "America/New_York", utc(2026, 11, 21, 3), utc(2026, 11, 20, 5),
       utc(2026, 11, 21, 5)},
      {"far east", "Pacific/Kiritimati", utc(2026, 11, 21, 11), utc(2026, 11, 21, 10),
       utc(2026, 11, 22, 10)},
      {"a quarter", "Asia/Kathmandu", utc(2026, 11, 21, 12), utc(2026, 11, 20, 18, 15),
       utc(2026, 11, 21, 18, 15)},
      {"half an hour of summer", "Australia/Lord_Howe", utc(2026, 4, 4, 20), utc(2026, 4, 4, 13),
       utc(2026, 4, 5, 13, 30)},
      {"midnight does not exist", "Asia/Beirut", utc(2022, 3, 27, 12), utc(2022, 3, 26, 22),
       utc(2022, 3, 27, 21)},
      {"nor here", "America/Sao_Paulo", utc(2018, 11, 4, 12), utc(2018, 11, 4, 3),
       utc(2018, 11, 5, 2)},
      {"midnight is reached twice", "America/Sao_Paulo", utc(2018, 2, 18, 1, 30),
       utc(2018, 2, 17, 2), utc(2018, 2, 18, 3)},
      {"midnight comes twice", "America/Havana", utc(2024, 11, 3, 12), utc(2024, 11, 3, 4),
       utc(2024, 11, 4, 5)},
      {"set back one minute after midnight", "America/St_Johns", utc(2010, 11, 7, 2, 45),
       utc(2010, 11, 7, 2, 30), utc(2010, 11, 8, 3, 30)},
      {"a day that was left out", "Pacific/Apia", utc(2011, 12, 30, 12), utc(2011, 12, 30, 10),
       utc(2011, 12, 31, 10)},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.zone) + ": " + row.what);
    const Calendar named(row.zone, Weekday::monday);
    EXPECT_EQ(named.trouble(), "");
    EXPECT_EQ(named.day(row.at), (Period{row.begin, row.end}));
    const Tz tz(row.zone);
    const Calendar local("local", Weekday::monday);
    EXPECT_EQ(local.day(row.at), (Period{row.begin, row.end})) << "by the C library";
  }
}

TEST(Calendar, Weeks) {
  const i64 saturday = utc(2026, 11, 21, 12);
  const struct {
    Weekday start;
    i64 begin;
  } rows[] = {{Weekday::monday, utc(2026, 11, 16)},    {Weekday::tuesday, utc(2026, 11, 17)},
              {Weekday::wednesday, utc(2026, 11, 18)}, {Weekday::thursday, utc(2026, 11, 19)},
              {Weekday::friday, utc(2026, 11, 20)},    {Weekday::saturday, utc(2026, 11, 21)},
              {Weekday::sunday, utc(2026, 11, 15)}};
  for (const auto& row : rows) {
    const Calendar calendar("UTC", row.start);
    EXPECT_EQ(calendar.week(saturday), (Period{row.begin, row.begin + 7 * 24 * kHour_s}));
  }
  const Calendar berlin("Europe/Berlin", Weekday::monday);
  EXPECT_EQ(berlin.week(utc(2026, 10, 25, 12)),
            (Period{utc(2026, 10, 18, 22), utc(2026, 10, 25, 23)}))
      << "a week of 169 hours";
  EXPECT_EQ(Calendar("UTC", Weekday::monday).week(utc(1969, 12, 31)).begin_s, utc(1969, 12, 29));
}

TEST(Calendar, Months) {
  const Calendar berlin("Europe/Berlin", Weekday::monday);
  EXPECT_EQ(berlin.month(utc(2026, 10, 31, 12)),
            (Period{utc(2026, 9, 30, 22), utc(2026, 10, 31, 23)}));
  EXPECT_EQ(berlin.month(utc(2026, 12, 31, 23, 30)),
            (Period{utc(2026, 12, 31, 23), utc(2027, 1, 31, 23)}));
  EXPECT_EQ(Calendar("UTC", Weekday::monday).month(utc(2028, 2, 29)),
            (Period{utc(2028, 2, 1), utc(2028, 3, 1)}));
}

TEST(Calendar, OffsetsAndTheirChanges) {
  const Calendar berlin("Europe/Berlin", Weekday::monday);
  EXPECT_EQ(berlin.offset_s(utc(2026, 11, 21)), kHour_s);
  EXPECT_EQ(berlin.next_change_s(utc(2026, 11, 21)), utc(2027, 3, 28, 1));
  EXPECT_EQ(berlin.offset_s(utc(2027, 3, 28, 1)), 2 * kHour_s);
  EXPECT_EQ(Calendar("Asia/Kolkata", Weekday::monday).next_change_s(utc(2026, 11, 21)), kUnknown);
  EXPECT_EQ(Calendar("UTC", Weekday::monday).next_change_s(utc(2026, 11, 21)), kUnknown);
}

TEST(Calendar, PeriodsTouchEverywhere) {
  for (const char* zone : {"Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe",
                           "Africa/Casablanca", "America/St_Johns", "Asia/Beirut"}) {
    SCOPED_TRACE(zone);
    const Tz tz(zone);
    const Calendar named(zone, Weekday::sunday), local("local", Weekday::sunday);
    for (i64 at = named.day(utc(2009, 12, 20)).begin_s; at < utc(2027, 2, 1);) {
      const Period day = named.day(at);
      ASSERT_TRUE(day.contains(at)) << at;
      ASSERT_EQ(day.begin_s, at);
      const i64 hours = (day.end_s - day.begin_s) / 1800;
      ASSERT_TRUE(hours >= 46 && hours <= 50) << at;
      ASSERT_EQ(local.day(at), day) << at;
      ASSERT_TRUE(named.week(at).contains(at) && named.month(at).contains(at));
      ASSERT_EQ(local.next_change_s(at), named.next_change_s(at)) << at;
      at = day.end_s;
    }
  }
}

TEST(Calendar, LocalTakesEveryFormOfTz) {
  const struct {
    const char* tz;
    i64 offset;
    bool trouble;
  } rows[] = {{"Europe/Berlin", kHour_s, false},
              {":Europe/Berlin", kHour_s, false},
              {"/usr/share/zoneinfo/Asia/Tokyo", 9 * kHour_s, false},
              {"CET-1CEST,M3.5.0,M10.5.0/3", kHour_s, false},
              {"<+0330>-3:30", 3 * kHour_s + 1800, false},
              {"UTC", 0, false},
              {"", 0, false},
              {"Europe/Nowhere", 0, true}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.tz);
    const Tz tz(row.tz);
    const Calendar calendar("local", Weekday::monday);
    EXPECT_EQ(calendar.offset_s(utc(2026, 11, 21)), row.offset);
    EXPECT_EQ(!calendar.trouble().empty(), row.trouble) << calendar.trouble();
  }
}

TEST(Calendar, LocalFollowsATraveller) {
  const i64 now = utc(2026, 11, 21, 12);
  const Tz berlin("Europe/Berlin");
  Calendar calendar("local", Weekday::monday);
  EXPECT_EQ(calendar.offset_s(now), kHour_s);
  {
    const Tz tokyo("Asia/Tokyo");
    calendar.refresh();
    EXPECT_EQ(calendar.offset_s(now), 9 * kHour_s);
  }
  calendar.refresh();
  EXPECT_EQ(calendar.offset_s(now), kHour_s);
}

TEST(Calendar, AZoneNobodyKnowsIsUtcAndSaysSo) {
  const Calendar calendar("Europe/Nowhere", Weekday::monday);
  EXPECT_EQ(calendar.day(utc(2026, 11, 21, 12)).begin_s, utc(2026, 11, 21));
  EXPECT_NE(calendar.trouble().find("Europe/Nowhere"), std::string::npos);
}

}  // namespace
}  // namespace shmeter::collector
