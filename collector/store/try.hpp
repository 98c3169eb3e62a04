// SPDX-License-Identifier: MIT
// Early return for functions that answer with a Result.
#pragma once

#include "collector/result.hpp"

/// Leaves the function with the error of a Result that failed.
#define SHMETER_TRY(...)                                      \
  do {                                                        \
    if (auto&& tried = (__VA_ARGS__); !tried)                 \
      return tl::unexpected<Error>(std::move(tried.error())); \
  } while (false)
