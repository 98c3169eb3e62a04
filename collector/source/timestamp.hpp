// SPDX-License-Identifier: MIT
// ISO 8601 as transcripts write it, to epoch milliseconds. Invariant: what is not exactly such a
// time is unknown, never a guess; a time without a zone is such a guess.
#pragma once

#include <string_view>

#include "shm/picture.hpp"

namespace shmeter::collector {

/// `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM|±HHMM)`, years 1970-9999; what is finer than a
/// millisecond is cut. kUnknown for everything else.
shm::i64 parse_timestamp_ms(std::string_view text);

}  // namespace shmeter::collector
