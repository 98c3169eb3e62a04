// SPDX-License-Identifier: MIT
// Days and times as text. A day is its number since 1970-01-01 on the local calendar; which moments
// it holds is the Calendar's business. Invariant: what parse_day takes is a real day, and
// write_day gives it back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::i64;

/// `2026-11-21` or `20261121`, years 1970-9999; empty for everything else.
std::optional<i64> parse_day(std::string_view text);

/// 2026-11-21
std::string write_day(i64 day);
/// 2026-11
std::string write_month(i64 day);
/// 2026-11-21 14:05, on a clock that is `offset_s` ahead of UTC.
std::string write_minute(i64 at_s, i64 offset_s);
/// 14:05
std::string write_clock_time(i64 at_s, i64 offset_s);
/// 2026-11-21T14:05:00.123Z
std::string write_iso(i64 at_ms);

/// +01:00
std::string write_offset(i64 offset_s);
/// 2026-11-21T15:05:00+01:00, on a clock that is `offset_s` ahead of UTC.
std::string write_iso_local(i64 at_s, i64 offset_s);

}  // namespace shmeter::collector
