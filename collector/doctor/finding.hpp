// SPDX-License-Identifier: MIT
// What was found, and what to do about it.
#pragma once

#include <string_view>
#include <vector>

#include "collector/doctor/told.hpp"

namespace shmeter::collector {

enum class Level {
  ok,
  note,  // worth knowing; nothing is broken
  bad    // something is not shown, or shown wrong
};

struct Finding {
  std::string_view section;  // one of ours; findings of one stand together
  Level level = Level::ok;
  Told text;
  Told remedy;  // empty = there is nothing to do
};
using Findings = std::vector<Finding>;

}  // namespace shmeter::collector
