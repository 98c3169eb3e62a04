// SPDX-License-Identifier: MIT
// Metrics: captured ones against what the client itself said of the session, tables of points of
// both kinds, and what the sums keep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "collector/source/otlp_json.hpp"
#include "tests/source/observed.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using testing::ElementsAre;
using Taken = MetricSums::Taken;

constexpr i64 kNow_ms = 1'795'295'300'500;
constexpr char kSession[] = "c9bec15a-c582-41d2-a016-dceacfb47ad5";

struct Answer {
  OtlpTaken taken;
  std::vector<std::string> lines;
  std::string error;
};

Answer post(MetricSums& sums, std::string_view body, const OtlpLimits& limits = {}) {
  test::Observed observed;
  auto done = parse_otlp_metrics(body, kNow_ms, sums, observed.take(), limits);
  if (!done) return {{}, observed.lines, done.error().message};
  return {*done, observed.lines, {}};
}

std::vector<std::string> captured() {
  std::vector<std::string> bodies;
  for (int i = 0; i < 14; ++i) {
    const std::string path = SHMETER_TEST_DATA "/otlp/" + std::to_string(i) + "-metrics.json";
    if (std::filesystem::exists(path)) bodies.push_back(test::contents(path));
  }
  return bodies;
}

/// One point of one metric; `value` as `"asInt":5`.
std::string body(const std::string& metric, const std::string& value,
                 const std::string& temporality = "1", const std::string& type = "input",
                 int at_s = 10, const std::string& version = "2.1.330") {
  const std::string second = std::to_string(1'795'295'000 + at_s) + "000000000";
  return R"({"resourceMetrics":[{"resource":{},"scopeMetrics":[{"scope":{"version":")" + version +
         R"("},"metrics":[{"name":")" + metric + R"(","sum":{"aggregationTemporality":)" +
         temporality + R"(,"dataPoints":[{"attributes":[
         {"key":"session.id","value":{"stringValue":"s"}},
         {"key":"model","value":{"stringValue":"m"}},
         {"key":"type","value":{"stringValue":")" +
         type + R"("}}],"startTimeUnixNano":"1795295000000000000","timeUnixNano":")" + second +
         R"(",)" + value + "}]}}]}]}]}";
}

TEST(OtlpMetrics, CapturedSessionIsWhatItsClientSaid) {
  MetricSums sums;
  for (const std::string& bytes : captured()) {
    const Answer answer = post(sums, bytes);
    EXPECT_EQ(answer.error, "");
    EXPECT_EQ(answer.taken.rejected, 0u) << answer.taken.reason;
  }
  const SessionSums* const session = sums.find(kSession);
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(session->of(Quantity::cost_nanousd), 311'672'000);
  EXPECT_EQ(session->of(Quantity::input_tokens), 96);
  EXPECT_EQ(session->of(Quantity::output_tokens), 508);
  EXPECT_EQ(session->of(Quantity::cache_read_tokens), 64'000);
  EXPECT_EQ(session->of(Quantity::cache_creation_tokens), 120'000);
  EXPECT_EQ(session->of(Quantity::active_user_ms), 11 + 6 + 6 + 20);
  EXPECT_EQ(session->of(Quantity::active_cli_ms), 194 + 220 + 52);
  EXPECT_EQ(session->of(Quantity::commits), kUnknown);
  EXPECT_EQ(sums.find("47fcad65-0472-47f2-b4f0-46c8abdb7a60")->of(Quantity::cost_nanousd),
            38'894'000);
}

TEST(OtlpMetrics, GivesTheSumsOfASessionAsAnAggregate) {
  MetricSums sums;
  const std::vector<std::string> bodies = captured();
  EXPECT_TRUE(post(sums, bodies.at(0)).lines.empty());  // session.count is no sum of ours
  EXPECT_THAT(post(sums, bodies.at(1)).lines,
              ElementsAre("aggregate session=c9bec15a-c582-41d2-a016-dceacfb47ad5 cost=116942000 "
                          "at=1795295245570 source=7 claude-sonnet-5-5=69233"));
}

TEST(OtlpMetrics, ABodySentTwiceAddsNothing) {
  MetricSums sums;
  for (const std::string& bytes : captured()) {
    post(sums, bytes);
    const Answer again = post(sums, bytes);
    EXPECT_EQ(again.taken.rejected, 0u);
    EXPECT_TRUE(again.lines.empty());
  }
  EXPECT_EQ(sums.find(kSession)->of(Quantity::cost_nanousd), 311'672'000);
}

TEST(OtlpMetrics, TakesEachMeasureInEachForm) {
  const struct {
    const char *metric, *type, *value, *temporality;
    Quantity quantity;
    i64 want;
  } rows[] = {
      {"cost.usage", "", R"("asDouble":0.038894)", "1", Quantity::cost_nanousd, 38'894'000},
      {"token.usage", "input", R"("asInt":"12")", "2", Quantity::input_tokens, 12},
      {"token.usage", "output", R"("asInt":12)", R"("AGGREGATION_TEMPORALITY_DELTA")",
       Quantity::output_tokens, 12},
      {"token.usage", "cacheRead", R"("asDouble":12)", R"("AGGREGATION_TEMPORALITY_CUMULATIVE")",
       Quantity::cache_read_tokens, 12},
      {"token.usage", "cacheCreation", R"("asDouble":"12")", "1", Quantity::cache_creation_tokens,
       12},
      {"lines_of_code.count", "added", R"("asInt":3)", "1", Quantity::lines_added, 3},
      {"lines_of_code.count", "removed", R"("asInt":3)", "1", Quantity::lines_removed, 3},
      {"active_time.total", "user", R"("asDouble":0.011)", "1", Quantity::active_user_ms, 11},
      {"active_time.total", "cli", R"("asDouble":0.5)", "1", Quantity::active_cli_ms, 500},
      {"commit.count", "", R"("asInt":1)", "1", Quantity::commits, 1},
      {"pull_request.count", "", R"("asInt":0)", "1", Quantity::pull_requests, 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.metric) + ' ' + row.type);
    MetricSums sums;
    const Answer answer = post(
        sums, body(std::string("claude_code.") + row.metric, row.value, row.temporality, row.type));
    EXPECT_EQ(answer.taken.accepted, 1u) << answer.taken.reason;
    ASSERT_NE(sums.find("s"), nullptr);
    EXPECT_EQ(sums.find("s")->of(row.quantity), row.want);
  }
}

TEST(OtlpMetrics, RejectsAPoint) {
  const std::string tokens = "claude_code.token.usage";
  const struct {
    std::string bytes;
    const char* reason;
  } rows[] = {
      {body(tokens, R"("asDouble":"NaN")"), "claude_code.token.usage: not a number from 0 on"},
      {body(tokens, R"("asDouble":-1)"), "claude_code.token.usage: not a number from 0 on"},
      {body(tokens, R"("asInt":1e300)"), "claude_code.token.usage: not a number from 0 on"},
      {body(tokens, R"("flags":1)"), "claude_code.token.usage: not a number from 0 on"},
      {body(tokens, R"("asInt":9007199254740994)"),
       "claude_code.token.usage: more than can be kept"},
      {body(tokens, R"("asInt":1)", "0"),
       "claude_code.token.usage.aggregationTemporality: neither delta nor cumulative"},
      {body(tokens, R"("asInt":1)", "1", "input", 700),
       "claude_code.token.usage.timeUnixNano: in the future"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.bytes);
    MetricSums sums;
    const Answer answer = post(sums, row.bytes);
    EXPECT_EQ(answer.taken.rejected, 1u);
    EXPECT_EQ(answer.taken.reason, row.reason);
    EXPECT_TRUE(answer.lines.empty());
    EXPECT_EQ(sums.find("s"), nullptr);
  }
}

TEST(OtlpMetrics, AcceptsWhatItHasNoUseFor) {
  for (const std::string& bytes : {
           body("claude_code.session.count", R"("asInt":1)"),
           body("claude_code.token.usage", R"("asInt":1)", "1", "thought"),
           // Several times the same, behind a gateway.
           body("claude_code.token.usage", R"("asInt":1)", "1", "input", 10, "2.1.213"),
           body("claude_code.cost.usage", R"("asInt":1)", "1", "", 10, "1.9.999"),
       }) {
    MetricSums sums;
    EXPECT_EQ(post(sums, bytes).taken.accepted, 1u);
    EXPECT_EQ(sums.find("s"), nullptr);
  }
  for (const char* const version : {"2.1.214", "2.2.0", "3.0.0", "", "dev"}) {
    MetricSums sums;
    post(sums, body("claude_code.token.usage", R"("asInt":1)", "1", "input", 10, version));
    EXPECT_NE(sums.find("s"), nullptr) << version;
  }
}

TEST(OtlpMetrics, RefusesWhatIsNoOtlpAndHasLimits) {
  MetricSums sums;
  EXPECT_EQ(post(sums, R"({"resourceLogs":[]})").error, "not OTLP: resourceMetrics missing");
  EXPECT_EQ(post(sums, "[]").error, "not OTLP: not an object");
  EXPECT_EQ(post(sums, std::string(10'000, '[')).error.substr(0, 8), "not JSON");
  const Answer answer = post(sums, captured().at(1), {.records = 2});
  EXPECT_EQ(answer.taken.accepted, 2u);
  EXPECT_EQ(answer.taken.rejected, 10u);
  EXPECT_EQ(answer.taken.reason, "more than 2 data points");
}

TEST(OtlpMetrics, DamagedBodiesSayNothingUnbelievable) {
  MetricSums sums(64);
  std::size_t taken = 0, refused = 0;
  const auto believable = [](const Observation& observation) {
    const auto& seen = std::get<AggregateSeen>(observation);
    EXPECT_TRUE(valid_session_id(seen.session_id));
    EXPECT_TRUE(seen.cost_nanousd == kUnknown || seen.cost_nanousd >= 0);
    EXPECT_TRUE(seen.at_ms > 0 && seen.at_ms <= kNow_ms + 300'000);
    for (const ModelTokens& row : seen.models) {
      EXPECT_GE(row.tokens, 0);
      EXPECT_LE(row.model.size(), 256u);
    }
  };
  for (const std::string& whole : captured())
    test::for_mutations(whole, 400, [&](const std::string& bytes) {
      const auto done = parse_otlp_metrics(bytes, kNow_ms, sums, believable);
      done ? ++taken : ++refused;
      ASSERT_LE(sums.streams(), 64u);
    });
  EXPECT_GT(taken, 0u);
  EXPECT_GT(refused, 0u);
}

TEST(OtlpMetrics, CutsANameBetweenCodePoints) {
  const std::string name = "x" + std::string(254, 'y');
  std::string bytes = body("claude_code.token.usage", R"("asInt":1)");
  bytes.replace(bytes.find("\"m\""), 3, '"' + name + "\xc3\xa9\"");
  MetricSums sums;
  EXPECT_EQ(post(sums, bytes).taken.accepted, 1u);
  EXPECT_EQ(sums.find("s")->tokens_by_model.begin()->first, name);
}

// ---- The sums alone -----------------------------------------------------------------------------

MetricPoint point(bool cumulative, i64 start, i64 time, i64 value) {
  MetricPoint out;
  out.session_id = "s";
  out.quantity = Quantity::input_tokens;
  out.cumulative = cumulative;
  out.stream = 7;
  out.start_ns = start;
  out.time_ns = time;
  out.value = value;
  return out;
}

TEST(MetricSums, DeltasAreAddedAndCumulativesAreTakenAsDifferences) {
  const struct {
    const char* what;
    std::vector<MetricPoint> points;
    i64 want;
    Taken last;
  } rows[] = {
      {"deltas", {point(false, 0, 1, 5), point(false, 1, 2, 7)}, 12, Taken::added},
      {"a delta again", {point(false, 0, 1, 5), point(false, 0, 1, 5)}, 5, Taken::repeated},
      {"cumulative", {point(true, 9, 10, 5), point(true, 9, 11, 12)}, 12, Taken::added},
      {"nothing new", {point(true, 9, 10, 5), point(true, 9, 11, 5)}, 5, Taken::added},
      {"an old one late", {point(true, 9, 11, 5), point(true, 9, 10, 4)}, 5, Taken::repeated},
      {"it fell", {point(true, 9, 10, 5), point(true, 9, 11, 4)}, 5, Taken::fell},
      {"a new process", {point(true, 9, 10, 5), point(true, 20, 21, 3)}, 8, Taken::added},
      {"two at once",
       {point(true, 9, 10, 5), point(true, 20, 21, 3), point(true, 9, 30, 6)},
       9,
       Taken::added},
      {"more than a sum holds",
       {point(false, 0, 1, i64{1} << 53), point(false, 1, 2, 1)},
       i64{1} << 53,
       Taken::too_much},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    MetricSums sums;
    Taken last{};
    for (const MetricPoint& one : row.points) last = sums.add(one);
    EXPECT_EQ(last, row.last);
    ASSERT_NE(sums.find("s"), nullptr);
    EXPECT_EQ(sums.find("s")->of(Quantity::input_tokens), row.want);
  }
}

TEST(MetricSums, ForgetsTheSessionThatWasSilentLongest) {
  MetricSums sums(3);
  const auto add = [&](const char* session, u64 stream, i64 time) {
    MetricPoint one = point(true, 1, time, time);
    one.session_id = session;
    one.stream = stream;
    return sums.add(one);
  };
  add("a", 1, 10);
  add("b", 1, 11);
  add("c", 1, 12);
  add("a", 1, 13);
  EXPECT_EQ(sums.streams(), 3u);
  add("d", 1, 14);
  EXPECT_EQ(sums.streams(), 3u);
  EXPECT_EQ(sums.find("b"), nullptr);
  ASSERT_NE(sums.find("a"), nullptr);
  // It comes back with its whole sum, and only that.
  add("b", 1, 15);
  EXPECT_EQ(sums.find("b")->of(Quantity::input_tokens), 15);
  EXPECT_EQ(sums.find("c"), nullptr);
  // One session alone cannot have more than all.
  EXPECT_EQ(add("b", 2, 16), Taken::added);
  EXPECT_EQ(add("b", 3, 17), Taken::added);
  EXPECT_EQ(add("b", 4, 18), Taken::too_much);
  EXPECT_EQ(sums.streams(), 3u);
  EXPECT_EQ(sums.find("a"), nullptr);
}

TEST(MetricSums, TellsOfWhatGrewOnce) {
  MetricSums sums;
  const auto grown = [&] {
    std::vector<std::string> ids;
    sums.each_grown([&](const SessionSums& session) { ids.push_back(session.session_id); });
    return ids;
  };
  MetricPoint a = point(false, 0, 1, 5), b = a;
  b.session_id = "t";
  sums.add(a);
  sums.add(b);
  EXPECT_THAT(grown(), ElementsAre("t", "s"));
  EXPECT_TRUE(grown().empty());
  sums.add(b);  // again
  EXPECT_TRUE(grown().empty());
  a.time_ns = 2;
  sums.add(a);
  EXPECT_THAT(grown(), ElementsAre("s"));
}

}  // namespace
}  // namespace shmeter::collector
