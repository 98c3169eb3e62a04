// SPDX-License-Identifier: MIT
// Prices against their table, read a second time here, and against what real clients charged.
#include "collector/ledger/prices.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "collector/ledger/journal.hpp"
#include "collector/ledger/model_id.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kHour_ms = 3'600'000;

i64 day(int y, unsigned m, unsigned d) {
  using namespace std::chrono;
  const sys_days at{year{y} / month{m} / std::chrono::day{d}};
  return i64{at.time_since_epoch().count()} * 24 * kHour_ms;
}
const i64 kNow_ms = day(2026, 11, 21);

std::optional<i64> cost(std::string_view model, Charged request, const Prices& prices = Prices{}) {
  if (request.at_ms == 0) request.at_ms = kNow_ms;
  return cost_nanousd(prices.of(normalise_model(model)), request);
}

TEST(Prices, AsARealClientChargedThem) {
  Charged request{.tokens = {.input = 12, .output = 57, .write_5m = 15000, .read = 8000}};
  EXPECT_EQ(cost("claude-sonnet-5-5", request), 38'894'000);
  request.tokens.output = 83;
  EXPECT_EQ(cost("claude-sonnet-5-5", request), 39'154'000);
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == ',')
      out.emplace_back();
    else
      out.back().push_back(c);
  }
  return out;
}

i64 date(const std::string& text, i64 otherwise) {
  if (text.empty()) return otherwise;
  return day(std::stoi(text), static_cast<unsigned>(std::stoi(text.substr(5))),
             static_cast<unsigned>(std::stoi(text.substr(8))));
}

i64 rate(const std::string& text) { return std::llround(std::stod(text) * 10'000); }

TEST(Prices, EveryRowOfTheTableIsCompiledIn) {
  std::ifstream csv(SHMETER_PRICING_CSV);
  std::string line;
  std::getline(csv, line);
  std::size_t at = 0;
  const auto table = built_in_prices();
  for (; std::getline(csv, line); ++at) {
    SCOPED_TRACE(line);
    const auto cell = cells(line);
    ASSERT_EQ(cell.size(), 11u);
    ASSERT_LT(at, table.size());
    const PriceRow& row = table[at];
    EXPECT_EQ(row.model, cell[0]);
    EXPECT_EQ(row.fast, cell[1] == "fast");
    EXPECT_EQ(row.above_prompt_tokens, std::stoll(cell[2]));
    EXPECT_EQ(row.from_ms, date(cell[3], kAlways_ms));
    EXPECT_EQ(row.until_ms, date(cell[4], kForever_ms));
    const Rates want{rate(cell[5]), rate(cell[6]), rate(cell[7]), rate(cell[8]), rate(cell[9])};
    EXPECT_EQ(row.rates, want);
    EXPECT_EQ(row.us_surcharge, cell[10] == "yes");
    EXPECT_EQ(normalise_model(row.model), row.model) << "would never be found";
    // And the row is the one that a request of its kind is charged by.
    Charged request{.at_ms = row.until_ms == kForever_ms ? kNow_ms : row.until_ms - 1,
                    .fast = row.fast,
                    .tokens = {.input = row.above_prompt_tokens + 1}};
    EXPECT_EQ(cost(cell[0], request), (row.above_prompt_tokens + 1) * rate(cell[5]) / 10);
    request.tokens = {.input = row.above_prompt_tokens + 1, .read = 1'000'000};
    if (row.above_prompt_tokens > 0) {
      const i64 units = (row.above_prompt_tokens + 1) * want.input + 1'000'000 * want.read;
      EXPECT_EQ(cost(cell[0], request), units / 10);
    }
  }
  EXPECT_EQ(at, table.size());
  EXPECT_EQ(at, 38u);
}

TEST(Prices, RowsOfAModelStandTogether) {
  std::set<std::string_view> done;
  std::string_view last;
  for (const PriceRow& row : built_in_prices()) {
    if (row.model == last) continue;
    EXPECT_TRUE(done.insert(row.model).second) << row.model;
    last = row.model;
  }
}

TEST(Prices, Table) {
  const struct {
    const char* what;
    const char* model;
    Charged request;
    std::optional<i64> want;
  } rows[] = {
      {"1M input", "claude-opus-5-5", {.tokens = {.input = 1'000'000}}, 4'000'000'000},
      {"1M output", "claude-opus-5-5", {.tokens = {.output = 1'000'000}}, 20'000'000'000},
      {"1h write", "claude-opus-5-5", {.tokens = {.write_1h = 1'000'000}}, 8'000'000'000},
      {"5m write", "claude-opus-5-5", {.tokens = {.write_5m = 1'000'000}}, 5'000'000'000},
      {"read", "claude-opus-5-5", {.tokens = {.read = 1'000'000}}, 200'000'000},
      {"searches", "claude-opus-5-5", {.tokens = {.web_searches = 3}}, 30'000'000},
      {"nothing", "claude-opus-5-5", {}, 0},
      {"unknown", "claude-opus-5-7", {.tokens = {.input = 1}}, std::nullopt},
      {"read before the change",
       "claude-sonnet-5-5",
       {.at_ms = day(2026, 10, 7) - 1, .tokens = {.read = 1'000'000}},
       200'000'000},
      {"read from the change on",
       "claude-sonnet-5-5",
       {.at_ms = day(2026, 10, 7), .tokens = {.read = 1'000'000}},
       100'000'000},
      {"before its launch, the first price",
       "claude-sonnet-5-5",
       {.at_ms = day(2026, 9, 1), .tokens = {.read = 1'000'000}},
       200'000'000},
      {"100k prompt", "claude-haiku-5-5", {.tokens = {.input = 100'000}}, 10'000'000},
      {"over it", "claude-haiku-5-5", {.tokens = {.input = 1, .read = 100'000}}, 5'000'500},
      {"output is no prompt",
       "claude-haiku-5-5",
       {.tokens = {.input = 100'000, .output = 100'000}},
       60'000'000},
      {"200k prompt",
       "claude-sonnet-4-5",
       {.at_ms = day(2026, 4, 1), .tokens = {.input = 200'000}},
       600'000'000},
      {"over it",
       "claude-sonnet-4-5",
       {.at_ms = day(2026, 4, 1), .tokens = {.input = 200'001}},
       1'200'006'000},
      {"on the beta's last day",
       "claude-sonnet-4-5",
       {.at_ms = day(2026, 5, 1) - 1, .tokens = {.input = 200'001}},
       1'200'006'000},
      {"after it",
       "claude-sonnet-4-5",
       {.at_ms = day(2026, 5, 1), .tokens = {.input = 200'001}},
       600'003'000},
      {"1M is standard from 4.6",
       "claude-sonnet-4-6",
       {.at_ms = day(2026, 4, 1), .tokens = {.input = 900'000}},
       2'700'000'000},
      {"fast", "claude-opus-5-5", {.fast = true, .tokens = {.output = 1'000'000}}, 40'000'000'000},
      {"fast ended",
       "claude-opus-4-6",
       {.fast = true, .tokens = {.output = 1'000'000}},
       25'000'000'000},
      {"fast before its end",
       "claude-opus-4-6",
       {.at_ms = day(2026, 5, 1), .fast = true, .tokens = {.output = 1'000'000}},
       150'000'000'000},
      {"4.8 fast on its last day",
       "claude-opus-4-8",
       {.at_ms = day(2026, 11, 30) + kHour_ms, .fast = true, .tokens = {.input = 1'000'000}},
       10'000'000'000},
      {"4.8 fast after it",
       "claude-opus-4-8",
       {.at_ms = day(2026, 12, 1), .fast = true, .tokens = {.input = 1'000'000}},
       5'000'000'000},
      {"no fast mode",
       "claude-haiku-4-5",
       {.fast = true, .tokens = {.input = 1'000'000}},
       1'000'000'000},
      {"us",
       "claude-opus-5-5",
       {.us_inference = true, .tokens = {.input = 1'000'000, .web_searches = 1}},
       4'410'000'000},
      {"us before 4.6",
       "claude-opus-4-5",
       {.us_inference = true, .tokens = {.input = 1'000'000}},
       5'000'000'000},
      {"batch",
       "claude-opus-5-5",
       {.batch = true, .tokens = {.input = 1'000'000, .web_searches = 1}},
       2'010'000'000},
      // 0.01 $ per million is 10 nano-dollars a token; the surcharge makes 11, a batch 5.5.
      {"half up",
       "claude-haiku-5-5",
       {.us_inference = true, .batch = true, .tokens = {.read = 1}},
       6},
      {"rounded once",
       "claude-haiku-5-5",
       {.us_inference = true, .batch = true, .tokens = {.read = 2}},
       11},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.model) + ": " + row.what);
    EXPECT_EQ(cost(row.model, row.request), row.want);
  }
}

TEST(Prices, RoundedOnceAndHalfUp) {
  // 0.0001 $ per million is a tenth of a nano-dollar per token.
  const Prices prices({{.model = "glm-5-2", .rates = {1, 1, 1, 1, 1}}});
  const struct {
    Tokens tokens;
    i64 want;
  } rows[] = {{{.read = 4}, 0},
              {{.read = 5}, 1},
              {{.read = 14}, 1},
              {{.read = 15}, 2},
              {{.input = 1, .output = 1, .write_5m = 1, .write_1h = 1, .read = 1}, 1}};
  for (const auto& row : rows) EXPECT_EQ(cost("glm-5.2", {.tokens = row.tokens}, prices), row.want);
}

TEST(Prices, NothingOverflows) {
  constexpr i64 kMost = 0xffffffff;
  const Rates most{kMaxRate, kMaxRate, kMaxRate, kMaxRate, kMaxRate};
  const Prices prices({{.model = "claude-opus-5-5", .rates = most}});
  const Charged request{.us_inference = true, .tokens = {kMost, kMost, kMost, kMost, kMost, kMost}};
  const auto got = cost("claude-opus-5-5", request, prices);
  ASSERT_TRUE(got);
  // 5 kinds x 10 000 000 nano-dollars per token x 1.1, and the searches.
  EXPECT_EQ(*got, kMost * 55'000'000 + kMost * 10'000'000);
}

TEST(Prices, TheUsersOwnRowsComeFirst) {
  const Rates ten{100'000, 0, 0, 0, 0};
  const Rates twenty{200'000, 0, 0, 0, 0};
  const Prices prices({
      {.model = "glm-5-2", .rates = ten},
      {.model = "claude-opus-5-5", .from_ms = day(2026, 11, 1), .rates = ten},
      {.model = "glm-5-2", .above_prompt_tokens = 1000, .rates = twenty},
      {.model = "claude-opus-5", .fast = true, .rates = twenty},
  });
  const Charged thousand{.tokens = {.input = 1000}};
  EXPECT_EQ(cost("glm-5.2", thousand, prices), 10'000'000);
  EXPECT_EQ(cost("glm-5.2", {.tokens = {.input = 1001}}, prices), 20'020'000);
  EXPECT_EQ(cost("claude-opus-5-5", thousand, prices), 10'000'000);
  EXPECT_EQ(
      cost("claude-opus-5-5", {.at_ms = day(2026, 10, 31), .tokens = thousand.tokens}, prices),
      4'000'000)
      << "outside the row's time the built-in price holds";
  EXPECT_EQ(cost("claude-opus-5-5", {.fast = true, .tokens = thousand.tokens}, prices), 8'000'000)
      << "a row stands in for its own tier only";
  EXPECT_EQ(cost("claude-opus-5", {.fast = true, .tokens = thousand.tokens}, prices), 20'000'000);
  EXPECT_EQ(cost("claude-opus-5", thousand, prices), 5'000'000);
  EXPECT_EQ(cost("glm-5.3", thousand, prices), std::nullopt);
}

TEST(Prices, AnotherListHasAnotherName) {
  const auto name = [](std::vector<OwnPriceRow> own) { return Prices(std::move(own)).list_name(); };
  const OwnPriceRow row{.model = "glm-5-2", .rates = {1, 2, 3, 4, 5}};
  const auto with = [&](auto change) {
    OwnPriceRow other = row;
    change(other);
    return other;
  };
  const std::vector<std::vector<OwnPriceRow>> lists = {
      {},
      {row},
      {row, row},
      {with([](OwnPriceRow& r) { r.model = "glm-5-3"; })},
      {with([](OwnPriceRow& r) { r.fast = true; })},
      {with([](OwnPriceRow& r) { r.above_prompt_tokens = 1; })},
      {with([](OwnPriceRow& r) { r.from_ms = 1; })},
      {with([](OwnPriceRow& r) { r.until_ms = 1; })},
      {with([](OwnPriceRow& r) {
        r.rates = {2, 1, 3, 4, 5};
      })},
      {with([](OwnPriceRow& r) { r.rates.read = 6; })},
  };
  std::set<std::string> names;
  for (const auto& list : lists) {
    EXPECT_EQ(name(list), name(list));
    EXPECT_EQ(name(list).find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(name(list).size(), 16u);
    names.insert(name(list));
  }
  EXPECT_EQ(names.size(), lists.size());
  const OwnPriceRow other = with([](OwnPriceRow& r) { r.model = "a"; });
  EXPECT_EQ(name({row, other}), name({other, row})) << "where a model stands does not matter";
}

TEST(Prices, OfAStoredRequest) {
  StoredEvent event;
  event.at_ms = day(2026, 11, 1);
  event.tokens = {.input = 1'000'000, .web_searches = 1};
  event.us_inference = true;
  event.batch = true;
  const Prices prices;
  EXPECT_EQ(cost_of(prices, "claude-opus-5-5", event), 2'210'000'000);
  EXPECT_EQ(cost_of(prices, "claude-opus-5-7", event), kUnknown);
}

}  // namespace
}  // namespace shmeter::collector
