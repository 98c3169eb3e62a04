// SPDX-License-Identifier: MIT
#include "collector/source/cli_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/source/observed.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr i64 kNow_ms = 1'795'295'300'500;

std::string fixture(const char* name) {
  return test::contents(std::string(SHMETER_TEST_DATA "/cli/") + name);
}

std::vector<std::string> document(const std::string& json) {
  test::Observed observed;
  const auto done = parse_cli_json(json, kNow_ms, observed.take());
  if (!done) {
    EXPECT_THAT(observed.lines, IsEmpty());
    return {"error: " + done.error().message};
  }
  return observed.lines;
}

std::vector<std::string> stream(const std::string& bytes, StreamJson::Status* status = nullptr) {
  test::Observed observed;
  StreamJson reader(observed.take());
  reader.feed(bytes, kNow_ms);
  reader.finish(kNow_ms);
  if (status != nullptr) *status = reader.status();
  return observed.lines;
}

TEST(CliJson, ReadsTheCapturedResult) {
  EXPECT_THAT(document(fixture("result.json")),
              ElementsAre("aggregate session=47fcad65-0472-47f2-b4f0-46c8abdb7a60 cost=38894000 "
                          "api=18 at=1795295300500 source=3 claude-sonnet-5-5=23069",
                          "message session=47fcad65-0472-47f2-b4f0-46c8abdb7a60 "
                          "id=749ebf3c-7c33-4767-96e4-d4f45bd90b72 at=1795295300500 value=1 "
                          "source=3",
                          "compute session=47fcad65-0472-47f2-b4f0-46c8abdb7a60 "
                          "id=749ebf3c-7c33-4767-96e4-d4f45bd90b72 at=1795295300500 value=113 "
                          "source=3"));
}

TEST(CliJson, ReadsTheCapturedStream) {
  StreamJson::Status status;
  // What the stream dates is dated by it: the answer was written at 21:07:46.640.
  EXPECT_THAT(
      stream(fixture("stream.jsonl"), &status),
      ElementsAre("session id=7170b0de-b0c5-42a8-82a9-8675a0244fa0 cwd=/home/dev/proj "
                  "version=2.1.330 model=claude-sonnet-5-5 at=1795295300500",
                  "quota source=4 at=1795295266640 5h.used=420000 5h.resets=1795302466 "
                  "7d.used=770000 7d.resets=1795561666",
                  "aggregate session=7170b0de-b0c5-42a8-82a9-8675a0244fa0 cost=38894000 api=19 "
                  "at=1795295266640 source=3 claude-sonnet-5-5=23069",
                  "message session=7170b0de-b0c5-42a8-82a9-8675a0244fa0 "
                  "id=5d8ac822-86cc-4eeb-97e0-d4cb425068b9 at=1795295266640 value=1 source=3",
                  "compute session=7170b0de-b0c5-42a8-82a9-8675a0244fa0 "
                  "id=5d8ac822-86cc-4eeb-97e0-d4cb425068b9 at=1795295266640 value=113 source=3"));
  EXPECT_EQ(status.lines, 6);
  EXPECT_EQ(status.messages, 3);
  EXPECT_EQ(status.damaged, 0);
}

TEST(CliJson, AnyCutsGiveTheSame) {
  const std::string bytes = fixture("stream.jsonl");
  const auto want = stream(bytes);
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 5) {
    test::Observed observed;
    StreamJson reader(observed.take());
    reader.feed(std::string_view(bytes).substr(0, cut), kNow_ms);
    reader.feed(std::string_view(bytes).substr(cut), kNow_ms);
    reader.finish(kNow_ms);
    ASSERT_EQ(observed.lines, want) << cut;
  }
  test::Observed observed;  // cut at every byte at once
  StreamJson reader(observed.take());
  for (const char& c : bytes) reader.feed({&c, 1}, kNow_ms);
  reader.finish(kNow_ms);
  EXPECT_EQ(observed.lines, want);
}

TEST(CliJson, OldClientsPrintAnArray) {
  std::string array = "[";
  const std::string lines = fixture("stream.jsonl");
  for (const char c : lines.substr(0, lines.find_last_not_of('\n') + 1))
    array += c == '\n' ? std::string(",") : std::string(1, c);
  array += ']';
  EXPECT_EQ(document(array), stream(lines));
  EXPECT_EQ(stream(array), stream(lines));  // and so does a pipe that does not know
  EXPECT_EQ(stream(fixture("result.json")), document(fixture("result.json")));
}

TEST(CliJson, ModelUsageAsMapAndAsArray) {
  const char* const head =
      R"({"type":"result","session_id":"s","uuid":"u","total_cost_usd":0.5,"modelUsage":)";
  const struct {
    const char *usage, *said;
  } rows[] = {
      {R"({"a[1m]":{"inputTokens":1,"outputTokens":2,"cacheReadInputTokens":3,
           "cacheCreationInputTokens":4,"thinkingTokens":9},"b":{"inputTokens":5}})",
       "cost=500000000 at=1795295300500 source=3 a[1m]=10 b=5"},
      {R"([{"model":"a","inputTokens":1},{"canonicalModel":"b","outputTokens":2}])",
       "cost=500000000 at=1795295300500 source=3 a=1 b=2"},
      {"null", "cost=500000000 at=1795295300500 source=3"},
      {"{}", "cost=500000000 at=1795295300500 source=3"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.usage);
    EXPECT_EQ(document(std::string(head) + row.usage + "}").front(),
              std::string("aggregate session=s ") + row.said);
  }
  EXPECT_EQ(
      document(R"({"type":"result","session_id":"s","modelUsage":{"a":{"costUSD":0.25}}})").front(),
      "aggregate session=s cost=250000000 at=1795295300500 source=3 a=0");
}

TEST(CliJson, FailuresHaveAName) {
  const struct {
    const char *members, *name;
  } rows[] = {
      {R"("is_error":true,"subtype":"success","api_error_status":429)", "429"},
      {R"("is_error":true,"subtype":"success","api_error_status":null)", "error"},
      {R"("is_error":true,"subtype":"error_max_turns","api_error_status":500)", "error_max_turns"},
      {R"("subtype":"error_during_execution")", "error_during_execution"},
      {R"("is_error":false,"subtype":"success")", ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.members);
    const auto lines = document(std::string(R"({"type":"result","session_id":"s","uuid":"u",)") +
                                row.members + "}");
    const std::string want = std::string("failure session=s id=u name=") + row.name +
                             " at=1795295300500 value=1 source=3 failed=yes";
    if (*row.name == '\0')
      EXPECT_THAT(lines, testing::Not(testing::Contains(HasSubstr("failure"))));
    else
      EXPECT_EQ(lines.back(), want);
  }
}

TEST(CliJson, AResultWithoutIdStillCountsOnce) {
  const char* const json = R"({"type":"result","session_id":"s","duration_ms":5})";
  const auto lines = document(json);
  EXPECT_EQ(lines, document(std::string(" ") + json + "\n"));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[1], HasSubstr("id=result:s:"));
  EXPECT_NE(lines[1], document(R"({"type":"result","session_id":"s","duration_ms":6})")[1]);
}

TEST(CliJson, ToolCallsCarryTheirIdsAndAgents) {
  const std::string lines = R"(
{"type":"assistant","session_id":"s","parent_tool_use_id":null,"message":{"usage":{"output_tokens":1},"content":[{"type":"text","text":"x"},{"type":"tool_use","id":"t1","name":"Agent","input":{"subagent_type":"Explore"}},{"type":"tool_use","id":"t2","name":"Bash","input":{}}]}}
{"type":"assistant","session_id":"s","parent_tool_use_id":"t1","message":{"content":[{"type":"tool_use","id":"t3","name":"Read"}]}}
{"type":"assistant","session_id":"s","parent_tool_use_id":"other","message":{"content":[{"type":"tool_use","id":"t4","name":"Read"}]}}
{"type":"assistant","session_id":"s","message":{"content":"plain"}}
{"type":"assistant","session_id":"s","message":{"content":[{"type":"tool_use","name":"no id"},7,null]}}
{"type":"user","session_id":"s","message":{"content":[{"type":"tool_result","tool_use_id":"t1"}]}}
)";
  EXPECT_THAT(
      stream(lines),
      ElementsAre("tool_call session=s id=t1 name=Agent at=1795295300500 value=1 source=3",
                  "tool_call session=s id=t2 name=Bash at=1795295300500 value=1 source=3",
                  "tool_call session=s id=t3 agent=Explore name=Read at=1795295300500 value=1 "
                  "source=3",
                  "tool_call session=s id=t4 agent=subagent name=Read at=1795295300500 value=1 "
                  "source=3"));
}

TEST(CliJson, LimitsAreSharesOfOne) {
  const struct {
    const char *info, *said;
  } rows[] = {
      {R"("rateLimitType":"five_hour","utilization":0.77,"resetsAt":1795302466)",
       "5h.used=770000 5h.resets=1795302466"},
      {R"("rateLimitType":"seven_day_opus","utilization":0.5,"resetsAt":1795302466)",
       "Opus.used=500000 Opus.resets=1795302466"},
      {R"("rateLimitType":"five_hour","utilization":1.02,"status":"rejected","resetsAt":1795302466)",
       "5h.used=1000000 5h.resets=1795302466"},
      {R"("rateLimitType":"five_hour","status":"rejected","resetsAt":1795302466)",
       "5h.used=1000000 5h.resets=1795302466"},
      // The windows themselves go before the one that stands for them.
      {R"("rateLimitType":"seven_day","utilization":0.9,"resetsAt":1795302466,
          "unifiedWindows":{"seven_day":{"utilization":0.77,"resetsAt":1795561666}})",
       "7d.used=770000 7d.resets=1795561666"},
  };
  for (const auto& row : rows) {
    std::string line =
        std::string(R"({"type":"rate_limit_event","rate_limit_info":{)") + row.info + "}}";
    std::erase(line, '\n');
    SCOPED_TRACE(line);
    EXPECT_THAT(stream(line),
                ElementsAre(std::string("quota source=4 at=1795295300500 ") + row.said));
  }
  for (const char* info :
       {R"("rateLimitType":"five_hour","utilization":42,"resetsAt":1795302466)",
        R"("rateLimitType":"five_hour","utilization":0.42)",
        R"("rateLimitType":"five_hour","utilization":0.42,"resetsAt":1795295300)",
        R"("rateLimitType":"five_hour","utilization":0.42,"resetsAt":1895295300)",
        R"("rateLimitType":"overage","utilization":0.42,"resetsAt":1795302466)",
        R"("utilization":0.42,"resetsAt":1795302466)", ""})
    EXPECT_THAT(
        stream(std::string(R"({"type":"rate_limit_event","rate_limit_info":{)") + info + "}}"),
        IsEmpty())
        << info;
}

TEST(CliJson, ADocumentIsTakenWholeOrNamedWrong) {
  const struct {
    const char *json, *error;
  } rows[] = {
      {"", "not JSON: "},
      {"{", "not JSON: "},
      {"7", "not an object"},
      {"[]", "no message of type \"result\""},
      {"{}", "no message of type \"result\""},
      {R"({"type":"assistant","session_id":"s"})", "no message of type \"result\""},
      {R"({"type":"result"})", "session_id: missing"},
      {R"({"type":"result","session_id":"a b"})", "session_id: not a session id"},
      {R"([7,{"type":"result","session_id":"s"}])", "[0]: not an object"},
      {R"([{"type":"system","subtype":"init"},{"type":"result","session_id":"s"}])",
       "[0].session_id: missing"},
      {R"({"type":"result","session_id":"s","total_cost_usd":-1})", "total_cost_usd: negative"},
      {R"({"type":"result","session_id":"s","total_cost_usd":"1"})",
       "total_cost_usd: not a number"},
      {R"({"type":"result","session_id":"s","duration_ms":1e300})",
       "duration_ms: not a number from 0 to 1000000000000"},
      {R"({"type":"result","session_id":"s","modelUsage":7})",
       "modelUsage: not an object or array"},
      {R"({"type":"result","session_id":"s","modelUsage":{"a":{"inputTokens":-1}}})",
       "modelUsage.a.inputTokens: negative"},
      {R"({"type":"result","session_id":"s","modelUsage":{"a\u001b[2J":{"inputTokens":0.5}}})",
       "modelUsage.a?[2J.inputTokens: not a whole number"},
      {R"({"type":"result","session_id":"s","modelUsage":[{"inputTokens":1}]})",
       "modelUsage[0].model: missing"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    EXPECT_THAT(document(row.json), ElementsAre(HasSubstr(std::string("error: ") + row.error)));
  }
}

TEST(StreamJson, DamagedLinesTakeNothingWithThem) {
  StreamJson::Status status;
  const std::string good = R"({"type":"result","session_id":"s","uuid":"u"})";
  const auto lines = stream("some warning\n\r\n" + good + "\r\n{\"type\":\"result\"}\n" +
                                good.substr(0, 20) + "\n{\"type\":\"user\",\"x\":[}\n[]\n" + good,
                            &status);
  EXPECT_EQ(lines.size(), 4u);
  EXPECT_EQ(status.lines, 7);
  EXPECT_EQ(status.messages, 2);
  EXPECT_EQ(status.damaged, 4);
  EXPECT_EQ(status.trouble, "line 3: session_id: missing");
}

TEST(StreamJson, ALineThatIsTooLongIsSkipped) {
  test::Observed observed;
  StreamJson reader(observed.take());
  const std::string piece(std::size_t{4} << 20, 'x');
  reader.feed(R"({"type":"user","x":")", kNow_ms);
  for (int i = 0; i < 17; ++i) reader.feed(piece, kNow_ms);
  reader.feed(
      "\"}\n"
      R"({"type":"result","session_id":"s","uuid":"u"})",
      kNow_ms);
  reader.finish(kNow_ms);
  EXPECT_EQ(observed.lines.size(), 2u);
  EXPECT_EQ(reader.status().too_long, 1);
  EXPECT_EQ(reader.status().lines, 2);
}

TEST(StreamJson, MutationsNeverCrashNorGiveABadId) {
  test::for_mutations(fixture("stream.jsonl"), 3000, [](const std::string& bytes) {
    StreamJson reader([](const Observation& seen) {
      if (const auto* event = std::get_if<EventSeen>(&seen)) {
        EXPECT_TRUE(valid_session_id(event->session_id));
        EXPECT_FALSE(event->id.empty());
        EXPECT_GE(event->value, 0);
      }
      if (const auto* sums = std::get_if<AggregateSeen>(&seen)) {
        EXPECT_TRUE(sums->cost_nanousd == kUnknown || sums->cost_nanousd >= 0);
      }
    });
    reader.feed(bytes, kNow_ms);
    reader.finish(kNow_ms);
  });
  test::for_mutations(fixture("result.json"), 3000, [](const std::string& bytes) {
    int taken = 0;
    const auto done = parse_cli_json(bytes, kNow_ms, [&](const Observation&) { ++taken; });
    EXPECT_EQ(taken > 0, done.has_value());
  });
}

}  // namespace
}  // namespace shmeter::collector
