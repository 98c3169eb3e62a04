// SPDX-License-Identifier: MIT
#include "collector/report/day.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

using formats::floor_div;

constexpr i64 kDay_s = 86'400;

std::optional<unsigned> digits(std::string_view text) {
  unsigned number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number;
}

std::chrono::year_month_day civil(i64 day) {
  return std::chrono::year_month_day{std::chrono::sys_days{std::chrono::days{day}}};
}

template <class... Numbers>
std::string print(const char* format, Numbers... numbers) {
  std::array<char, 64> text{};
  const int n = std::snprintf(text.data(), text.size(), format, numbers...);
  return {text.data(), static_cast<std::size_t>(std::clamp(n, 0, 63))};
}

}  // namespace

std::optional<i64> parse_day(std::string_view text) {
  std::string compact(text);
  if (text.size() == 10 && text[4] == '-' && text[7] == '-')
    compact = std::string(text.substr(0, 4)).append(text.substr(5, 2)).append(text.substr(8));
  const auto number = digits(compact);
  if (compact.size() != 8 || !number) return {};
  using namespace std::chrono;
  const year_month_day date{year{static_cast<int>(*number / 10'000)}, month{*number / 100 % 100},
                            std::chrono::day{*number % 100}};
  if (!date.ok() || *number / 10'000 < 1970) return {};
  return i64{sys_days{date}.time_since_epoch().count()};
}

std::string write_day(i64 day) {
  const auto date = civil(day);
  return print("%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
               static_cast<unsigned>(date.day()));
}

std::string write_month(i64 day) { return write_day(day).substr(0, 7); }

std::string write_clock_time(i64 at_s, i64 offset_s) {
  const i64 minute = floor_div(at_s + offset_s, 60) - floor_div(at_s + offset_s, kDay_s) * 1440;
  return print("%02d:%02d", static_cast<int>(minute / 60), static_cast<int>(minute % 60));
}

std::string write_minute(i64 at_s, i64 offset_s) {
  return write_day(floor_div(at_s + offset_s, kDay_s)) + ' ' + write_clock_time(at_s, offset_s);
}

std::string write_iso(i64 at_ms) {
  const i64 at_s = floor_div(at_ms, 1000);
  const i64 second = at_s - floor_div(at_s, 60) * 60;
  return write_day(floor_div(at_s, kDay_s)) + 'T' + write_clock_time(at_s, 0) +
         print(":%02d.%03dZ", static_cast<int>(second), static_cast<int>(at_ms - at_s * 1000));
}

std::string write_offset(i64 offset_s) {
  const int minutes = static_cast<int>(std::abs(offset_s) / 60);
  return print("%c%02d:%02d", offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string write_iso_local(i64 at_s, i64 offset_s) {
  const i64 local_s = at_s + offset_s;
  return write_day(floor_div(local_s, kDay_s)) + 'T' + write_clock_time(at_s, offset_s) +
         print(":%02d", static_cast<int>(local_s - floor_div(local_s, 60) * 60)) +
         write_offset(offset_s);
}

}  // namespace shmeter::collector
