// SPDX-License-Identifier: MIT
// Numbers as tables show them: exact to the last digit they show, never a guessed 0.
#pragma once

#include <string>

#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::i64;

inline constexpr const char* kUnknownText = "–";

/// 24,835,517; – when unknown.
std::string write_count(i64 number);
/// $1,234.56, rounded half up; <$0.01 for what is more than nothing; – when unknown.
std::string write_dollars(i64 nanousd);
/// The cost of it: – when it used tokens and none of them has a known price, $1.25* when some have
/// not.
std::string write_cost(const shm::Usage& usage);

/// What the priced part of it costs; unknown when it used tokens and none has a known price.
i64 known_cost(const shm::Usage& usage);

/// Sixteen hex digits.
std::string write_hex(shm::u64 word);

}  // namespace shmeter::collector
