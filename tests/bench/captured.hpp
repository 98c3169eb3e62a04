// SPDX-License-Identifier: MIT
// A captured line of Claude Code's JSON: what it says, and the same line with other values. For
// captures of ours and manifests of packages alone: a member is found by its name wherever it
// stands, and texts hold no escapes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shmeter::bench {

/// The first text of that name. Throws std::runtime_error when there is none.
std::string text_member(const std::string& json, std::string_view name);

/// The JSON with that text, or whole number, as the value of every member of the name.
std::string with_text(std::string json, std::string_view name, std::string_view value);
std::string with_number(std::string json, std::string_view name, std::int64_t value);

}  // namespace shmeter::bench
