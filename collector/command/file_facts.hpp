// SPDX-License-Identifier: MIT
// What stands at a path, and where a program is. Nothing is opened, so nothing can hang on it.
#pragma once

#include <string>
#include <string_view>

#include "collector/doctor/facts.hpp"

namespace shmeter::collector {

/// Links are followed. An empty path is nowhere.
FileFact file_fact(const std::string& path);
bool is_same_file(const std::string& one, const std::string& other);
/// As a shell finds it: a name with a slash is a path, else the first of `path` that has it.
std::string find_program(std::string_view name, std::string_view path);

}  // namespace shmeter::collector
