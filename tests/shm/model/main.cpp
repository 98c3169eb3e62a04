// SPDX-License-Identifier: MIT
// --long, --publications=N, --rounds=N, --seed=N: how far the models go.
#include <gtest/gtest.h>

#include <charconv>
#include <cstdio>
#include <string_view>

#include "bounds.hpp"

namespace shmeter::model {

Bounds& bounds() {
  static Bounds bounds;
  return bounds;
}

namespace {

template <class Number>
bool take(std::string_view argument, std::string_view option, Number& out) {
  if (!argument.starts_with(option)) return false;
  argument.remove_prefix(option.size());
  const char* end = argument.data() + argument.size();
  const auto [at, error] = std::from_chars(argument.data(), end, out);
  return error == std::errc() && at == end && out > 0;
}

bool apply(std::string_view argument) {
  if (argument == "--long") {
    bounds().publications = 12;
    bounds().rounds = 1'000'000;
    return true;
  }
  return take(argument, "--publications=", bounds().publications) ||
         take(argument, "--rounds=", bounds().rounds) || take(argument, "--seed=", bounds().seed);
}

}  // namespace
}  // namespace shmeter::model

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (shmeter::model::apply(argv[i])) continue;
    std::fprintf(stderr, "%s: --long, --publications=N, --rounds=N and --seed=N, N from 1\n",
                 argv[i]);
    return 64;
  }
  return RUN_ALL_TESTS();
}
