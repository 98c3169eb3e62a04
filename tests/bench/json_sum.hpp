// SPDX-License-Identifier: MIT
// A usage object of `shmeter json` as the corpus's own sums.
#pragma once

#include <simdjson.h>

#include <cmath>

#include "tests/bench/corpus.hpp"

namespace shmeter::bench {

/// Throws simdjson::simdjson_error for whatever is not there or not whole.
inline Sum sum_of(simdjson::dom::element u) {
  const auto whole = [&](const char* name) { return i64{u[name].get_int64()}; };
  const double dollars = u["cost_usd"];
  return {.requests = whole("requests"),
          .input = whole("input_tokens"),
          .output = whole("output_tokens"),
          .write_5m = whole("cache_creation_5m_tokens"),
          .write_1h = whole("cache_creation_1h_tokens"),
          .read = whole("cache_read_tokens"),
          .cost_nanousd = std::llround(dollars * 1e9),
          .unpriced_tokens = whole("unpriced_tokens")};
}

}  // namespace shmeter::bench
