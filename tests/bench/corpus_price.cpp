// SPDX-License-Identifier: MIT
// Prices are kept in ten-thousandths of a dollar per million tokens, so that one token costs a
// whole number of tenths of a nano-dollar and no rounding happens before the end.
#include "tests/bench/corpus_price.hpp"

#include <array>

namespace shmeter::bench {
namespace {

struct Price {
  i64 input;
  i64 output;
  i64 write_5m;
  i64 write_1h;
  i64 read;
};

// Two models changed within the time a corpus spans, so these days matter.
constexpr i64 kSonnet55From_s = 1790553600;  // 2026-09-28
constexpr i64 kOctober7_s = 1791331200;      // 2026-10-07: Haiku 5.5; Sonnet 5.5's reads halved

constexpr Price kOpus55{40000, 200000, 50000, 80000, 2000};
constexpr Price kOpus55Fast{80000, 400000, 100000, 160000, 4000};
constexpr Price kFable52{80000, 400000, 100000, 160000, 2000};
constexpr Price kOpus45{50000, 250000, 62500, 100000, 5000};
constexpr Price kSonnet5{20000, 100000, 25000, 40000, 2000};
constexpr Price kSonnet55{20000, 100000, 25000, 40000, 1000};
constexpr Price kHaiku45{10000, 50000, 12500, 20000, 1000};
constexpr Price kHaiku55Short{1000, 5000, 1250, 2000, 100};
constexpr Price kHaiku55Long{5000, 25000, 6250, 10000, 500};

const Price* price_of(const Request& r) {
  const i64 at_s = r.at_ms / 1000;
  if (r.name == "claude-opus-5-5") return r.fast ? &kOpus55Fast : &kOpus55;
  if (r.name == "claude-fable-5-2") return &kFable52;
  if (r.name == "claude-opus-4-5") return &kOpus45;
  if (r.name == "claude-sonnet-5") return &kSonnet5;
  if (r.name == "claude-sonnet-5-5") return at_s < kOctober7_s ? &kSonnet5 : &kSonnet55;
  if (r.name == "claude-haiku-4-5") return &kHaiku45;
  if (r.name == "claude-haiku-5-5") {
    return r.input + r.write_5m + r.write_1h + r.read > 100'000 ? &kHaiku55Long : &kHaiku55Short;
  }
  return nullptr;
}

}  // namespace

void choose_model(Request& request, i64 number) {
  const i64 at_s = request.at_ms / 1000;
  const auto as = [&](std::string_view model, std::string_view name) {
    request.model = model;
    request.name = name;
  };
  if (number < 480) return as("claude-opus-5-5", "claude-opus-5-5");
  if (number < 750) {
    return at_s < kSonnet55From_s ? as("claude-sonnet-5", "claude-sonnet-5")
                                  : as("claude-sonnet-5-5", "claude-sonnet-5-5");
  }
  if (number < 900) {
    return at_s < kOctober7_s ? as("claude-haiku-4-5-20251001", "claude-haiku-4-5")
                              : as("claude-haiku-5-5", "claude-haiku-5-5");
  }
  if (number < 950) return as("claude-fable-5-2", "claude-fable-5-2");
  if (number < 990) return as("claude-opus-4-5-20251101", "claude-opus-4-5");
  as("gateway-house-model", "gateway-house-model");  // nobody knows its price
}

i64 cost_nanousd(const Request& r) {
  const Price* p = price_of(r);
  if (p == nullptr) return -1;
  i64 hundredths = 10 * (r.input * p->input + r.output * p->output + r.write_5m * p->write_5m +
                         r.write_1h * p->write_1h + r.read * p->read);
  if (r.us) hundredths = hundredths / 10 * 11;
  if (r.batch) hundredths /= 2;
  hundredths += r.searches * 1'000'000'000;  // one cent each
  return (hundredths + 50) / 100;
}

}  // namespace shmeter::bench
