// SPDX-License-Identifier: MIT
// The bench programs' arguments: `name=value` pairs, all optional, unknown names are refused by
// nobody: they are private tools that only `run` calls.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
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

/// main() of a program: what goes wrong is said under its name.
inline int run_program(const char* name, int argc, char** argv, int (*run)(const Arguments&)) {
  try {
    return run({argc - 1, argv + 1});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", name, e.what());
    return 1;
  }
}

}  // namespace shmeter::bench
