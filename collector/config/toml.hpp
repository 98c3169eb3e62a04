// SPDX-License-Identifier: MIT
// toml++ as every file of this folder includes it: declarations only. Its code is compiled once, in
// toml.cpp, with exceptions, which stop at parse_config.
#pragma once

#define TOML_HEADER_ONLY 0
#define TOML_EXCEPTIONS 1
// toml++ 3.3 asserts that a table's name begins as a key may, and finds out just behind that it
// does not: the mistake is the user's, and told.
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>
