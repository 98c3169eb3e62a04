// SPDX-License-Identifier: MIT
// The collector's JSON answers as tables for people. Pure: the clock is an argument. Invariant:
// what an answer does not know is shown as unknown, and what is not one of our answers as nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collector/report/table.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

/// Of QUOTA's answer: one line for each window of each account.
std::string write_quota_table(std::string_view json, const Surface& surface);
/// Of API_USAGE's answer.
std::string write_usage_table(std::string_view json, shm::i64 now_s, const Surface& surface);

/// Of GUARD's answer.
struct GuardSays {
  std::optional<bool> allowed;
  std::string reason;
};
GuardSays read_guard_answer(std::string_view json);

}  // namespace shmeter::collector
