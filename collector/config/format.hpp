// SPDX-License-Identifier: MIT
// `[format.TARGET]`: a line of the user's own for a host; `[lines]`: which are kept as files. For
// this folder's .cpp files only: it throws.
#pragma once

#include <string_view>

#include "collector/config/config.hpp"
#include "collector/config/toml.hpp"

namespace shmeter::collector {

/// Into config.formats; config.theme, which shares its room in the region, is already read. `node`
/// may be null.
void read_formats(const toml::node* node, std::string_view file, Config& config);
LinesConfig read_lines(const toml::node& node);

}  // namespace shmeter::collector
