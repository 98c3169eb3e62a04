// SPDX-License-Identifier: MIT
// May I go on? The one answer that `GUARD`, `shmeter guard` and the HTTP API give, from nothing but
// the published accounts. Invariant: what is not known never becomes a yes or a no.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::i64;
using shm::kUnknown;

/// What is asked for: tokens (`50000`), dollars (`$1.50`) or a share of a window (`5%`).
struct Need {
  enum class Unit { nothing, tokens, nanousd, ppm } unit = Unit::nothing;
  i64 amount = 0;
};
/// Errors: invalid, naming what was expected.
Result<Need> parse_need(std::string_view text);

struct GuardQuestion {
  Need need;
  std::string_view account;   // name, id or config dir; empty = the one most recently observed
  std::string_view window;    // five_hour, seven_day or a scope's label; empty = all known
  i64 min_remaining_ppm = 0;  // less left than this is a no
};

struct GuardAnswer {
  std::optional<bool> allowed;  // empty = nothing is known
  std::string reason;           // one sentence
  struct Limiting {
    std::string account;
    std::string window;  // also weekly_budget, input_tokens, output_tokens
    i64 remaining_ppm = kUnknown;
    i64 resets_at_s = kUnknown;
  };
  std::optional<Limiting> limiting;  // the limit with the least left
};

/// Errors: not_found (no such account), invalid (no such window).
Result<GuardAnswer> guard(std::span<const shm::Account> accounts, const GuardQuestion& question,
                          i64 now_s);

/// The answer as the object of api.md §4, one line without its newline.
std::string to_json(const GuardAnswer& answer);

}  // namespace shmeter::collector
