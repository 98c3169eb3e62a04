// SPDX-License-Identifier: MIT
// toml++ as every file of this folder includes it: declarations only. Its code is compiled once, in
// toml.cpp, with exceptions, which stop at parse_config.
#pragma once

#define TOML_HEADER_ONLY 0
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>
