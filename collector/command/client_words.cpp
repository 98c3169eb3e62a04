// SPDX-License-Identifier: MIT
#include "collector/command/client_words.hpp"

#include <algorithm>

namespace shmeter::collector {

Result<ClientWords> read_client_words(std::span<char* const> arguments,
                                      std::span<const ClientOption> options, std::size_t most_words,
                                      std::string_view form) {
  ClientWords out;
  const auto refuse = [&](std::string_view word, const char* why) {
    return fail(Errc::invalid, std::string(word) + ": " + why + "; usage: " + std::string(form));
  };
  bool only_words = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (only_words || !argument.starts_with("--")) {
      if (out.words.size() == most_words) return refuse(argument, "one word too many");
      out.words.push_back(argument);
      continue;
    }
    only_words = argument == "--";
    if (only_words) continue;
    const auto equals = argument.find('=');
    const std::string_view name = argument.substr(2, equals - 2);
    const auto option = std::find_if(options.begin(), options.end(),
                                     [&](const ClientOption& one) { return one.name == name; });
    if (option == options.end()) return refuse(argument, "unknown option");
    const bool apart = equals == std::string_view::npos;
    if (!option->takes_value && !apart) return refuse(argument, "takes no value");
    if (option->takes_value && apart && i + 1 == arguments.size())
      return refuse(argument, "needs a value");
    std::string_view value;
    if (option->takes_value) value = apart ? arguments[++i] : argument.substr(equals + 1);
    if (option->takes_value && value.empty()) return refuse(argument, "needs a value");
    out.options[option->name] = value;
  }
  return out;
}

}  // namespace shmeter::collector
