// SPDX-License-Identifier: MIT
// The options behind a verb. Invariant: what is not known is refused with what was expected, never
// skipped.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/result.hpp"

namespace shmeter::collector {

/// What any verb of shmeterd may be told. Empty = not given.
struct Flags {
  std::string runtime_dir;
  std::string config;
  std::vector<std::string> config_dirs;
};

/// Reads `--name value` and `--name=value`; `allowed` are names without the dashes. Errors:
/// invalid, one line.
Result<Flags> parse_flags(std::span<char* const> arguments,
                          std::span<const std::string_view> allowed);

}  // namespace shmeter::collector
