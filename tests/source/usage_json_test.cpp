// SPDX-License-Identifier: MIT
#include "collector/source/usage_json.hpp"

#include <gtest/gtest.h>

#include "tests/source/observed.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kNow_ms = 1000;

TEST(UsageJson, TakesWhatIsGiven) {
  const struct {
    const char *json, *said;
  } rows[] = {
      {R"({"input_tokens":1200})", "in=1200"},
      {R"({"input_tokens":0,"output_tokens":5.0,"unknown":[1]})", "in=0 out=5"},
      {R"({"cache_creation_tokens":3,"cache_read_tokens":4})", "write=3 read=4"},
      {R"({"estimated_cost":0.02})", "cost=20000000"},
      {R"({"cost_usd":1.000000001})", "cost=1000000001"},
      {R"({"cost_usd":2,"estimated_cost":2})", "cost=2000000000"},
      {R"({"model":"claude-x","messages":1,"tool_calls":2})", "model=claude-x messages=1 tools=2"},
      {R"({"compute_seconds":1.5})", "compute=1500"},
      {R"({"rate_limit_remaining":98,"rate_limit_limit":100,"rate_limit_reset":1795302445})",
       "left=98 of=100 reset=1795302445"},
      {R"({"input_tokens":null,"output_tokens":7})", "out=7"},
      {R"({"input_tokens":9007199254740992})", "in=9007199254740992"},
      // The total says nothing by itself; beside both parts it must fit.
      {R"({"input_tokens":1,"output_tokens":2,"total_tokens":3})", "in=1 out=2"},
      {R"({"input_tokens":1,"output_tokens":2,"cache_read_tokens":4,"total_tokens":7})",
       "in=1 out=2 read=4"},
      {R"({"input_tokens":1,"total_tokens":500})", "in=1"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    test::Observed observed;
    ASSERT_TRUE(parse_usage("s", row.json, kNow_ms, observed.take()));
    EXPECT_EQ(observed.lines,
              std::vector<std::string>{std::string("reported session=s ") + row.said + " at=1000"});
  }
}

TEST(UsageJson, NamesWhatIsWrong) {
  const struct {
    const char *json, *error;
  } rows[] = {
      {"[1]", "not an object"},
      {"7", "not an object"},
      {"{}", "nothing of a usage in it, such as input_tokens"},
      {R"({"total_tokens":7})", "nothing of a usage in it, such as input_tokens"},
      {R"({"tokens":7})", "nothing of a usage in it, such as input_tokens"},
      {R"({"input_tokens":-1})", "input_tokens: negative"},
      {R"({"input_tokens":1.5})", "input_tokens: not a whole number"},
      {R"({"input_tokens":"7"})", "input_tokens: not a number"},
      {R"({"input_tokens":true})", "input_tokens: not a number"},
      {R"({"input_tokens":9007199254740994})",
       "input_tokens: not a number from 0 to 9007199254740992"},
      {R"({"input_tokens":1,"output_tokens":2,"total_tokens":4})",
       "total_tokens: not the sum of input_tokens and output_tokens"},
      {R"({"input_tokens":1,"total_tokens":-4})", "total_tokens: negative"},
      {R"({"estimated_cost":-0.01})", "estimated_cost: negative"},
      {R"({"cost_usd":1e10})", "cost_usd: not a number from 0 to 1000000000"},
      {R"({"cost_usd":2,"estimated_cost":1})",
       "cost_usd: differs from estimated_cost: give one of them"},
      {R"({"model":7,"input_tokens":1})", "model: not a text"},
      {R"({"compute_seconds":-1})", "compute_seconds: negative"},
      {R"({"rate_limit_reset":1795302445000})",
       "rate_limit_reset: not a number from 0 to 100000000000"},
      {R"({"messages":[],"input_tokens":1})", "messages: not a number"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    const auto done = parse_usage("s", row.json, kNow_ms, [](const Observation&) { FAIL(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::invalid);
    EXPECT_EQ(done.error().message, row.error);
  }
  for (const std::string& id : {std::string(), std::string("a b"), std::string(10'000, 'x')}) {
    const auto done = parse_usage(id, R"({"messages":1})", kNow_ms, {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "not a session id: 1-64 of [A-Za-z0-9._:-]");
  }
  EXPECT_FALSE(parse_usage("s", std::string(kMaxUsageJson + 1, ' '), kNow_ms, {}));
  EXPECT_FALSE(parse_usage("s", R"({"input_tokens":1e400})", kNow_ms, {}));
  EXPECT_FALSE(parse_usage("s", R"({"input_tokens":NaN})", kNow_ms, {}));
}

TEST(UsageJson, MutationsAreTakenWholeOrNotAtAll) {
  const std::string whole =
      R"({"input_tokens":1200,"output_tokens":300,"total_tokens":1500,"cost_usd":0.02,"model":"claude-x","messages":4,"compute_seconds":12.5,"rate_limit_reset":1795302445})";
  test::for_mutations(whole, 6000, [](const std::string& json) {
    int taken = 0;
    const auto done = parse_usage("s", json, kNow_ms, [&](const Observation& seen) {
      const auto& said = std::get<ReportedSeen>(seen);
      for (const i64 value : {said.input_tokens, said.output_tokens, said.cost_nanousd,
                              said.messages, said.compute_ms, said.rate_limit_reset_s})
        EXPECT_TRUE(value == kUnknown || value >= 0);
      ++taken;
    });
    EXPECT_EQ(taken, done ? 1 : 0);
  });
}

}  // namespace
}  // namespace shmeter::collector
