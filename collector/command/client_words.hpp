// SPDX-License-Identifier: MIT
// The words behind `set`, `ingest`, `guard`, `quota` and `usage`: options and others. Invariant:
// what is not known is refused with what was expected, never skipped.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/result.hpp"

namespace shmeter::collector {

struct ClientOption {
  std::string_view name;  // without its dashes
  bool takes_value = true;
};

struct ClientWords {
  std::map<std::string_view, std::string_view> options;  // those without a value have an empty one
  std::vector<std::string_view> words;

  bool has(std::string_view option) const { return options.contains(option); }
  /// Empty when it was not given.
  std::string_view value(std::string_view option) const {
    const auto found = options.find(option);
    return found == options.end() ? std::string_view{} : found->second;
  }
  std::string_view word(std::size_t i) const {
    return i < words.size() ? words[i] : std::string_view{};
  }
};

/// Reads `--name value`, `--name=value` and, behind `--`, anything. `form` is what errors say was
/// expected. Errors: invalid.
Result<ClientWords> read_client_words(std::span<char* const> arguments,
                                      std::span<const ClientOption> options, std::size_t most_words,
                                      std::string_view form);

}  // namespace shmeter::collector
