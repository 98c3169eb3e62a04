// SPDX-License-Identifier: MIT
// Summary and timeline: who asked, how it went, when. What nobody measured is null.
#include "collector/report/api_summary.hpp"

#include <gmock/gmock.h>

#include <random>
#include <set>

#include "collector/report/api_buckets.hpp"
#include "collector/report/day.hpp"
#include "collector/report/numbers.hpp"
#include "tests/report/api_sample.hpp"

namespace shmeter::collector {
namespace {

using sample::Answer;
using sample::utc_s;

class ApiSummary : public sample::ApiTest {
 protected:
  StoredEvent call(std::uint64_t number, i64 at_s, const CallDetails& details,
                   EventKind kind = EventKind::tokens) {
    StoredEvent one = event(number, at_s, kind);
    one.call = details;
    one.source = Source::posted;
    return one;
  }
};

TEST_F(ApiSummary, Empty) {
  EXPECT_EQ(
      ask(ApiRoute::summary).text(),
      R"({"summary":{"totalRequests":0,"successfulRequests":0,"failedRequests":0,)"
      R"("avgLatencyMs":null,"totalInputTokens":0,"totalOutputTokens":0,"uniqueEndpoints":0},)"
      R"("byApiKey":[],"byEndpoint":[],"recentErrors":[],"byModel":[],)"
      R"("latency":{"p50Ms":null,"p95Ms":null},)"
      R"("measured":{"latency_requests":0,"outcome_requests":0},"from":null,"to":null})");
}

TEST_F(ApiSummary, OneThatNobodyTimed) {
  StoreBatch batch = sample::names_batch();
  put(batch, event(1, utc_s(2026, 11, 21, 14, 7, 3)));
  write(std::move(batch));
  const Answer answer = ask(ApiRoute::summary, {{"period", "day"}});
  EXPECT_EQ(answer.number("/summary/totalRequests"), 1);
  EXPECT_EQ(answer.number("/summary/successfulRequests"), 1);
  EXPECT_TRUE(answer.is_null("/summary/avgLatencyMs"));
  EXPECT_EQ(answer.number("/summary/uniqueEndpoints"), 1);
  EXPECT_EQ(answer.word("/byEndpoint/0/endpoint"), "messages");
  EXPECT_TRUE(answer.is_null("/byEndpoint/0/avgLatencyMs"));
  EXPECT_EQ(answer.real("/byEndpoint/0/errorRate"), 0);
  EXPECT_EQ(answer.word("/byApiKey/0/keyName"), "work");
  EXPECT_EQ(answer.word("/byApiKey/0/keyId"), write_hex(shm::hash_text("/home/dev/.claude")));
  EXPECT_TRUE(answer.is_null("/byApiKey/0/keyPrefix"));
  EXPECT_EQ(answer.word("/byApiKey/0/lastUsed"), "2026-11-21T14:07:03.000Z");
  EXPECT_EQ(answer.word("/byModel/0/model"), "claude-opus-5-5");
  EXPECT_EQ(answer.number("/measured/latency_requests"), 0);
}

TEST_F(ApiSummary, KeysEndpointsAndOutcomes) {
  const i64 at_s = utc_s(2026, 11, 21, 14);
  StoreBatch batch = sample::names_batch();
  put(batch, event(1, at_s));
  put(batch, call(2, at_s + 1, {"batches", "", 100, false}));
  put(batch, call(3, at_s + 2, {"", "build", 301, false}));
  put(batch, call(4, at_s + 3, {"", "build", 500, true}));
  put(batch, call(5, at_s + 4, {"", "sk-ant-api03-a-secret", kUnknown, false}));
  StoredEvent failure = event(6, at_s + 5, EventKind::failure);
  failure.name = "overloaded_error: try\nagain";
  failure.session = sample::kWide;
  put(batch, failure);
  // Timed, but no request.
  put(batch, call(7, at_s + 6, {"", "", 9999, true}, EventKind::tool_call));
  write(std::move(batch));
  const Answer answer = ask(ApiRoute::summary);
  EXPECT_EQ(answer.number("/summary/totalRequests"), 6);
  EXPECT_EQ(answer.number("/summary/successfulRequests"), 4);
  EXPECT_EQ(answer.number("/summary/failedRequests"), 2);
  EXPECT_EQ(answer.number("/summary/avgLatencyMs"), 300);  // 300.33
  EXPECT_EQ(answer.number("/latency/p50Ms"), 301);
  EXPECT_EQ(answer.number("/latency/p95Ms"), 500);
  EXPECT_EQ(answer.number("/measured/latency_requests"), 3);
  EXPECT_EQ(answer.number("/measured/outcome_requests"), 6);
  EXPECT_EQ(answer.number("/summary/uniqueEndpoints"), 2);
  EXPECT_EQ(answer.sum("/byEndpoint", "requestCount"), 6);
  EXPECT_EQ(answer.word("/byEndpoint/0/endpoint"), "messages");
  EXPECT_EQ(answer.number("/byEndpoint/0/avgLatencyMs"), 401);  // of 301 and 500
  EXPECT_EQ(answer.real("/byEndpoint/0/errorRate"), 0.4);
  EXPECT_EQ(answer.real("/byEndpoint/1/errorRate"), 0);

  EXPECT_EQ(answer.words("/byApiKey", "keyName"),
            (std::vector<std::string>{"work", ".claude-home", "build", "sk-ant-api03…"}));
  EXPECT_EQ(answer.sum("/byApiKey", "requestCount"), 6);
  EXPECT_EQ(answer.sum("/byApiKey", "totalTokens"), 5 * 4330);
  EXPECT_EQ(answer.number("/byApiKey/0/requestCount"), 2);
  EXPECT_EQ(answer.word("/byApiKey/0/lastUsed"), "2026-11-21T14:00:01.000Z");
  EXPECT_EQ(answer.real("/byApiKey/1/successRate"), 0);
  EXPECT_EQ(answer.real("/byApiKey/2/successRate"), 0.5);
  EXPECT_EQ(answer.word("/byApiKey/2/lastUsed"), "2026-11-21T14:00:03.000Z");
  EXPECT_TRUE(answer.is_null("/byApiKey/2/keyPrefix"));
  EXPECT_EQ(answer.word("/byApiKey/3/keyPrefix"), "sk-ant-api03");
  EXPECT_EQ(answer.text().find("secret"), std::string::npos);

  ASSERT_EQ(answer.size("/recentErrors"), 2u);
  EXPECT_EQ(answer.word("/recentErrors/0/errorType"), "overloaded_error");
  EXPECT_EQ(answer.word("/recentErrors/0/errorMessage"), "overloaded_error: try again");
  EXPECT_EQ(answer.word("/recentErrors/0/id"), event_id(failure.key));
  EXPECT_EQ(answer.word("/recentErrors/1/errorType"), "error");
  EXPECT_TRUE(answer.is_null("/recentErrors/1/errorMessage"));
}

TEST_F(ApiSummary, ErrorsAreTheNewestTwentyAndShort) {
  StoreBatch batch = sample::names_batch();
  for (std::uint64_t i = 0; i < 50; ++i) {
    StoredEvent failure =
        event(i, utc_s(2026, 11, 21, 14) + static_cast<i64>(i), EventKind::failure);
    std::string text = "\x1b\x7f\u0085\u2028";
    for (int n = 0; n < 300; ++n) text += "é";
    failure.name = text;
    put(batch, failure);
  }
  write(std::move(batch));
  const Answer answer = ask(ApiRoute::summary);
  EXPECT_EQ(answer.number("/summary/failedRequests"), 50);
  EXPECT_EQ(answer.number("/summary/successfulRequests"), 0);
  EXPECT_EQ(answer.real("/byEndpoint/0/errorRate"), 1);
  ASSERT_EQ(answer.size("/recentErrors"), 20u);
  EXPECT_EQ(answer.word("/recentErrors/0/timestamp"), "2026-11-21T14:00:49.000Z");
  EXPECT_EQ(answer.word("/recentErrors/19/timestamp"), "2026-11-21T14:00:30.000Z");
  std::string want = "    ";
  for (int n = 0; n < 196; ++n) want += "é";
  EXPECT_EQ(answer.word("/recentErrors/0/errorMessage"), want);
}

TEST(ApiOneLine, Table) {
  EXPECT_EQ(one_line("", 5), "");
  EXPECT_EQ(one_line("abc", 3), "abc");
  EXPECT_EQ(one_line("abcd", 3), "abc");
  EXPECT_EQ(one_line("日本語", 2), "日本");
  EXPECT_EQ(one_line("a\r\n\tb", 9), "a   b");
  EXPECT_EQ(one_line("\xff\xfe", 9), "\uFFFD\uFFFD");
}

/// Many of all kinds, in the last month and before.
std::vector<StoredEvent> many(i64 now_s) {
  std::mt19937 random(11);
  const auto below = [&](u32 n) { return static_cast<u32>(random() % n); };
  std::vector<StoredEvent> all;
  static const char* const kEndpoints[] = {"", "messages", "batches", "count_tokens"};
  for (std::uint64_t i = 0; i < 3000; ++i) {
    StoredEvent one;
    one.key = {mix_bits(i), i};
    one.at_ms = now_s * 1000 - i64{below(40 * 86'400)} * 1000;
    one.session = below(4);
    one.kind = below(10) == 0 ? EventKind::failure : EventKind::tokens;
    if (one.kind == EventKind::tokens) {
      one.model = below(3);
      one.tokens = {1 + i64{below(50)}, below(50), 0, 0, below(1000), 0};
      one.value = one.tokens.input + one.tokens.output;
      one.cost_nanousd = below(1'000'000);
    }
    if (below(3) == 0) {
      one.call.endpoint = kEndpoints[below(4)];
      one.call.key = below(2) == 0 ? "" : "key";
      one.call.latency_ms = below(2) == 0 ? kUnknown : i64{below(900)};
      one.call.failed = below(5) == 0;
    }
    all.push_back(one);
  }
  return all;
}

class ApiTimeline : public sample::ApiTest {
 protected:
  static constexpr const char* kPeriods[] = {"day", "week", "month"};
  std::vector<StoredEvent> all_;
  void put_many() {
    all_ = many(now_ms_ / 1000);
    StoreBatch batch = sample::names_batch();
    for (const StoredEvent& one : all_) put(batch, one);
    write(std::move(batch));
  }
};

TEST_F(ApiTimeline, EmptyHasEveryBucket) {
  const struct {
    sample::Parameters words;
    std::size_t buckets;
    const char* first;
    const char* last;
  } rows[] = {
      {{}, 7, "2026-11-15", "2026-11-21"},
      {{{"period", "day"}}, 1, "2026-11-21", "2026-11-21"},
      {{{"period", "month"}}, 30, "2026-10-23", "2026-11-21"},
      {{{"period", "day"}, {"groupBy", "hour"}}, 24, "2026-11-20T19:00", "2026-11-21T18:00"},
      {{{"groupBy", "hour"}}, 168, "2026-11-14T19:00", "2026-11-21T18:00"},
      {{{"period", "month"}, {"groupBy", "hour"}}, 720, "2026-10-22T19:00", "2026-11-21T18:00"},
  };
  for (const auto& row : rows) {
    const Answer answer = ask(ApiRoute::timeline, row.words);
    const auto dates = answer.words("/timeline", "date");
    ASSERT_EQ(dates.size(), row.buckets);
    EXPECT_EQ(dates.front(), row.first);
    EXPECT_EQ(dates.back(), row.last);
    for (const char* member :
         {"requests", "successCount", "errorCount", "inputTokens", "outputTokens"})
      EXPECT_EQ(answer.sum("/timeline", member), 0);
    EXPECT_TRUE(answer.is_null("/timeline/0/avgLatencyMs"));
  }
  EXPECT_EQ(ask(ApiRoute::timeline, {{"period", "day"}}).text(),
            R"({"timeline":[{"date":"2026-11-21","requests":0,"successCount":0,"errorCount":0,)"
            R"("avgLatencyMs":null,"inputTokens":0,"outputTokens":0}],)"
            R"("period":"day","groupBy":"day","from":1795219200,"to":1795305600})");
}

// Both tell the same of the same time, and what was put in.
TEST_F(ApiTimeline, SumsAreThoseOfTheSummaryAndOfTheEvents) {
  put_many();
  for (const char* name : {"UTC", "Europe/Berlin", "Asia/Kolkata"}) {
    zone(name);
    for (const char* period : kPeriods) {
      SCOPED_TRACE(std::string(name) + " " + period);
      const std::string group = period == std::string("day") ? "hour" : "day";
      const Answer line = ask(ApiRoute::timeline, {{"period", period}, {"groupBy", group}});
      const Answer sum = ask(ApiRoute::summary, {{"period", period}});
      const Period span =
          span_of(*calendar_, now_ms_ / 1000,
                  *parse_api_query(ApiRoute::summary, std::vector<ApiParameter>{{"period", period}},
                                   *calendar_)
                       ->period);
      i64 requests = 0, failed = 0, input = 0, timed = 0, latency = 0;
      for (const StoredEvent& one : all_) {
        if (!span.contains(one.at_ms / 1000)) continue;
        ++requests;
        failed += one.kind == EventKind::failure || one.call.failed ? 1 : 0;
        input += one.tokens.input;
        if (!shm::known(one.call.latency_ms)) continue;
        ++timed;
        latency += one.call.latency_ms;
      }
      ASSERT_GT(timed, 0);
      for (const Answer* answer : {&line, &sum}) {
        EXPECT_EQ(answer->number("/from"), span.begin_s);
        EXPECT_EQ(answer->number("/to"), span.end_s);
      }
      EXPECT_EQ(line.sum("/timeline", "requests"), requests);
      EXPECT_EQ(line.sum("/timeline", "errorCount"), failed);
      EXPECT_EQ(line.sum("/timeline", "successCount"), requests - failed);
      EXPECT_EQ(line.sum("/timeline", "inputTokens"), input);
      EXPECT_EQ(sum.number("/summary/totalRequests"), requests);
      EXPECT_EQ(sum.number("/summary/failedRequests"), failed);
      EXPECT_EQ(sum.number("/summary/totalInputTokens"), input);
      EXPECT_EQ(sum.number("/measured/latency_requests"), timed);
      EXPECT_EQ(sum.number("/summary/avgLatencyMs"), (latency + timed / 2) / timed);
      for (const char* list : {"/byApiKey", "/byEndpoint"})
        EXPECT_EQ(sum.sum(list, "requestCount"), requests) << list;
    }
  }
}

// Percentiles come out of buckets: at most 1/32 beside the latency at that rank.
TEST_F(ApiTimeline, PercentilesAreAsNearAsIsPromised) {
  std::mt19937 random(5);
  for (const u32 bits : {4u, 9u, 14u, 20u}) {
    StoreBatch batch = sample::names_batch();
    std::vector<i64> latencies;
    const i64 at_s = now_ms_ / 1000 - i64{bits} * 86'400;
    for (std::uint64_t i = 0; i < 700; ++i) {
      StoredEvent one = event(i + bits * 1000u, at_s - static_cast<i64>(random() % 9000));
      one.call.latency_ms = static_cast<i64>(random() % (1u << random() % bits));
      latencies.push_back(one.call.latency_ms);
      put(batch, one);
    }
    write(std::move(batch));
    std::sort(latencies.begin(), latencies.end());
    const Answer answer = ask(ApiRoute::summary, {{"after", std::to_string(at_s - 9001)},
                                                  {"before", std::to_string(at_s + 1)}});
    EXPECT_EQ(answer.number("/measured/latency_requests"), 700);
    for (const auto& [path, rank] : {std::pair("/latency/p50Ms", 349), {"/latency/p95Ms", 664}}) {
      const auto want = static_cast<double>(latencies[static_cast<std::size_t>(rank)]);
      EXPECT_NEAR(static_cast<double>(answer.number(path)), want, want / 32) << path << " " << bits;
    }
  }
}

// When somebody asked last is told to the millisecond, whatever else lies in the time.
TEST_F(ApiTimeline, LastUsedIsThatOfTheNewestEvent) {
  put_many();
  for (const i64 back_s : {0, 3 * 3600 + 77, 86'400, 10 * 86'400 + 5}) {
    const i64 until_ms = now_ms_ - back_s * 1000;
    const Answer sum = ask(ApiRoute::summary, {{"before", std::to_string(until_ms / 1000)}});
    std::map<std::string, i64> last_ms;
    for (const StoredEvent& one : all_) {
      if (one.at_ms >= until_ms || one.call.key.empty()) continue;
      i64& last = last_ms[std::string(one.call.key)];
      last = std::max(last, one.at_ms);
    }
    ASSERT_EQ(last_ms.size(), 1u);
    for (std::size_t i = 0; i < sum.size("/byApiKey"); ++i) {
      const std::string row = "/byApiKey/" + std::to_string(i);
      const auto want = last_ms.find(sum.word(row + "/keyName"));
      if (want == last_ms.end()) continue;
      EXPECT_EQ(sum.word(row + "/lastUsed"), write_iso(want->second)) << back_s;
      last_ms.erase(want);
    }
    EXPECT_TRUE(last_ms.empty()) << back_s;
  }
}

TEST_F(ApiTimeline, ClockChanges) {
  zone("Europe/Berlin");
  now_ms_ = utc_s(2026, 10, 25, 10, 30) * 1000;  // set back at 01:00 UTC
  StoreBatch batch = sample::names_batch();
  put(batch, event(1, utc_s(2026, 10, 25, 0, 59, 59)));
  put(batch, event(2, utc_s(2026, 10, 25, 1, 0, 0)));
  put(batch, event(3, utc_s(2026, 10, 24, 22, 0, 0)));
  put(batch, event(4, utc_s(2026, 10, 24, 21, 59, 59)));
  write(std::move(batch));
  const Answer hours = ask(ApiRoute::timeline, {{"period", "day"}, {"groupBy", "hour"}});
  const auto dates = hours.words("/timeline", "date");
  const auto first = std::find(dates.begin(), dates.end(), "2026-10-25T02:00+02:00");
  ASSERT_NE(first, dates.end());
  ASSERT_EQ(*(first + 1), "2026-10-25T02:00+01:00");
  EXPECT_EQ(*(first + 2), "2026-10-25T03:00");
  const std::string row = "/timeline/" + std::to_string(first - dates.begin());
  EXPECT_EQ(hours.number(row + "/requests"), 1);
  EXPECT_EQ(hours.sum("/timeline", "requests"), 4);
  const Answer days = ask(ApiRoute::timeline);
  EXPECT_EQ(days.number("/timeline/6/requests"), 3);
  EXPECT_EQ(days.number("/timeline/5/requests"), 1);
}

// Whatever the zone and the moment.
TEST(ApiBucketsTest, TouchAndHaveDatesOfTheirOwn) {
  std::mt19937 random(2);
  for (const char* zone : {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                           "Asia/Kathmandu", "America/St_Johns"}) {
    const Calendar calendar(zone, Weekday::monday);
    ASSERT_EQ(calendar.trouble(), "");
    for (int i = 0; i < 60; ++i) {
      const i64 now_s = utc_s(2026, 1, 1) + static_cast<i64>(random() % (365u * 86'400u));
      SCOPED_TRACE(std::string(zone) + " " + std::to_string(now_s));
      for (const auto kind : {ApiBuckets::hour, ApiBuckets::day}) {
        const auto buckets = make_buckets(calendar, now_s, ApiSpan::month, kind);
        ASSERT_EQ(buckets.size(), kind == ApiBuckets::hour ? 720u : 30u);
        EXPECT_TRUE(buckets.back().period.contains(now_s));
        std::set<std::string> dates;
        for (std::size_t n = 0; n < buckets.size(); ++n) {
          dates.insert(buckets[n].date);
          EXPECT_EQ(buckets[n].period.begin_s % 900, 0);
          EXPECT_LT(buckets[n].period.begin_s, buckets[n].period.end_s);
          EXPECT_EQ(buckets[n > 0 ? n - 1 : 0].period.end_s,
                    n > 0 ? buckets[n].period.begin_s : buckets[0].period.end_s);
        }
        EXPECT_EQ(dates.size(), buckets.size());
      }
    }
  }
}

}  // namespace
}  // namespace shmeter::collector
