// SPDX-License-Identifier: MIT
// What lines count beside tokens: tool calls, prompts, turns, failures, and who acted.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/source/parsed_line.hpp"

namespace shmeter::collector {
namespace {

using test::Parsed;

constexpr std::string_view kTail =
    R"("uuid":"u1","timestamp":"2026-11-21T21:06:54.065Z","sessionId":"s1"})";
constexpr i64 kAt_ms = 1'795'295'214'065;

using test::Events;
using test::events_of;

std::string answer(const std::string& content, const std::string& more = "") {
  return R"({"isSidechain":false,)" + more + R"("message":{"id":"m1","content":)" + content +
         R"(,"model":"claude-sonnet-5-5","usage":{"input_tokens":1}},"type":"assistant",)" +
         std::string(kTail);
}

std::string user(const std::string& content, const std::string& more = "") {
  return R"({"isSidechain":false,"type":"user","message":{"role":"user","content":)" + content +
         "}," + more + std::string(kTail);
}

TEST(TranscriptEvents, ToolCallsTable) {
  const std::string long_id(10'000, 'x');
  const struct {
    std::string content;
    Events want;
  } rows[] = {
      {R"([{"type":"text","text":"hello"}])", {}},
      {R"([{"type":"tool_use","id":"t1","name":"Bash","input":{"id":"no","name":"no"}}])",
       {"tool_call:t1:Bash::1"}},
      {R"([{"input":{"type":"text"},"name":"Bash","id":"t1","type":"tool_use"}])",
       {"tool_call:t1:Bash::1"}},
      {R"([{"type":"text","text":"a"},{"type":"tool_use","id":"t1","name":"A"},)"
       R"({"type":"thinking"},{"type":"tool_use","id":"t2","name":"B"}])",
       {"tool_call:t1:A::1", "tool_call:t2:B::1"}},
      {R"([{"type":"server_tool_use","id":"s1","name":"web_search"}])",
       {"tool_call:s1:web_search::1"}},
      {R"([{"type":"tool_use","id":"t\u0031","name":"B\u0061sh"}])", {"tool_call:t1:Bash::1"}},
      {R"([{"type":"tool\u005fuse","id":"t1","name":"Bash"}])", {"tool_call:t1:Bash::1"}},
      {R"([{"ty\u0070e":"tool_use","id":"t1","name":"Bash"}])", {"tool_call:t1:Bash::1"}},
      {R"([{"type":"tool_use","id":"t1"}])", {"tool_call:t1:::1"}},
      {R"([{"type":"tool_use","id":"t1","name":7}])", {"tool_call:t1:::1"}},
      {R"([{"type":"tool_use","name":"Bash"}])", {}},
      {R"([{"type":"tool_use","id":"","name":"Bash"}])", {}},
      {R"([{"type":"tool_use","id":7,"name":"Bash"}])", {}},
      {R"([{"type":"tool_use","id":["t1"],"name":"Bash"}])", {}},
      {R"([{"type":"tool_use","id":")" + long_id + R"(","name":"Bash"}])", {}},
      {R"([{"type":"tool_use_not","id":"t1","name":"Bash"}])", {}},
      {R"([{"type":"tool_result","tool_use_id":"t1"}])", {}},
      {R"([[{"type":"tool_use","id":"t1","name":"Bash"}]])", {}},
      {R"({"type":"tool_use","id":"t1","name":"Bash"})", {}},
      {R"(["tool_use",1,null,true,{}])", {}},
      {R"("tool_use")", {}},
      {"null", {}},
      {"[]", {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.content.substr(0, 200));
    const Parsed line(answer(row.content));
    ASSERT_EQ(line->verdict, LineVerdict::seen);
    EXPECT_TRUE(line->request);
    EXPECT_EQ(events_of(*line), row.want);
    for (const EventSeen& event : line->events) {
      EXPECT_EQ(event.session_id, "s1");
      EXPECT_EQ(event.at_ms, kAt_ms);
      EXPECT_EQ(event.source, Source::transcript);
    }
  }
}

TEST(TranscriptEvents, BlocksAndNamesHaveALimit) {
  std::string blocks = "[";
  for (std::size_t i = 0; i < kMaxText; ++i)
    blocks += R"({"type":"tool_use","id":"t)" + std::to_string(i) + R"(","name":"N"},)";
  blocks += "{}]";
  const Parsed many(answer(blocks));
  EXPECT_EQ(many->verdict, LineVerdict::seen);
  EXPECT_EQ(many->events.size(), 1024u);
  // Cut between characters: 255 bytes, then one of two bytes.
  const Parsed named(
      answer(R"([{"type":"tool_use","id":"t","name":")" + std::string(255, 'n') + "ä" + R"("}])"));
  ASSERT_EQ(named->events.size(), 1u);
  EXPECT_EQ(named->events[0].name, std::string(255, 'n'));
}

TEST(TranscriptEvents, PromptsTable) {
  const std::string typed = R"("origin":{"kind":"human"},"promptSource":"typed","promptId":"p1",)";
  const std::string system = R"("promptSource":"system","promptId":"p1",)";
  const Events none;
  const Events by_uuid = {"message:u1:::1"};
  const Events by_prompt = {"message:p1:::1"};
  const struct {
    std::string line;
    Events want;
    std::string turn;  // what begins one
  } rows[] = {
      {user(R"("hello")"), by_uuid, "u1"},
      {user(R"("hello")", typed), by_prompt, "p1"},
      {user(R"("hello")", R"("promptSource":"sdk","promptId":"p1",)"), by_prompt, "p1"},
      {user(R"("hello")", R"("origin":{"kind":"peer"},"promptId":"p1",)"), by_prompt, "p1"},
      {user(R"("h\u0065llo")", R"("promptId":"p\u0031",)"), by_prompt, "p1"},
      {user(R"([{"type":"text","text":"hello"}])"), by_uuid, "u1"},
      {user(R"([{"type":"image","source":{}}])"), by_uuid, "u1"},
      {user(R"([{"type":"tool_result","content":"x"},{"type":"text","text":"go on"}])"), by_uuid,
       "u1"},
      {user(R"([{"type":"text","text":"<system-reminder>x"},{"type":"text","text":"hi"}])"),
       by_uuid, "u1"},
      {user(R"("<command-message>init</command-message>\n<command-name>/init</command-name>")"),
       by_uuid, "u1"},
      {user(R"("hello")", R"("promptId":7,)"), by_uuid, "u1"},
      // A result is no prompt, nor is what nobody sent.
      {user(R"([{"type":"tool_result","tool_use_id":"t1","content":"x"}])", typed), none, ""},
      {user(R"([{"tool_use_id":"t1","type":"tool\u005fresult"}])"), none, ""},
      {user(R"("")"), none, ""},
      {user(R"("  \n")"), none, ""},
      {user("null"), none, ""},
      {user("{}"), none, ""},
      {user("[]"), none, ""},
      {user(R"(["hello",{}])"), none, ""},
      {user(R"("hello")", R"("isMeta":true,)" + typed), none, ""},
      {user(R"("hello")", R"("isCompactSummary":true,)" + typed), none, ""},
      {user(R"("hello")", R"("isVisibleInTranscriptOnly":true,)"), none, ""},
      {user(R"("hello")", R"("isMeta":false,)" + typed), by_prompt, "p1"},
      {user(R"("hello")", R"("isSidechain":true,)"), none, ""},
      // What the client made itself begins a turn, but nobody sent it.
      {user(R"("go on")", system), none, "p1"},
      {user(R"("x")", R"("origin":{"kind":"task-notification"},"promptId":"p1",)"), none, "p1"},
      {user(R"("x")", R"("promptSource":"queued","origin":{"kind":"task-notification"},)"), none,
       "u1"},
      {user(R"("<task-notification>\n<task-id>7")"), none, "u1"},
      // Old clients: commands that the client runs, and what they print.
      {user(R"("<command-name>/clear</command-name>\n<command-message>clear</command-message>")"),
       none, ""},
      {user(R"("<local-command-stdout>done</local-command-stdout>")"), none, ""},
      {user(R"("<local-command-stderr>no</local-command-stderr>")"), none, ""},
      {user(R"("<bash-input>ls</bash-input>")"), none, ""},
      {user(R"("<bash-stdout>a</bash-stdout><bash-stderr></bash-stderr>")"), none, ""},
      {user(R"("<user-memory-input>remember</user-memory-input>")"), none, ""},
      {user(R"("Caveat: The messages below were generated by the user while running local )"
            R"(commands. DO NOT respond to these messages.")"),
       none, ""},
      {user(R"([{"type":"text","text":"[Request interrupted by user for tool use]"}])"), none, ""},
      {user(R"([{"type":"image"},{"type":"text","text":"[Request interrupted by user]"}])"), none,
       ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.line);
    const Parsed line(row.line);
    ASSERT_NE(line->verdict, LineVerdict::damaged);
    EXPECT_EQ(line->verdict == LineVerdict::seen, !row.want.empty());
    EXPECT_EQ(events_of(*line), row.want);
    EXPECT_EQ(line->turn_prompt, row.turn);
    EXPECT_EQ(line->turn_began_ms, row.turn.empty() ? kUnknown : kAt_ms);
    EXPECT_FALSE(line->request || line->session);
  }
}

TEST(TranscriptEvents, PromptsWithoutTimeOrIdAreNotCounted) {
  const Parsed timeless(R"({"type":"user","uuid":"u1","message":{"content":"hello"}})");
  EXPECT_EQ(timeless->verdict, LineVerdict::nothing);
  const Parsed nameless(
      R"({"type":"user","timestamp":"2026-11-21T21:06:54Z","message":{"content":"hello"}})");
  EXPECT_EQ(nameless->verdict, LineVerdict::nothing);
  const Parsed damaged(R"({"type":"user","timestamp":"soon","message":{"content":"hello"}})");
  EXPECT_EQ(damaged->verdict, LineVerdict::damaged);
  const std::string long_id(10'000, 'p');
  const Parsed fallback(user(R"("hello")", R"("promptId":")" + long_id + R"(",)"));
  EXPECT_EQ(events_of(*fallback), Events{"message:u1:::1"});
}

// Typed while a turn was running, a prompt becomes an attachment and never a user's line.
TEST(TranscriptEvents, QueuedPromptsTable) {
  const auto attachment = [](const std::string& members, const std::string& more = "") {
    return R"({"isSidechain":false,)" + more + R"("attachment":{)" + members +
           R"(},"type":"attachment","promptId":"p1",)" + std::string(kTail);
  };
  const struct {
    std::string line;
    bool counts;
  } rows[] = {
      {attachment(R"("type":"queued_command","prompt":"more","commandMode":"prompt")"), true},
      {attachment(R"("type":"queued_command","prompt":"more")"), true},
      {attachment(R"("type":"queued_command","prompt":[{"type":"text","text":"more"}])"), true},
      {attachment(R"("prompt":"more","origin":{"kind":"human"},"type":"queued_command")"), true},
      {attachment(R"("type":"queued\u005fcommand","prompt":"more")"), true},
      {attachment(R"("type":"queued_command","prompt":"x","commandMode":"task-notification")"),
       false},
      {attachment(R"("type":"queued_command","prompt":"x","origin":{"kind":"task-notification"})"),
       false},
      {attachment(R"("type":"queued_command","prompt":"<task-notification>x")"), false},
      {attachment(R"("type":"queued_command","prompt":"x")", R"("isMeta":true,)"), false},
      {attachment(R"("type":"queued_command","prompt":"x")", R"("isSidechain":true,)"), false},
      {attachment(R"("type":"queued_command")"), false},
      {attachment(R"("type":"environment","prompt":"x")"), false},
      {attachment(R"("type":7)"), false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.line);
    const Parsed line(row.line);
    ASSERT_NE(line->verdict, LineVerdict::damaged);
    EXPECT_EQ(events_of(*line), row.counts ? Events{"message:u1:::1"} : Events{});
    EXPECT_EQ(line->turn_prompt, "");
  }
}

TEST(TranscriptEvents, TurnDurationsTable) {
  const auto system = [](const std::string& members) {
    return R"({"isSidechain":false,"type":"system",)" + members + "," + std::string(kTail);
  };
  const struct {
    std::string line;
    Events want;
  } rows[] = {
      {system(R"("subtype":"turn_duration","durationMs":197)"), {"compute:u1:::197"}},
      {system(R"("subtype":"turn\u005fduration","durationMs":197)"), {"compute:u1:::197"}},
      {system(R"("subtype":"turn_duration","durationMs":0)"), {"compute:u1:::0"}},
      {system(R"("subtype":"turn_duration","durationMs":1.6)"), {"compute:u1:::2"}},
      {system(R"("subtype":"turn_duration","durationMs":2678400000)"), {"compute:u1:::2678400000"}},
      {system(R"("subtype":"turn_duration","durationMs":2678400001)"), {}},
      {system(R"("subtype":"turn_duration","durationMs":1e300)"), {}},
      {system(R"("subtype":"turn_duration","durationMs":-1)"), {}},
      {system(R"("subtype":"turn_duration","durationMs":"197")"), {}},
      {system(R"("subtype":"turn_duration","durationMs":null)"), {}},
      {system(R"("subtype":"turn_duration")"), {}},
      {system(R"("subtype":"stop_hook_summary","durationMs":197)"), {}},
      {system(R"("subtype":"turn_duration","durationMs":197,"isSidechain":true)"), {}},
      {system(R"("subtype":7,"durationMs":197)"), {}},
      {R"({"type":"system","subtype":"turn_duration","durationMs":5,"uuid":"u"})", {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.line);
    const Parsed line(row.line);
    ASSERT_NE(line->verdict, LineVerdict::damaged);
    EXPECT_EQ(events_of(*line), row.want);
    EXPECT_EQ(line->turn_timed, !row.want.empty());
    EXPECT_FALSE(line->session);
  }
}

TEST(TranscriptEvents, ACompactionClearsTheContext) {
  const std::string boundary =
      R"({"type":"system","subtype":"compact_boundary","cwd":"/p","compactMetadata":{"preTokens":9},)" +
      std::string(kTail);
  const Parsed line(boundary);
  ASSERT_TRUE(line->session);
  EXPECT_TRUE(line->session->context_cleared);
  EXPECT_EQ(line->session->session_id, "s1");
  EXPECT_EQ(line->session->at_ms, kAt_ms);
  EXPECT_EQ(line->session->cwd, "/p");
  EXPECT_EQ(line->session->context_used_tokens, kUnknown);
  EXPECT_FALSE(Parsed(answer("[]"))->session->context_cleared);
  std::string of_agent = boundary;
  of_agent.insert(1, R"("isSidechain":true,)");
  EXPECT_FALSE(Parsed(of_agent)->session);
}

TEST(TranscriptEvents, FailuresTable) {
  const auto error_line = [](const std::string& members) {
    return R"({"type":"assistant",)" + members +
           R"("message":{"id":"m1","model":"<synthetic>","usage":{"input_tokens":0}},)" +
           R"("timestamp":"2026-11-21T21:06:54.065Z","sessionId":"s1"})";
  };
  const struct {
    std::string members;
    Events want;
  } rows[] = {
      {R"("isApiErrorMessage":true,"error":"rate_limit","uuid":"u1",)",
       {"failure:u1:rate_limit::1"}},
      {R"("isApiErrorMessage":true,"uuid":"u1",)", {"failure:u1:::1"}},
      {R"("isApiErrorMessage":true,"error":{"a":1},)", {"failure:m1:::1"}},
      {R"("isApiErrorMessage":false,"error":"rate_limit","uuid":"u1",)", {}},
      {R"("error":"rate_limit","uuid":"u1",)", {}},
      {R"("isApiErrorMessage":"true","uuid":"u1",)", {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.members);
    const Parsed line(error_line(row.members));
    ASSERT_EQ(line->verdict, LineVerdict::seen);
    EXPECT_EQ(events_of(*line), row.want);
    EXPECT_FALSE(line->request);
    if (!line->events.empty()) {
      EXPECT_EQ(line->events[0].call.endpoint, "messages");
    }
  }
  // Two old forms of a limit: neither says which window it is of.
  const Parsed old(
      R"({"type":"assistant","isApiErrorMessage":true,"message":{"model":"<synthetic>","content":)"
      R"([{"type":"text","text":"Claude AI usage limit reached|1795302457"}]},)" +
      std::string(kTail));
  EXPECT_EQ(events_of(*old), Events{"failure:u1:::1"});
  EXPECT_FALSE(old->limit_hit);
}

TEST(TranscriptEvents, WhoActedTable) {
  const struct {
    std::string members, want;
  } rows[] = {
      {"", ""},
      {R"("attributionAgent":"Explore",)", ""},  // the main chain's is the main agent
      {R"("isSidechain":true,)", "subagent"},
      {R"("isSidechain":true,"attributionAgent":"Explore",)", "Explore"},
      {R"("isSidechain":true,"attributionAgent":"Expl\u006fre",)", "Explore"},
      {R"("isSidechain":true,"attributionAgent":7,)", "subagent"},
      {R"("isSidechain":true,"attributionAgent":"",)", "subagent"},
      {R"("isSidechain":true,"attributionAgent":"a\nb",)", "subagent"},
      {R"("isSidechain":true,"attributionAgent":")" + std::string(128, 'a') + R"(",)",
       std::string(128, 'a')},
      {R"("isSidechain":true,"attributionAgent":")" + std::string(129, 'a') + R"(",)", "subagent"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.members);
    const std::string text = R"({"type":"assistant",)" + row.members +
                             R"("message":{"model":"m","usage":{"input_tokens":1},)" +
                             R"("content":[{"type":"tool_use","id":"t1","name":"Bash"}]},)" +
                             std::string(kTail);
    const Parsed line(text);
    ASSERT_TRUE(line->request);
    EXPECT_EQ(line->request->agent, row.want);
    ASSERT_EQ(line->events.size(), 1u);
    EXPECT_EQ(line->events[0].agent, row.want);
  }
}

TEST(TranscriptEvents, WrappedAnswersOfOldClientsAreASubAgents) {
  const Parsed line(
      R"({"type":"progress","isSidechain":false,"data":{"message":{"type":"assistant","message":)"
      R"({"id":"m","model":"x","usage":{"input_tokens":1},)"
      R"("content":[{"type":"tool_use","id":"t1","name":"Grep"}]}}},)" +
      std::string(kTail));
  ASSERT_TRUE(line->request);
  EXPECT_EQ(line->request->agent, "subagent");
  EXPECT_EQ(events_of(*line), Events{"tool_call:t1:Grep:subagent:1"});
}

TEST(TranscriptEvents, AnAggregateHasItsModels) {
  const Parsed line(
      R"({"type":"cost-state","sessionId":"c9","totalCostUSD":0.5,"totalAPIDuration":224,)"
      R"("totalLinesAdded":5,"totalLinesRemoved":2,"modelUsage":{)"
      R"("a":{"inputTokens":96,"outputTokens":508,"thinkingTokens":7,)"
      R"("cacheReadInputTokens":64000,"cacheCreationInputTokens":120000},)"
      R"("b[1m]":{"inputTokens":4},"c":{},"d":null}})");
  const AggregateSeen& seen = line->aggregate.value();
  EXPECT_EQ(seen.session_id, "c9");
  EXPECT_EQ(seen.source, Source::transcript);
  EXPECT_EQ(seen.cost_nanousd, 500'000'000);
  EXPECT_EQ(seen.api_ms, 224);
  EXPECT_EQ(seen.lines_added, 5);
  EXPECT_EQ(seen.lines_removed, 2);
  EXPECT_EQ(seen.at_ms, kUnknown);
  ASSERT_EQ(seen.models.size(), 4u);
  EXPECT_EQ(seen.models[0].model, "a");
  EXPECT_EQ(seen.models[0].tokens, 96 + 508 + 64000 + 120000);
  EXPECT_EQ(seen.models[1].model, "b[1m]");
  EXPECT_EQ(seen.models[1].tokens, 4);
  const Parsed damaged(
      R"({"type":"cost-state","sessionId":"c9","modelUsage":{"a":{"inputTokens":-1}}})");
  EXPECT_EQ(damaged->verdict, LineVerdict::damaged);
  EXPECT_FALSE(damaged->aggregate);
  std::string many = R"({"type":"cost-state","modelUsage":{"x":{})";
  for (int i = 0; i < 1000; ++i) many += ",\"m" + std::to_string(i) + "\":{\"inputTokens\":1}";
  EXPECT_EQ(Parsed(many + "}}")->aggregate->models.size(), 64u);
}

}  // namespace
}  // namespace shmeter::collector
