// SPDX-License-Identifier: MIT
// What a configuration comes to, key by key.
#pragma once

#include <string>
#include <string_view>

namespace shmeter::collector {

/// `text` is a right configuration. Each of its keys, and those that hold though it does not name
/// them, as TOML.
std::string what_holds(std::string_view text);

}  // namespace shmeter::collector
