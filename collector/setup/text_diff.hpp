// SPDX-License-Identifier: MIT
// What people see of a change to a text before they agree to it.
#pragma once

#include <string>
#include <string_view>

namespace shmeter::collector {

/// Lines that go, with `-`, and come, with `+`; up to two around them, and `...` between places.
std::string text_diff(std::string_view before, std::string_view after);

}  // namespace shmeter::collector
