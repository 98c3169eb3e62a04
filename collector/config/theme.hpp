// SPDX-License-Identifier: MIT
// `[theme]`: what every line looks like, as the text that readers are given. For this folder's .cpp
// files only: it throws.
#pragma once

#include <string>

#include "collector/config/toml.hpp"

namespace shmeter::collector {

std::string read_theme(const toml::node& node);

}  // namespace shmeter::collector
