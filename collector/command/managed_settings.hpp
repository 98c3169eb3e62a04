// SPDX-License-Identifier: MIT
// Where a client's settings are: the user's own, and those that the machine's owner put before
// them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/command/client_words.hpp"
#include "collector/command/environment.hpp"

namespace shmeter::collector {

/// The user's settings.json: of --config-dir, else of CLAUDE_CONFIG_DIR, else below the home
/// directory. Empty = no home directory is known.
std::string client_settings(const ClientWords& words, const Environment& environment);

/// Settings that the machine's owner put before the user's. What cannot be read there rules nothing
/// that we know of.
std::vector<std::string> managed_settings();

/// The file there in which `member` is set, so that the user's own is not looked at; empty = none.
std::string ruling_settings(std::string_view member);

}  // namespace shmeter::collector
