// SPDX-License-Identifier: MIT
#include "collector/source/events_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/source/observed.hpp"

namespace shmeter::collector {
namespace {

using testing::ElementsAre;

constexpr i64 kNow_ms = 1'795'295'300'500;

struct Answer {
  std::vector<std::string> ids;
  std::vector<std::string> lines;
  std::string error;
};

Answer post(const std::string& json) {
  test::Observed observed;
  int made = 0;
  auto done = parse_events(
      json, kNow_ms, [&] { return "made-" + std::to_string(++made); }, observed.take());
  if (!done) return {{}, observed.lines, done.error().message};
  return {*done, observed.lines, {}};
}

TEST(EventsJson, TakesEachKind) {
  const struct {
    const char *json, *said;
  } rows[] = {
      {R"({"session_id":"s","event_type":"tool_call","value":1,"id":"toolu_1"})",
       "tool_call session=s id=toolu_1 at=1795295300500 value=1 source=6"},
      {R"({"session_id":"s","event_type":"message"})",
       "message session=s id=made-1 at=1795295300500 value=1 source=6"},
      {R"({"session_id":"s","event_type":"message","agent_name":"main","created_at":1795295300})",
       "message session=s id=made-1 at=1795295300000 value=1 source=6"},
      {R"({"session_id":"s","event_type":"compute","value":1.25,"agent_name":"Explore",
           "created_at":"2026-11-21T23:00:00.5+02:00"})",
       "compute session=s id=made-1 agent=Explore at=1795294800500 value=1250 source=6"},
      {R"({"session_id":"s","event_type":"tokens","value":30,"input_tokens":10,"output_tokens":20,
           "cache_read_tokens":5,"cache_creation_tokens":7,"cache_creation_1h_tokens":3,
           "id":"7","model":"claude-x","cost_usd":0.5,"endpoint":"chat","key":"team",
           "is_error":true,"latency_ms":12})",
       "request uuid=posted:7 session=s model=claude-x at=1795295300500 in=10 out=20 w5m=4 w1h=3 "
       "read=5 source=6 cost=500000000 endpoint=chat key=team latency=12 failed=yes"},
      {R"({"session_id":"s","event_type":"tokens","input_tokens":10})",
       "request uuid=posted:made-1 session=s at=1795295300500 in=10 out=0 w5m=0 w1h=0 read=0 "
       "source=6"},
      // Nobody said which kind: the dearer one.
      {R"({"session_id":"s","event_type":"tokens","value":30})",
       "request uuid=posted:made-1 session=s at=1795295300500 in=0 out=30 w5m=0 w1h=0 read=0 "
       "source=6"},
      {R"({"session_id":"s","event_type":"tokens","value":0,"cache_creation_5m_tokens":2,
           "cache_creation_1h_tokens":3})",
       "request uuid=posted:made-1 session=s at=1795295300500 in=0 out=0 w5m=2 w1h=3 read=0 "
       "source=6"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    const Answer answer = post(row.json);
    EXPECT_EQ(answer.error, "");
    EXPECT_THAT(answer.lines, ElementsAre(row.said));
    EXPECT_EQ(answer.ids.size(), 1u);
  }
}

TEST(EventsJson, AnArrayIsTakenInOrder) {
  const Answer answer = post(R"([{"session_id":"a","event_type":"message","id":"x"},
                                 {"session_id":"b","event_type":"message"},
                                 {"session_id":"c","event_type":"message"}])");
  EXPECT_THAT(answer.ids, ElementsAre("x", "made-1", "made-2"));
  EXPECT_EQ(answer.lines.size(), 3u);
  EXPECT_TRUE(post("[]").ids.empty());
  EXPECT_EQ(post("[]").error, "");
}

TEST(EventsJson, NamesIndexAndMemberAndTakesNothing) {
  const struct {
    const char *json, *error;
  } rows[] = {
      {"7", "not an object"},
      {"{}", "event_type: missing"},
      {R"({"event_type":"message"})", "session_id: missing"},
      {R"({"event_type":"message","session_id":7})", "session_id: not a text"},
      {R"({"event_type":"message","session_id":"a b"})",
       "session_id: not a session id: 1-64 of [A-Za-z0-9._:-]"},
      {R"({"event_type":"token","session_id":"s"})",
       "event_type: none of tokens, tool_call, message, compute"},
      {R"({"event_type":"tokens","session_id":"s"})", "value: missing"},
      {R"({"event_type":"tokens","session_id":"s","value":1,"model":"<synthetic>"})",
       "model: no model of the service"},
      {R"({"event_type":"compute","session_id":"s"})", "value: missing"},
      {R"({"event_type":"compute","session_id":"s","value":-1})", "value: negative"},
      {R"({"event_type":"compute","session_id":"s","value":1e10})",
       "value: not a number from 0 to 1000000000"},
      {R"({"event_type":"message","session_id":"s","value":1.5})", "value: not a whole number"},
      {R"({"event_type":"tokens","session_id":"s","value":4,"input_tokens":1,"output_tokens":2})",
       "value: not the sum of input_tokens and output_tokens"},
      {R"({"event_type":"tokens","session_id":"s","value":4294967296})",
       "value: not a number from 0 to 4294967295"},
      {R"({"event_type":"tokens","session_id":"s","input_tokens":4294967296})",
       "input_tokens: not a number from 0 to 4294967295"},
      {R"({"event_type":"tokens","session_id":"s","value":0,"cache_creation_tokens":4,
           "cache_creation_1h_tokens":5})",
       "cache_creation_tokens: less than its 5m and 1h parts"},
      {R"({"event_type":"tokens","session_id":"s","value":1,"cost_usd":"1"})",
       "cost_usd: not a number"},
      {R"({"event_type":"message","session_id":"s","id":""})", "id: empty"},
      {R"({"event_type":"message","session_id":"s","agent_name":"a\u001bb"})",
       "agent_name: not an agent: 1-128 bytes without control characters"},
      {R"({"event_type":"message","session_id":"s","created_at":"yesterday"})",
       "created_at: not a time: ISO 8601 with its offset, or epoch seconds"},
      {R"({"event_type":"message","session_id":"s","created_at":true})",
       "created_at: not a time: ISO 8601 with its offset, or epoch seconds"},
      {R"({"event_type":"message","session_id":"s","created_at":1795295900})",
       "created_at: in the future"},
      {R"({"event_type":"message","session_id":"s","created_at":1795295300500})",
       "created_at: not a number from 0 to 100000000000"},
      {R"({"event_type":"message","session_id":"s","is_error":"no"})",
       "is_error: not true or false"},
      {R"([{"event_type":"message","session_id":"s"},{"event_type":"message","session_id":"s","value":-1}])",
       "[1].value: negative"},
      {R"([[]])", "[0]: not an object"},
      {R"([{"event_type":"message","session_id":"s"}, 7])", "[1]: not an object"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    const Answer answer = post(row.json);
    EXPECT_EQ(answer.error, row.error);
    EXPECT_TRUE(answer.lines.empty());
  }
  const std::string name(300, 'n');
  EXPECT_EQ(post(R"({"event_type":"message","session_id":"s","id":")" + name + "\"}").error,
            "id: too long: 300 bytes, at most 256");
}

TEST(EventsJson, ABoundedNumberOfThem) {
  std::string json = "[";
  for (std::size_t i = 0; i <= kMaxEvents; ++i)
    json += R"({"session_id":"s","event_type":"message"},)";
  json.back() = ']';
  const Answer answer = post(json);
  EXPECT_EQ(answer.error, "more than 100000 events");
  EXPECT_TRUE(answer.lines.empty());
}

TEST(EventsJson, MutationsAreTakenWholeOrNotAtAll) {
  const std::string whole =
      R"([{"session_id":"s","event_type":"tokens","value":30,"input_tokens":10,"output_tokens":20,"id":"7","created_at":1795295300},{"session_id":"s","event_type":"compute","value":1.5,"agent_name":"x"},{"session_id":"s","event_type":"tool_call","value":1,"id":"t"}])";
  test::for_mutations(whole, 6000, [](const std::string& json) {
    const Answer answer = post(json);
    EXPECT_EQ(answer.ids.size(), answer.lines.size());
    if (!answer.error.empty()) {
      EXPECT_TRUE(answer.lines.empty());
    }
    for (const std::string& id : answer.ids) EXPECT_FALSE(id.empty());
  });
}

}  // namespace
}  // namespace shmeter::collector
