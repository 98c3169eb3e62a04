// SPDX-License-Identifier: MIT
// The client verbs as a program of their own, for tests that call them from a shell.
#include <cstdio>
#include <span>
#include <string_view>

#include "collector/command/client_verbs.hpp"

int main(int argc, char** argv) {
  namespace verbs = shmeter::collector;
  const struct {
    std::string_view name;
    int (*run)(std::span<char* const>, const verbs::Environment&);
  } table[] = {{"set", verbs::run_set},
               {"ingest", verbs::run_ingest},
               {"guard", verbs::run_guard},
               {"quota", verbs::run_quota},
               {"usage", verbs::run_usage}};
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  for (const auto& verb : table)
    if (words.size() > 1 && words[1] == verb.name)
      return verb.run(words.subspan(2), verbs::Environment::read());
  std::fputs("no such verb\n", stderr);
  return 64;
}
