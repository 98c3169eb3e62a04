// SPDX-License-Identifier: MIT
// `[[alert]]`, for parse.cpp only: it throws as node.hpp does. Invariant: an alert that was read
// names a field that has a number, a line in that field's own unit, and somebody to tell.
#pragma once

#include <string_view>

#include "collector/config/config.hpp"
#include "collector/config/toml.hpp"

namespace shmeter::collector {

/// After the accounts, which an alert may name. `file` is the text all of it stands in.
void read_alerts(const toml::node* node, std::string_view file, std::string_view home,
                 Config& config);

}  // namespace shmeter::collector
