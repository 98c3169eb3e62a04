// SPDX-License-Identifier: MIT
// Where a page of events ended, as opaque text. Invariant: parse(write(x)) == x, and a text that
// was not written here is no cursor, but for one in 2^64.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collector/store/reader.hpp"

namespace shmeter::collector {

/// 64 hex digits.
std::string write_cursor(const EventFilter::Position& position);
std::optional<EventFilter::Position> parse_cursor(std::string_view text);

}  // namespace shmeter::collector
