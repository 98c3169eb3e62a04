// SPDX-License-Identifier: MIT
// Events as a client exports them: captured ones beside the transcripts of the same session, tables
// of what else may be sent, and what becomes of bodies that somebody damaged.
#include "collector/source/otlp_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "tests/source/observed.hpp"
#include "tests/source/parsed_line.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

constexpr i64 kNow_ms = 1'795'295'300'500;
constexpr char kSession[] = "c9bec15a-c582-41d2-a016-dceacfb47ad5";

struct Answer {
  OtlpTaken taken;
  std::vector<std::string> lines;
  std::string error;
};

Answer post(std::string_view body, const OtlpLimits& limits = {}) {
  test::Observed observed;
  auto done = parse_otlp_logs(body, kNow_ms, observed.take(), limits);
  if (!done) return {{}, observed.lines, done.error().message};
  return {*done, observed.lines, {}};
}

/// Each value is written as it stands.
std::string record(const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::string list;
  for (const auto& [key, value] : attributes)
    list += (list.empty() ? "" : ",") + (R"({"key":")" + key + R"(","value":)") + value + "}";
  return R"({"timeUnixNano":"1795295245356999999","attributes":[)" + list + "]}";
}
std::string body(const std::string& records) {
  return R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)" + records + "]}]}]}";
}
std::string text(const std::string& value) { return R"({"stringValue":")" + value + R"("})"; }
std::string number(const std::string& value) { return R"({"intValue":)" + value + "}"; }

using Pairs = std::vector<std::pair<std::string, std::string>>;
Pairs request(const Pairs& more = {}) {
  Pairs pairs{{"event.name", text("api_request")},
              {"session.id", text("s")},
              {"request_id", text("req_1")}};
  pairs.insert(pairs.end(), more.begin(), more.end());
  return pairs;
}

std::vector<std::string> captured() {
  std::vector<std::string> bodies;
  for (int i = 0; i < 14; ++i) {
    const std::string path = SHMETER_TEST_DATA "/otlp/" + std::to_string(i) + "-logs.json";
    if (fs::exists(path)) bodies.push_back(test::contents(path));
  }
  return bodies;
}

/// All that was said of the captured session.
struct Captured {
  std::map<std::string, Tokens> requests;  // by request id
  std::map<std::string, std::string> agents;
  std::map<EventKind, std::set<std::string>> ids;
  i64 latency_ms = 0;

  void see(const Observation& seen) {
    if (const auto* request = std::get_if<RequestSeen>(&seen)) {
      if (request->session_id != kSession) return;
      requests[std::string(request->request_id)] = request->tokens;
      agents[std::string(request->request_id)] = request->agent;
      if (request->call.latency_ms > 0) latency_ms += request->call.latency_ms;
    }
    if (const auto* event = std::get_if<EventSeen>(&seen)) {
      if (event->session_id == kSession) ids[event->kind].insert(std::string(event->id));
    }
  }
};

Captured captured_logs() {
  Captured said;
  for (const std::string& bytes : captured()) {
    const auto taken =
        parse_otlp_logs(bytes, kNow_ms, [&](const Observation& seen) { said.see(seen); });
    EXPECT_TRUE(taken.has_value());
    EXPECT_EQ(taken.value_or(OtlpTaken{}).rejected, 0u);
  }
  return said;
}

Captured captured_transcripts() {
  Captured said;
  const std::string project = SHMETER_TEST_DATA "/claude-config/projects/-home-dev-proj/";
  for (const std::string& name :
       {std::string(kSession) + ".jsonl",
        std::string(kSession) + "/subagents/agent-a7124027ff6cbb224.jsonl"}) {
    std::ifstream in(project + name);
    for (std::string line; std::getline(in, line);)
      test::Parsed(line)->for_each([&](const Observation& seen) { said.see(seen); });
  }
  return said;
}

TEST(OtlpLogs, CapturedSessionHasAllRequestsOfItsClient) {
  const Captured said = captured_logs();
  EXPECT_EQ(said.requests.size(), 8u);
  Tokens sum;
  for (const auto& [id, tokens] : said.requests) {
    sum.input += tokens.input;
    sum.output += tokens.output;
    sum.read += tokens.read;
    sum.write_5m += tokens.write_5m;
    sum.write_1h += tokens.write_1h;
  }
  EXPECT_EQ(sum, (Tokens{96, 508, 120'000, 0, 64'000}));
  EXPECT_EQ(said.latency_ms, 18 + 41 + 14 + 27 + 55 + 19 + 10 + 8);
}

// Two requests made titles, which no transcript has.
TEST(OtlpLogs, SaysTheSameAsTheTranscriptsOfTheSession) {
  const Captured logs = captured_logs(), lines = captured_transcripts();
  EXPECT_EQ(lines.requests.size(), 6u);
  for (const auto& [id, tokens] : lines.requests) {
    SCOPED_TRACE(id);
    ASSERT_TRUE(logs.requests.contains(id));
    EXPECT_EQ(logs.requests.at(id), tokens);
    EXPECT_EQ(logs.agents.at(id), lines.agents.at(id));
  }
  EXPECT_EQ(logs.ids.at(EventKind::tool_call), lines.ids.at(EventKind::tool_call));
  // A task's notification is nobody's prompt, but only the transcript can tell.
  std::set<std::string> prompts = lines.ids.at(EventKind::message);
  EXPECT_EQ(prompts.size(), 3u);
  prompts.insert("8a761722-44b0-4d6a-8066-7eb7c6680c98");
  EXPECT_EQ(logs.ids.at(EventKind::message), prompts);
  EXPECT_THAT(logs.ids.at(EventKind::failure), ElementsAre("req_fake11", "req_fake12"));
}

TEST(OtlpLogs, TakesEachKind) {
  const struct {
    Pairs attributes;
    const char* said;
  } rows[] = {
      {{{"event.name", text("api_request")},
        {"session.id", text("s")},
        {"event.timestamp", text("2026-11-21T21:07:25.380Z")},
        {"model", text("claude-x")},
        {"input_tokens", number("12")},
        {"output_tokens", number("\"57\"")},
        {"cache_read_tokens", text("8000")},
        {"cache_creation_tokens", R"({"doubleValue":15000})"},
        {"cache_creation_1h_tokens", number("5000")},
        {"cost_usd", R"({"doubleValue":0.038894})"},
        {"duration_ms", text("17")},
        {"request_id", text("req_1")},
        {"query_source", text("repl_main_thread")}},
       "request session=s model=claude-x at=1795295245380 in=12 out=57 w5m=10000 w1h=5000 "
       "read=8000 source=7 endpoint=repl_main_thread latency=17"},
      {request({{"query_source", text("agent:builtin:Explore")}}),
       "request session=s at=1795295245356 in=0 out=0 w5m=0 w1h=0 read=0 agent=Explore source=7 "
       "endpoint=agent:builtin:Explore"},
      {request({{"query_source", text("agent:custom")}, {"agent.name", text("custom")}}),
       "request session=s at=1795295245356 in=0 out=0 w5m=0 w1h=0 read=0 agent=subagent source=7 "
       "endpoint=agent:custom"},
      {request({{"agent_id", text("a1")}, {"agent.name", text("team:reviewer")}}),
       "request session=s at=1795295245356 in=0 out=0 w5m=0 w1h=0 read=0 agent=team:reviewer "
       "source=7"},
      // The parts may sum to less than all writes, or to more.
      {request(
           {{"cache_creation_tokens", number("10")}, {"cache_creation_5m_tokens", number("4")}}),
       "request session=s at=1795295245356 in=0 out=0 w5m=10 w1h=0 read=0 source=7"},
      {request(
           {{"cache_creation_5m_tokens", number("4")}, {"cache_creation_1h_tokens", number("3")}}),
       "request session=s at=1795295245356 in=0 out=0 w5m=4 w1h=3 read=0 source=7"},
      {{{"event.name", text("tool_result")},
        {"session.id", text("s")},
        {"tool_name", text("Bash")},
        {"tool_use_id", text("toolu_1")},
        {"success", text("false")},
        {"duration_ms", text("32")}},
       "tool_call session=s id=toolu_1 name=Bash at=1795295245356 value=1 source=7 latency=32 "
       "failed=yes"},
      {{{"event.name", text("tool_result")},
        {"session.id", text("s")},
        {"tool_use_id", text("toolu_1")},
        {"success", R"({"boolValue":true})"}},
       "tool_call session=s id=toolu_1 at=1795295245356 value=1 source=7"},
      {{{"event.name", text("user_prompt")},
        {"session.id", text("s")},
        {"prompt", text("secret")},
        {"user.email", text("a@b.c")},
        {"prompt.id", text("p1")},
        {"message.uuid", text("u1")}},
       "message session=s id=p1 at=1795295245356 value=1 source=7"},
      {{{"event.name", text("user_prompt")},
        {"session.id", text("s")},
        {"message.uuid", text("u1")}},
       "message session=s id=u1 at=1795295245356 value=1 source=7"},
      {{{"event.name", text("api_error")},
        {"session.id", text("s")},
        {"error", text("secret")},
        {"status_code", text("529")},
        {"duration_ms", number("10")},
        {"request_id", text("req_2")},
        {"query_source", text("sdk")}},
       "failure session=s id=req_2 name=overloaded at=1795295245356 value=1 source=7 endpoint=sdk "
       "latency=10"},
      {{{"event.name", text("api_error")},
        {"session.id", text("s")},
        {"event.sequence", number("59")},
        {"status_code", text("undefined")}},
       "failure session=s id=s/59/1795295245356 name=unknown at=1795295245356 value=1 source=7 "
       "endpoint=messages"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.said);
    const Answer answer = post(body(record(row.attributes)));
    EXPECT_EQ(answer.taken.accepted, 1u) << answer.taken.reason << answer.error;
    EXPECT_THAT(answer.lines, ElementsAre(row.said));
  }
}

TEST(OtlpLogs, HandsOverWhatATelemetryRequestIsJoinedBy) {
  std::vector<RequestSeen> seen;
  const std::string bytes = body(record(request({{"speed", text("fast")}})) + ',' +
                                 record(request({{"agent_id", text("a")}})));
  ASSERT_TRUE(parse_otlp_logs(bytes, kNow_ms, [&](const Observation& observation) {
                const RequestSeen& one = std::get<RequestSeen>(observation);
                EXPECT_EQ(one.request_id, "req_1");
                seen.push_back(one);
              }).has_value());
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_TRUE(seen[0].message_id.empty() && seen[0].uuid.empty());
  EXPECT_TRUE(seen[0].fast && seen[0].has_speed);
  EXPECT_TRUE(!seen[1].fast && !seen[1].has_speed);
}

TEST(OtlpLogs, RefusesARequestOfWhichIdsAreNoLongerKept) {
  const auto at = [](const char* event, const char* time) {
    return body(record({{"event.name", text(event)},
                        {"session.id", text("s")},
                        {"event.timestamp", text(time)},
                        {"request_id", text("req_1")},
                        {"prompt.id", text("p")}}));
  };
  EXPECT_EQ(post(at("api_request", "2026-11-20T21:08:21Z")).taken.accepted, 1u);
  const Answer old = post(at("api_request", "2026-11-20T21:08:20Z"));
  EXPECT_EQ(old.taken.rejected, 1u);
  EXPECT_EQ(old.taken.reason, "api_request.event.timestamp: more than a day ago");
  EXPECT_TRUE(old.lines.empty());
  EXPECT_EQ(post(at("user_prompt", "2026-11-01T00:00:00Z")).taken.accepted, 1u);
}

TEST(OtlpLogs, TakesTheNameOfAnEventFromWhereItStands) {
  const char* const attributes = R"("attributes":[{"key":"session.id","value":{"stringValue":"s"}},
      {"key":"prompt.id","value":{"stringValue":"p"}}],"timeUnixNano":1795295245356000000)";
  for (const std::string name : {R"("body":{"stringValue":"claude_code.user_prompt"})",
                                 R"("eventName":"claude_code.user_prompt")"})
    EXPECT_THAT(post(body("{" + name + "," + attributes + "}")).lines,
                ElementsAre("message session=s id=p at=1795295245356 value=1 source=7"));
}

TEST(OtlpLogs, AcceptsWhatItHasNoUseFor) {
  const Pairs rows[] = {
      {},
      {{"event.name", text("assistant_response")}},
      {{"event.name", number("7")}},
      // An aggregate: nobody could say whether it was counted already.
      {{"event.name", text("api_request")}, {"session.id", text("s")}},
      // The client's own words: nobody was asked.
      request({{"model", text("<synthetic>")}}),
      {{"event.name", text("tool_result")}, {"session.id", text("s")}},
      {{"event.name", text("user_prompt")}, {"session.id", text("s")}},
      {{"event.name", text("user_prompt")},
       {"session.id", text("s")},
       {"prompt.id", text("p")},
       {"command_name", text("exit")},
       {"command_source", text("builtin")}},
  };
  for (const Pairs& row : rows) {
    const Answer answer = post(body(record(row)));
    EXPECT_EQ(answer.taken.accepted, 1u) << answer.taken.reason;
    EXPECT_TRUE(answer.lines.empty()) << answer.lines.front();
  }
  for (const char* const empty : {"{}", R"({"resourceLogs":[]})", R"({"resourceLogs":[{}]})",
                                  R"({"resourceLogs":[{"scopeLogs":[{}]}],"more":1})"})
    EXPECT_EQ(post(empty).error, "") << empty;
}

TEST(OtlpLogs, RejectsARecordAndTakesTheOthers) {
  const std::string good = record(request());
  const std::string many = [] {
    Pairs pairs = request();
    for (int i = 0; i < 300; ++i) pairs.emplace_back("k" + std::to_string(i), number("1"));
    return record(pairs);
  }();
  const struct {
    std::string bad;
    const char* reason;
  } rows[] = {
      {"7", "a log record is not an object"},
      {many, "a log record has more than 256 attributes"},
      {record({{"event.name", text("api_request")}, {"request_id", text("r")}}),
       "api_request.session.id: missing, or not a session id"},
      {record({{"event.name", text("user_prompt")}, {"session.id", text("a b")}}),
       "user_prompt.session.id: missing, or not a session id"},
      {record(request({{"event.timestamp", text("2026-11-21T21:30:00Z")}})),
       "api_request.event.timestamp: in the future"},
      {R"({"attributes":[{"key":"event.name","value":{"stringValue":"api_error"}},
          {"key":"session.id","value":{"stringValue":"s"}}],"timeUnixNano":"-5"})",
       "api_error.event.timestamp: missing, or not a time"},
      {record(request({{"input_tokens", number("-1")}})),
       "api_request.input_tokens: not a number from 0 to 4294967295"},
      {record(request({{"output_tokens", number("4294967296")}})),
       "api_request.output_tokens: not a number from 0 to 4294967295"},
      {record(request({{"cache_read_tokens", text("NaN")}})),
       "api_request.cache_read_tokens: not a number from 0 to 4294967295"},
      {record({{"event.name", text("tool_result")},
               {"session.id", text("s")},
               {"tool_use_id", text(std::string(257, 'x'))}}),
       "tool_result.tool_use_id: too long"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.reason);
    const Answer answer = post(body(row.bad + ',' + good + ',' + row.bad));
    EXPECT_EQ(answer.taken.accepted, 1u);
    EXPECT_EQ(answer.taken.rejected, 2u);
    EXPECT_EQ(answer.taken.reason, row.reason);
    EXPECT_EQ(answer.lines.size(), 1u);
  }
}

TEST(OtlpLogs, HasLimits) {
  const std::string three = body(record(request()) + ',' + record(request()) + ',' + "{}");
  const Answer answer = post(three, {.records = 2});
  EXPECT_EQ(answer.taken.accepted, 2u);
  EXPECT_EQ(answer.taken.rejected, 1u);
  EXPECT_EQ(answer.taken.reason, "more than 2 log records");
  EXPECT_EQ(post(three, {.bytes = three.size()}).error, "");
  EXPECT_EQ(post(three, {.bytes = three.size() - 1}).error,
            "too long: " + std::to_string(three.size()) + " bytes, at most " +
                std::to_string(three.size() - 1));
}

TEST(OtlpLogs, RefusesWhatIsNoOtlp) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const struct {
    std::string bytes;
    const char* error;
  } rows[] = {
      {"", "not JSON: nothing at all"},
      {"[]", "not OTLP: not an object"},
      {"7", "not OTLP: not an object"},
      {R"({"resourceMetrics":[]})", "not OTLP: resourceLogs missing"},
      {R"({"resourceLogs":{}})", "resourceLogs: not an array"},
      {R"({"resourceLogs":[)", "not JSON"},
      {deep, "not JSON"},
      {R"({"resourceLogs":)" + deep + "}", "not JSON"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.bytes.substr(0, 40));
    const Answer answer = post(row.bytes);
    EXPECT_EQ(answer.error.substr(0, std::string_view(row.error).size()), row.error);
    EXPECT_TRUE(answer.lines.empty());
  }
  const std::string whole = captured().at(1);
  for (std::size_t bytes = 1; bytes < whole.size(); bytes += 97)
    ASSERT_NE(post(whole.substr(0, bytes)).error, "") << bytes;
}

TEST(OtlpLogs, CutsANameBetweenCodePoints) {
  const Answer answer =
      post(body(record(request({{"model", text("x" + std::string(254, 'y') + "\xc3\xa9")}}))));
  ASSERT_EQ(answer.lines.size(), 1u);
  EXPECT_NE(answer.lines[0].find("model=x" + std::string(254, 'y') + " at="), std::string::npos);
}

void expect_believable(const Observation& seen) {
  const auto id = [](std::string_view text) { EXPECT_LE(text.size(), 256u); };
  if (const auto* request = std::get_if<RequestSeen>(&seen)) {
    EXPECT_TRUE(valid_session_id(request->session_id));
    id(request->request_id), id(request->model), id(request->agent), id(request->call.endpoint);
    EXPECT_FALSE(request->request_id.empty());
    const Tokens& t = request->tokens;
    for (const i64 count : {t.input, t.output, t.read, t.write_5m, t.write_1h})
      EXPECT_TRUE(count >= 0 && count <= 0xffffffff) << count;
    EXPECT_TRUE(request->call.latency_ms == kUnknown || request->call.latency_ms >= 0);
    EXPECT_TRUE(request->at_ms >= 0 && request->at_ms <= kNow_ms + 300'000);
  } else {
    const EventSeen& event = std::get<EventSeen>(seen);
    EXPECT_TRUE(valid_session_id(event.session_id));
    id(event.id), id(event.name), id(event.agent), id(event.call.endpoint);
    EXPECT_FALSE(event.id.empty());
    EXPECT_EQ(event.value, 1);
    EXPECT_TRUE(event.call.latency_ms == kUnknown || event.call.latency_ms >= 0);
    EXPECT_TRUE(event.at_ms >= 0 && event.at_ms <= kNow_ms + 300'000);
  }
}

TEST(OtlpLogs, DamagedBodiesSayNothingUnbelievable) {
  std::size_t taken = 0, refused = 0;
  for (const std::string& whole : captured())
    test::for_mutations(whole, 400, [&](const std::string& bytes) {
      const auto done = parse_otlp_logs(bytes, kNow_ms, expect_believable);
      done ? ++taken : ++refused;
    });
  EXPECT_GT(taken, 0u);
  EXPECT_GT(refused, 0u);
}

TEST(OtlpResponse, SaysWhatWasRejected) {
  EXPECT_EQ(otlp_response(OtlpSignal::logs, {5, 0, ""}), "{}");
  EXPECT_EQ(otlp_response(OtlpSignal::logs, {5, 2, "a: b"}),
            R"({"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"a: b"}})");
  EXPECT_EQ(otlp_response(OtlpSignal::metrics, {0, 3, "a \"quoted\\\n"}),
            R"({"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"a 'quoted''"}})");
}

}  // namespace
}  // namespace shmeter::collector
