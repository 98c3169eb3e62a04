// SPDX-License-Identifier: MIT
// What a request costs. Prices are dated rows in ten-thousandths of a dollar per million tokens
// (pricing.csv, compiled in, and rows of the user's own before them), found by the whole normalised
// model id and the request's own time. Invariant: a model without a row has no price at all; no row
// is ever borrowed from a model with a similar name.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// Ten-thousandths of a dollar per million tokens, so 3.75 $ is 37500. 0 .. kMaxRate.
struct Rates {
  i64 input = 0;
  i64 output = 0;
  i64 write_5m = 0;
  i64 write_1h = 0;
  i64 read = 0;
  bool operator==(const Rates&) const = default;
};

/// 10 000 $ per million tokens. With 2^32 tokens of each kind a request then stays below 2^63
/// nano-dollars.
inline constexpr i64 kMaxRate = 100'000'000;
inline constexpr i64 kAlways_ms = std::numeric_limits<i64>::min();
inline constexpr i64 kForever_ms = std::numeric_limits<i64>::max();

/// One price: of one tier of one model in one stretch of time.
template <class Name>
struct BasicPriceRow {
  Name model;                   // as normalise_model gives it
  bool fast = false;            // requests in fast mode only
  i64 above_prompt_tokens = 0;  // > 0: only requests whose prompt has more tokens than this
  i64 from_ms = kAlways_ms;     // epoch ms, inclusive
  i64 until_ms = kForever_ms;   // epoch ms, exclusive
  Rates rates = {};
  bool us_surcharge = false;  // us-only inference costs 1.1 times as much (built-in rows only)
  bool operator==(const BasicPriceRow&) const = default;
};
using PriceRow = BasicPriceRow<std::string_view>;
using OwnPriceRow = BasicPriceRow<std::string>;

/// The rows compiled in; those of one model stand together.
std::span<const PriceRow> built_in_prices() noexcept;

/// All that is known about one model's price.
struct ModelPrices {
  std::span<const OwnPriceRow> own;
  std::span<const PriceRow> built_in;
};

/// What a request's price depends on beside its model.
struct Charged {
  i64 at_ms = 0;
  bool fast = false;
  bool us_inference = false;
  bool batch = false;
  Tokens tokens = {};
};

/// The rates that apply, or nullptr. A row of the user's own stands in for the built-in row of the
/// same tier; a tier without a row at that time falls back to the standard one.
const Rates* find_rates(const ModelPrices& model, const Charged& request) noexcept;

/// Nano-dollars, exact over all parts and rounded once, half up. Empty = no price known.
std::optional<i64> cost_nanousd(const ModelPrices& model, const Charged& request) noexcept;

struct StoredEvent;

class Prices {
 public:
  /// `own` = the user's rows, in any order.
  explicit Prices(std::vector<OwnPriceRow> own = {});
  /// The spans stay valid as long as this object is neither changed nor destroyed.
  ModelPrices of(std::string_view normalised_model) const;
  /// Names the whole list, the rows compiled in and the user's own, as 16 hex digits: another name,
  /// other prices.
  std::string list_name() const;

 private:
  std::vector<OwnPriceRow> own_;
};

/// What a stored request costs by this list, kUnknown = no price is known. `model_name` is
/// normalised. Any thread may call it as long as the list stays.
i64 cost_of(const Prices& prices, std::string_view model_name, const StoredEvent& event) noexcept;

}  // namespace shmeter::collector
