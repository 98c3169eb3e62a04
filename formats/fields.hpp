// SPDX-License-Identifier: MIT
// The fields of formats/field_table.hpp as values: found by name, read from the parts of a picture
// at one moment. Invariant: a value that is not known for sure is unknown, so nothing downstream
// has to ask whether a window has passed its reset or yesterday's numbers are called today's.
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/values.hpp"

namespace shmeter::formats {

/// What a value is, and so how it shows when no filter says otherwise.
enum class Kind : std::uint8_t {
  unknown,
  text,
  count,      // 1.2k
  money,      // $0.02; in nano-dollars
  share,      // 42% used; in parts per million
  remainder,  // 58% left
  pace,       // +12%: more than the time gone by; in parts per million
  countdown,  // 3h59m; seconds to come
  elapsed,    // 5m; seconds
  moment,     // 14:05; epoch seconds
  series,     // ▁▂▆█; a digit an hour, oldest first (shm/fields.hpp)
};

struct Value {
  Kind kind = Kind::unknown;
  bool at_least = false;  // money: some requests have no known price
  bool fresh = false;     // newer than the picture (Values::session_fresh)
  i64 number = shm::kUnknown;
  std::string_view text;  // as it came from outside; points into the Values, or at a constant
};

/// Decimals that a number of this kind has where it is written exactly: of percent, of dollars.
constexpr int decimals_of(Kind kind) {
  if (kind == Kind::money) return 9;
  return kind == Kind::share || kind == Kind::remainder || kind == Kind::pace ? 4 : 0;
}

/// One row of the table; opaque.
struct Field;
/// nullptr when there is no such field.
const Field* find_field(std::string_view name) noexcept;
Kind kind_of(const Field& field) noexcept;
/// What of a picture a field speaks of.
enum class Scope : std::uint8_t { picture, summary, account, session };
Scope scope_of(const Field& field) noexcept;
Value value_of(const Field& field, const Values& values) noexcept;

/// The names json and `{state}` use.
std::string_view name_of(Freshness freshness) noexcept;
/// Empty for what is not a SessionStatus; "unknown" for the status nobody told.
std::string_view status_name(i64 status) noexcept;
/// A window that is known and not past its reset. One without a known reset counts as running.
bool is_running(const shm::Window& window, i64 now_s) noexcept;
/// Share used less the share of the window's time that has gone by, in parts per million; above 0
/// it is used up faster than it lasts. Unknown without a reset.
i64 pace_ppm(const shm::Window& window, i64 length_s, i64 now_s) noexcept;
inline constexpr i64 kFiveHours_s = i64{5} * 3600;
inline constexpr i64 kSevenDays_s = i64{7} * 86400;
/// A spend limit that says something and is not past its reset.
bool is_running(const shm::SpendLimit& limit, i64 now_s) noexcept;
/// A block that is known and not over.
bool is_running(const shm::Block& block, i64 now_s) noexcept;
/// Local time - UTC at `at_s`; unknown without a summary that says so.
i64 utc_offset_s(const shm::Summary& summary, i64 at_s) noexcept;
/// The picture's `today` is still the day of `now_s`.
bool today_is_today(const shm::Summary& summary, i64 now_s) noexcept;

}  // namespace shmeter::formats
