// SPDX-License-Identifier: MIT
// "Did you mean": the right name nearest to a wrong one.
#pragma once

#include <span>
#include <string_view>

namespace shmeter::collector {

/// The name that takes the fewest single-letter edits, if these are at most two or a third of its
/// length; else empty. Of equally near names the first.
std::string_view near_name(std::string_view wrong, std::span<const std::string_view> right);

}  // namespace shmeter::collector
