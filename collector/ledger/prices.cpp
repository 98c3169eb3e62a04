// SPDX-License-Identifier: MIT
// Finding the row and doing the sum. Arithmetic is in units of 1/200 nano-dollar: a rate of one
// ten-thousandth of a dollar per million tokens is a tenth of a nano-dollar per token, the
// surcharge makes it hundredths, half price for batches two hundredths.
#include "collector/ledger/prices.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "collector/ledger/event_key.hpp"
#include "collector/ledger/journal.hpp"

namespace shmeter::collector {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr i64 kUnitsPerNanousd = 200;
constexpr i64 kWebSearchNanousd = 10'000'000;  // 10 $ per 1000

constexpr i64 day_ms(int year, unsigned month, unsigned day) {
  using namespace std::chrono;
  return i64{sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}}
                 .time_since_epoch()
                 .count()} *
         86'400'000;
}

constexpr PriceRow kBuiltIn[] = {
#include "prices_table.inc"
};

/// The row of one tier that holds for the request; of tiers for long prompts the longest.
template <class Row>
const Row* pick(std::span<const Row> rows, const Charged& request, bool fast, bool long_prompt) {
  const Row* best = nullptr;
  for (const Row& row : rows) {
    if (row.fast != fast || (row.above_prompt_tokens > 0) != long_prompt) continue;
    if (request.at_ms < row.from_ms || request.at_ms >= row.until_ms) continue;
    if (long_prompt && request.tokens.prompt() <= row.above_prompt_tokens) continue;
    if (best == nullptr || row.above_prompt_tokens > best->above_prompt_tokens) best = &row;
  }
  return best;
}

const Rates* pick(const ModelPrices& model, const Charged& request, bool fast, bool long_prompt) {
  if (const auto* own = pick(model.own, request, fast, long_prompt)) return &own->rates;
  if (const auto* row = pick(model.built_in, request, fast, long_prompt)) return &row->rates;
  return nullptr;
}

Wide product(i64 tokens, i64 rate) {
  return Wide(static_cast<u64>(tokens)) * static_cast<u64>(rate);
}

}  // namespace

std::span<const PriceRow> built_in_prices() noexcept { return kBuiltIn; }

const Rates* find_rates(const ModelPrices& model, const Charged& request) noexcept {
  const Rates* rates = nullptr;
  if (request.fast) rates = pick(model, request, true, true);
  if (request.fast && rates == nullptr) rates = pick(model, request, true, false);
  if (rates == nullptr) rates = pick(model, request, false, true);
  if (rates == nullptr) rates = pick(model, request, false, false);
  return rates;
}

std::optional<i64> cost_nanousd(const ModelPrices& model, const Charged& request) noexcept {
  const Rates* rates = find_rates(model, request);
  if (rates == nullptr) return std::nullopt;
  const Tokens& t = request.tokens;
  Wide units = product(t.input, rates->input) + product(t.output, rates->output) +
               product(t.write_5m, rates->write_5m) + product(t.write_1h, rates->write_1h) +
               product(t.read, rates->read);
  const bool surcharge =
      request.us_inference && !model.built_in.empty() && model.built_in.front().us_surcharge;
  units *= surcharge ? 11u : 10u;
  units *= request.batch ? 1u : 2u;
  units += product(t.web_searches, kWebSearchNanousd) * Wide(kUnitsPerNanousd);
  return static_cast<i64>((units + kUnitsPerNanousd / 2) / kUnitsPerNanousd);
}

Prices::Prices(std::vector<OwnPriceRow> own) : own_(std::move(own)) {
  std::stable_sort(own_.begin(), own_.end(),
                   [](const auto& a, const auto& b) { return a.model < b.model; });
}

ModelPrices Prices::of(std::string_view model) const {
  const auto is_it = [&](const auto& row) { return row.model == model; };
  const auto rows = [&](const auto& table) {
    const auto first = std::find_if(std::begin(table), std::end(table), is_it);
    return std::pair{first, std::find_if_not(first, std::end(table), is_it)};
  };
  const auto [own_first, own_last] = rows(own_);
  const auto [first, last] = rows(kBuiltIn);
  return {{own_first, own_last}, {first, last}};
}

std::string Prices::list_name() const {
  std::string text = "1 ";  // raised when the sum itself changes
  const auto add = [&](const auto& row) {
    text.append(row.model).push_back('\0');
    for (const i64 number : {i64{row.fast}, row.above_prompt_tokens, row.from_ms, row.until_ms,
                             row.rates.input, row.rates.output, row.rates.write_5m,
                             row.rates.write_1h, row.rates.read, i64{row.us_surcharge}})
      text.append(std::to_string(number)).push_back(' ');
  };
  for (const OwnPriceRow& row : own_) add(row);
  text.append("built in ");
  for (const PriceRow& row : kBuiltIn) add(row);
  const u64 hash = hash_name(NameKind::content, text);
  std::string name;
  for (int shift = 60; shift >= 0; shift -= 4)
    name.push_back("0123456789abcdef"[hash >> shift & 15]);
  return name;
}

i64 cost_of(const Prices& prices, std::string_view model_name, const StoredEvent& event) noexcept {
  return cost_nanousd(prices.of(model_name),
                      {event.at_ms, event.fast, event.us_inference, event.batch, event.tokens})
      .value_or(kUnknown);
}

}  // namespace shmeter::collector
