// SPDX-License-Identifier: MIT
// A line made of what it is to show, for who does not want to write a template.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shmeter::collector {

/// What a line can be made of: `model`, `cost`, `five_hour`, ...
std::vector<std::string_view> line_group_names();

/// The template of these groups in this order. Where the line is too long, those that are not in
/// `priority` go first, and of those that are the last one; without it each is as important as it
/// is in the line that comes with the product. Names are known ones; `fill` pushes to the right.
std::string line_of_groups(std::span<const std::string> groups,
                           std::span<const std::string> priority);

}  // namespace shmeter::collector
