// SPDX-License-Identifier: MIT
// The one place where toml++ itself is compiled.
#define TOML_IMPLEMENTATION
#include "collector/config/toml.hpp"
