// SPDX-License-Identifier: MIT
// The corpus's own prices: what a made-up request costs, worked out apart from the product.
#pragma once

#include <string_view>

#include "tests/bench/corpus.hpp"

namespace shmeter::bench {

/// One made-up API response, as it is meant to be counted.
struct Request {
  std::string message_id;
  std::string request_id;  // empty: a gateway that gives none
  std::string_view model;  // as the transcript writes it
  std::string_view name;   // as it is counted: without a date
  i64 at_ms = 0;
  i64 input = 0;
  i64 output = 0;
  i64 write_5m = 0;
  i64 write_1h = 0;
  i64 read = 0;
  i64 searches = 0;
  bool fast = false;
  bool us = false;
  bool batch = false;

  i64 prompt() const { return input + write_5m + write_1h + read; }
};

/// A model that had a price at that time, by a number 0 .. 999: the mix of a made-up user.
void choose_model(Request& request, i64 number);

/// List price, whole nano-dollars, rounded once, half up; -1 when the model has none.
i64 cost_nanousd(const Request& request);

}  // namespace shmeter::bench
