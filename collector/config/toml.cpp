// SPDX-License-Identifier: MIT
// The one place where toml++ itself is compiled.
#define TOML_IMPLEMENTATION
#undef NDEBUG  // with it a compiler may take toml++'s assertions for granted
#include "collector/config/toml.hpp"
