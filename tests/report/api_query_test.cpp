// SPDX-License-Identifier: MIT
// Parameters into a query; what is wrong is named. Cursors survive no accident.
#include "collector/report/api_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collector/report/api_cursor.hpp"
#include "collector/report/day.hpp"
#include "tests/report/sample.hpp"

namespace shmeter::collector {
namespace {

using Words = std::vector<ApiParameter>;
using sample::utc_s;

ApiResult<ApiQuery> parse(ApiRoute route, const Words& words, const char* zone = "UTC") {
  return parse_api_query(route, words, Calendar(zone, Weekday::monday));
}

constexpr ApiRoute kRoutes[] = {ApiRoute::usage,   ApiRoute::events,  ApiRoute::stats,
                                ApiRoute::history, ApiRoute::summary, ApiRoute::timeline};

TEST(ApiQueryTest, TakesWhatEachRouteTakes) {
  const std::string cursor = write_cursor({1, {2, 3}});
  const struct {
    ApiParameter parameter;
    std::vector<ApiRoute> routes;
  } rows[] = {
      {{"account", "work"}, {ApiRoute::usage, ApiRoute::events, ApiRoute::stats}},
      {{"sessionId", "a"}, {ApiRoute::events, ApiRoute::stats}},
      {{"agentName", "main"}, {ApiRoute::events, ApiRoute::stats}},
      {{"eventType", "compute"}, {ApiRoute::events, ApiRoute::stats}},
      {{"after", "0"}, {ApiRoute::events, ApiRoute::stats, ApiRoute::history, ApiRoute::summary}},
      {{"before", "0"}, {ApiRoute::events, ApiRoute::stats, ApiRoute::history, ApiRoute::summary}},
      {{"limit", "1"}, {ApiRoute::events}},
      {{"cursor", cursor}, {ApiRoute::events}},
      {{"granularity", "week"}, {ApiRoute::history}},
      {{"period", "month"}, {ApiRoute::summary, ApiRoute::timeline}},
      {{"groupBy", "hour"}, {ApiRoute::timeline}},
  };
  for (const auto& row : rows) {
    for (const ApiRoute route : kRoutes) {
      SCOPED_TRACE(std::string(row.parameter.first) + " " +
                   std::to_string(static_cast<int>(route)));
      const auto query = parse(route, {row.parameter});
      const bool takes = std::find(row.routes.begin(), row.routes.end(), route) != row.routes.end();
      EXPECT_EQ(query.has_value(), takes);
      EXPECT_EQ(query ? row.parameter.first : query.error().field, row.parameter.first);
      // Nor twice.
      const auto twice = parse(route, {row.parameter, row.parameter});
      ASSERT_FALSE(twice);
      EXPECT_EQ(twice.error().field, row.parameter.first);
      EXPECT_EQ(twice.error().code, ApiError::Code::invalid);
    }
  }
}

TEST(ApiQueryTest, NamesWhatIsWrong) {
  const struct {
    ApiRoute route;
    const char* name;
    std::vector<const char*> values;
  } rows[] = {
      {ApiRoute::events,
       "limit",
       {"", "0", "1001", "-1", "+5", "5x", "1e2", " 5", "99999999999999999999"}},
      {ApiRoute::events, "cursor", {"", "0", "abc", "next"}},
      {ApiRoute::events, "eventType", {"", "failure", "Tokens", "tokens "}},
      {ApiRoute::events, "sessionId", {""}},
      {ApiRoute::events, "agentName", {""}},
      {ApiRoute::usage, "account", {""}},
      {ApiRoute::stats, "limit", {"5"}},
      {ApiRoute::history, "granularity", {"", "hour", "year"}},
      {ApiRoute::history,
       "after",
       {"", "now", "-1", "2026-11-31", "2026-11-21T10:00:00", "2026-11-21T25:00:00Z",
        "1795284000000", "253402300800", "1e9", "2026-11-21T10:00:00+1"}},
      {ApiRoute::summary, "before", {"yesterday"}},
      {ApiRoute::summary, "period", {"", "year", "hour"}},
      {ApiRoute::timeline, "period", {"", "year", "block"}},
      {ApiRoute::timeline, "groupBy", {"", "week", "month"}},
      {ApiRoute::timeline, "granularity", {"day"}},
      {ApiRoute::timeline, "", {"x"}},
  };
  for (const auto& row : rows) {
    for (const char* value : row.values) {
      SCOPED_TRACE(std::string(row.name) + "=" + value);
      const auto query = parse(row.route, {{row.name, value}});
      ASSERT_FALSE(query);
      EXPECT_EQ(query.error().code, ApiError::Code::invalid);
      EXPECT_EQ(query.error().field, row.name);
      EXPECT_THAT(query.error().message, testing::StartsWith(row.name));
    }
  }
  const auto both = parse(ApiRoute::summary, {{"period", "day"}, {"after", "0"}});
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().field, "period");
}

TEST(ApiQueryTest, Times) {
  const struct {
    const char* text;
    const char* zone;
    i64 want_ms;
  } rows[] = {
      {"1795284000", "Europe/Berlin", i64{1'795'284'000'000}},
      {"20261121", "UTC", i64{20'261'121'000}},
      {"0", "UTC", 0},
      {"2026-11-21", "UTC", utc_s(2026, 11, 21) * 1000},
      {"2026-11-21", "Europe/Berlin", utc_s(2026, 11, 20, 23) * 1000},
      {"2026-10-25", "Europe/Berlin", utc_s(2026, 10, 24, 22) * 1000},  // the clock changes later
      {"2026-10-26", "Europe/Berlin", utc_s(2026, 10, 25, 23) * 1000},
      {"2026-11-21T10:00:00Z", "Europe/Berlin", utc_s(2026, 11, 21, 10) * 1000},
      {"2026-11-21T10:00:00.250+02:00", "UTC", utc_s(2026, 11, 21, 8) * 1000 + 250},
      {"2026-11-21T10:00:00 02:00", "UTC", utc_s(2026, 11, 21, 8) * 1000},
      {"2026-11-21T10:00:00-0500", "UTC", utc_s(2026, 11, 21, 15) * 1000},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto query =
        parse(ApiRoute::stats, {{"after", row.text}, {"before", row.text}}, row.zone);
    ASSERT_TRUE(query) << query.error().message;
    EXPECT_EQ(query->after_ms, row.want_ms);
    EXPECT_EQ(query->before_ms, row.want_ms);
  }
}

TEST(ApiQueryTest, UsageWithAFilterIsEvents) {
  EXPECT_EQ(usage_route({}), ApiRoute::usage);
  EXPECT_EQ(usage_route(Words{{"account", "x"}}), ApiRoute::usage);
  EXPECT_EQ(usage_route(Words{{"nonsense", "x"}}), ApiRoute::usage);
  for (const char* filter :
       {"sessionId", "agentName", "eventType", "after", "before", "limit", "cursor"})
    EXPECT_EQ(usage_route(Words{{"account", "x"}, {filter, ""}}), ApiRoute::events) << filter;
}

TEST(ApiCursorTest, ComesBack) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; ++i) {
    const EventFilter::Position position{static_cast<i64>(random() >> 20), {random(), random()}};
    const auto back = parse_cursor(write_cursor(position));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->at_ms, position.at_ms);
    EXPECT_EQ(back->key, position.key);
  }
}

TEST(ApiCursorTest, DamagedIsNone) {
  std::mt19937_64 random(8);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int i = 0; i < 5000; ++i) {
    const std::string right =
        write_cursor({static_cast<i64>(random() >> 20), {random(), random()}});
    std::string wrong = right;
    switch (below(4)) {
      case 0:
        wrong[below(wrong.size())] = static_cast<char>(random());
        break;
      case 1:
        wrong[below(wrong.size())] = "0123456789abcdef"[below(16)];
        break;
      case 2:
        wrong.erase(below(wrong.size()), 1 + below(5));
        break;
      default:
        wrong.insert(below(wrong.size()), 1, "0123456789abcdef"[below(16)]);
    }
    if (wrong == right) continue;
    EXPECT_FALSE(parse_cursor(wrong)) << wrong;
    const auto query = parse(ApiRoute::events, {{"cursor", wrong}});
    ASSERT_FALSE(query);
    EXPECT_EQ(query.error().field, "cursor");
  }
}

}  // namespace
}  // namespace shmeter::collector
