// SPDX-License-Identifier: MIT
// How a value becomes text: one table of filters, from which the renderer, the check and the table
// in formats/README.md are made.
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/fields.hpp"
#include "formats/syntax.hpp"
#include "formats/theme.hpp"
#include "formats/units.hpp"

namespace shmeter::formats {

// X(name, kinds it is for, most arguments, written as, meaning). Kinds are a sum of 1 << Kind.
#define SHMETER_FILTERS(X)                                                                 \
  X(short, kCounts, 0, "short", "1.2k, 12.3k, 123k, 1.2M")                                 \
  X(raw, kNumbers, 0, "raw", "the bare number: tokens, dollars, percent, seconds")         \
  X(percent, kPercents, 1, "percent[:digits]",                                             \
    "42%, +12%, with 0-4 decimals; never 100% below it")                                   \
  X(money, kMoney, 1, "money[:digits]", "$0.02, $1.2k; with 0-9 decimals $1234.5000")      \
  X(spark, kSeries, 1, "spark[:hours]",                                                    \
    "▁▂▆█, or _.+# where glyphs are ASCII; the last 1-24 hours (12)")                      \
  X(bar, kShares, 2, "bar[:columns[:ascii]]", "a bar of 1-32 columns (8), ███░░ or ===--") \
  X(countdown, kTimes, 0, "countdown", "time to come: now, <1m, 59m, 3h59m, 1d1h")         \
  X(age, kTimes, 0, "age", "time gone by: 3s, 5m, 2h, 3d")                                 \
  X(clock, kMoments, 0, "clock", "local time: 14:05, on another day Tue 14:05")            \
  X(max, kTexts, 1, "max:columns", "a longer text ends in … at so many columns (1-200)")

enum class Filter : std::uint8_t {
#define SHMETER_FILTER(name, kinds, arguments, form, help) k_##name,
  SHMETER_FILTERS(SHMETER_FILTER)
#undef SHMETER_FILTER
};

constexpr unsigned bit(Kind kind) { return 1u << static_cast<unsigned>(kind); }
inline constexpr unsigned kTexts = bit(Kind::text);
inline constexpr unsigned kSeries = bit(Kind::series);
inline constexpr unsigned kCounts = bit(Kind::count);
inline constexpr unsigned kMoney = bit(Kind::money);
inline constexpr unsigned kShares = bit(Kind::share) | bit(Kind::remainder);
inline constexpr unsigned kPercents = kShares | bit(Kind::pace);
inline constexpr unsigned kMoments = bit(Kind::moment);
inline constexpr unsigned kTimes = bit(Kind::countdown) | bit(Kind::elapsed) | kMoments;
inline constexpr unsigned kNumbers = kCounts | kMoney | kPercents | kTimes;

struct FilterRow {
  std::string_view name;
  Filter filter;
  unsigned kinds;
  std::size_t max_arguments;
};
/// nullptr when there is no such filter.
const FilterRow* find_filter(std::string_view name) noexcept;

/// The number an argument says, or -1 when it is not a whole number from `low` to `high`.
int argument_number(std::string_view argument, int low, int high) noexcept;
/// False when the arguments of `call` are not what its filter takes.
bool arguments_fit(const FilterRow& row, const FilterCall& call) noexcept;

/// A value as text; points into itself or into the value.
struct Shown {
  Word word;
  std::string_view text;
  int max_columns = 0;  // 0 = all
};
/// False: the value is unknown. A filter that is not for this kind of value, or whose arguments
/// do not fit, leaves it as it shows without.
bool show(const Value& value, const FieldCall& call, const Values& values, Glyphs glyphs,
          Shown& out) noexcept;

}  // namespace shmeter::formats
