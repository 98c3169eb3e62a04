// SPDX-License-Identifier: MIT
// The bench programs' arguments: `name=value` pairs, all optional, unknown names are refused by
// nobody: they are private tools that only `run` calls.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace shmeter::bench {

class Arguments {
 public:
  Arguments(int count, char** values) : values_(values, values + count) {}

  std::string text(std::string_view name, std::string_view fallback = {}) const {
    for (const std::string_view value : values_) {
      if (value.size() > name.size() && value.starts_with(name) && value[name.size()] == '=') {
        return std::string(value.substr(name.size() + 1));
      }
    }
    return std::string(fallback);
  }
  std::int64_t number(std::string_view name, std::int64_t fallback) const {
    const std::string value = text(name);
    return value.empty() ? fallback : std::strtoll(value.c_str(), nullptr, 10);
  }

 private:
  std::vector<std::string_view> values_;
};

}  // namespace shmeter::bench
