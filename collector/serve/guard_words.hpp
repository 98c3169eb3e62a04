// SPDX-License-Identifier: MIT
// What GUARD and `shmeter guard` are asked, as words: `[need] [account]`, and before or between
// them `window=NAME` and `min-remaining=SHARE`.
#pragma once

#include <string>
#include <string_view>

#include "collector/model/guard.hpp"

namespace shmeter::collector {

/// A question with the memory its texts lie in.
struct GuardWords {
  Need need;
  std::string account;
  std::string window;
  i64 min_remaining_ppm = 0;

  GuardQuestion question() const { return {need, account, window, min_remaining_ppm}; }
};

/// `5%` or `5`. Errors: invalid.
Result<i64> parse_min_remaining(std::string_view text);

/// A first word that is no need begins the account, which may have spaces in it. Errors: invalid.
Result<GuardWords> parse_guard_words(std::string_view words);

/// The line that parse_guard_words reads back; `need` as the user wrote it.
std::string guard_line(std::string_view need, const GuardWords& words);

}  // namespace shmeter::collector
