// SPDX-License-Identifier: MIT
#include "collector/command/flags.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

std::string expected(std::span<const std::string_view> allowed) {
  if (allowed.empty()) return "; no options are expected here";
  std::string text = "; expected";
  for (const std::string_view name : allowed) text.append(" --").append(name);
  return text;
}

void store(Flags& flags, std::string_view name, std::string_view value) {
  if (name == "runtime-dir") flags.runtime_dir = value;
  if (name == "config") flags.config = value;
  if (name == "config-dir") flags.config_dirs.emplace_back(value);
}

}  // namespace

Result<Flags> parse_flags(std::span<char* const> arguments,
                          std::span<const std::string_view> allowed) {
  Flags flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    const auto equals = argument.find('=');
    const std::string_view name =
        argument.starts_with("--") ? argument.substr(2, equals - 2) : std::string_view{};
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end())
      return fail(Errc::invalid, "unknown argument " + std::string(argument) + expected(allowed));
    const bool apart = equals == std::string_view::npos;
    if (apart && i + 1 == arguments.size())
      return fail(Errc::invalid, "--" + std::string(name) + " needs a value");
    const std::string_view value = apart ? arguments[++i] : argument.substr(equals + 1);
    if (value.empty()) return fail(Errc::invalid, "--" + std::string(name) + " needs a value");
    store(flags, name, value);
  }
  return flags;
}

}  // namespace shmeter::collector
