// SPDX-License-Identifier: MIT
#include "collector/source/transcript_line.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/source/parsed_line.hpp"

namespace shmeter::collector {
namespace {

using test::Parsed;

std::string line_with_usage(const std::string& usage, const std::string& more = "") {
  return R"({"isSidechain":false,"message":{"id":"msg_1","model":"claude-sonnet-5-5","usage":)" +
         usage + R"(},"requestId":"req_1","type":"assistant","uuid":"u1",)" + more +
         R"("timestamp":"2026-11-21T21:06:54.065Z","sessionId":"s1","cwd":"/p","version":"2.1.330"})";
}

TEST(TranscriptLine, ReadsAnAssistantLine) {
  const Parsed line(line_with_usage(
      R"({"input_tokens":12,"cache_creation_input_tokens":15000,"cache_read_input_tokens":8000,)"
      R"("output_tokens":83,"cache_creation":{"ephemeral_1h_input_tokens":5000,)"
      R"("ephemeral_5m_input_tokens":10000},"server_tool_use":{"web_search_requests":2},)"
      R"("service_tier":"batch","inference_geo":"us","speed":"fast","iterations":[]})",
      R"("gitBranch":"main",)"));
  ASSERT_EQ(line->verdict, LineVerdict::seen);
  const RequestSeen& request = line->request.value();
  EXPECT_EQ(request.message_id, "msg_1");
  EXPECT_EQ(request.request_id, "req_1");
  EXPECT_EQ(request.uuid, "u1");
  EXPECT_EQ(request.session_id, "s1");
  EXPECT_EQ(request.model, "claude-sonnet-5-5");
  EXPECT_EQ(request.at_ms, 1795295214065);
  EXPECT_FALSE(request.side_chain);
  EXPECT_TRUE(request.fast && request.has_speed && request.us_inference && request.batch);
  EXPECT_EQ(request.tokens, (Tokens{12, 83, 10000, 5000, 8000, 2}));
  const SessionSeen& session = line->session.value();
  EXPECT_EQ(session.session_id, "s1");
  EXPECT_EQ(session.cwd, "/p");
  EXPECT_EQ(session.git_branch, "main");
  EXPECT_EQ(session.version, "2.1.330");
  EXPECT_EQ(session.model, "claude-sonnet-5-5");
  EXPECT_EQ(session.context_used_tokens, 12 + 15000 + 8000);
  EXPECT_FALSE(line->limit_hit || line->aggregate);
}

// Escapes are left to the careful walk, which must find what the quick one would have.
TEST(TranscriptLine, AnEscapeAnywhereReadsTheSame) {
  const std::string usage = R"({"input_tokens":12,"output_tokens":83})";
  const std::string plain = line_with_usage(usage, R"("gitBranch":"main",)");
  const Parsed want(plain);
  for (const char* text : {"assistant", "msg_1", "claude-sonnet-5-5", "req_1", "u1", "main", "s1",
                           "/p", "2.1.330", "2026-11-21T21:06:54.065Z", "uuid", "message"}) {
    SCOPED_TRACE(text);
    const std::string quoted = '"' + std::string(text) + '"';
    std::string escaped = plain;
    char code[8];
    std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(text[0]));
    escaped.replace(escaped.find(quoted) + 1, 1, code);
    const Parsed line(escaped);
    ASSERT_EQ(line->verdict, LineVerdict::seen);
    EXPECT_EQ(line->request->message_id, want->request->message_id);
    EXPECT_EQ(line->request->request_id, want->request->request_id);
    EXPECT_EQ(line->request->uuid, want->request->uuid);
    EXPECT_EQ(line->request->model, want->request->model);
    EXPECT_EQ(line->request->at_ms, want->request->at_ms);
    EXPECT_EQ(line->request->tokens, want->request->tokens);
    EXPECT_EQ(line->session->session_id, want->session->session_id);
    EXPECT_EQ(line->session->cwd, want->session->cwd);
    EXPECT_EQ(line->session->git_branch, want->session->git_branch);
    EXPECT_EQ(line->session->version, want->session->version);
  }
}

TEST(TranscriptLine, CacheWritesTable) {
  const struct {
    const char* usage;
    i64 write_5m, write_1h;
  } rows[] = {
      {R"({"cache_creation_input_tokens":100})", 100, 0},
      {R"({"cache_creation_input_tokens":100,"cache_creation":null})", 100, 0},
      {R"({"cache_creation_input_tokens":100,"cache_creation":{"ephemeral_1h_input_tokens":40}})",
       60, 40},
      {R"({"cache_creation_input_tokens":100,"cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":40}})",
       60, 40},
      {R"({"cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":40}})", 30,
       40},
      {R"({"cache_creation_input_tokens":10,"cache_creation":{"ephemeral_1h_input_tokens":40}})", 0,
       40},
      {R"({})", 0, 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.usage);
    const Parsed line(line_with_usage(row.usage));
    ASSERT_TRUE(line->request);
    EXPECT_EQ(line->request->tokens.write_5m, row.write_5m);
    EXPECT_EQ(line->request->tokens.write_1h, row.write_1h);
  }
}

TEST(TranscriptLine, CountThatIsNoCountDamagesTheLine) {
  const char* members[] = {"input_tokens", "output_tokens", "cache_creation_input_tokens",
                           "cache_read_input_tokens"};
  const char* bad[] = {"-1",   "1.5", "1.0",  "1e3",        "\"12\"",
                       "true", "[]",  "{}",   "4294967296", "99999999999999999999",
                       "nul",  "01",  "0x10", "NaN"};
  for (const char* member : members) {
    for (const char* value : bad) {
      const std::string usage = std::string("{\"") + member + "\":" + value + "}";
      SCOPED_TRACE(usage);
      EXPECT_EQ(Parsed(line_with_usage(usage))->verdict, LineVerdict::damaged);
    }
    for (const char* value : {"null", "0", "4294967295"}) {
      const std::string usage = std::string("{\"") + member + "\":" + value + "}";
      SCOPED_TRACE(usage);
      EXPECT_EQ(Parsed(line_with_usage(usage))->verdict, LineVerdict::seen);
    }
  }
}

TEST(TranscriptLine, OddShapesInsideUsageTable) {
  const struct {
    const char* usage;
    LineVerdict want;
  } rows[] = {
      {R"({"cache_creation":{"ephemeral_5m_input_tokens":-1}})", LineVerdict::damaged},
      {R"({"cache_creation":7})", LineVerdict::damaged},
      {R"({"cache_creation":[]})", LineVerdict::damaged},
      {R"({"server_tool_use":{"web_search_requests":0.5}})", LineVerdict::damaged},
      {R"({"server_tool_use":null})", LineVerdict::seen},
      {R"({"speed":null,"service_tier":7,"inference_geo":{}})", LineVerdict::seen},
      {R"({"unknown":{"deep":[{"input_tokens":-5}]}})", LineVerdict::seen},
      {R"("none")", LineVerdict::damaged},
      {R"([1])", LineVerdict::damaged},
      {R"(12)", LineVerdict::damaged},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.usage);
    EXPECT_EQ(Parsed(line_with_usage(row.usage))->verdict, row.want);
  }
}

TEST(TranscriptLine, NoUsageIsNoRequestButASession) {
  const Parsed line(line_with_usage("null"));
  EXPECT_FALSE(line->request);
  ASSERT_TRUE(line->session);
  EXPECT_EQ(line->session->context_used_tokens, kUnknown);
  const Parsed bare(R"({"type":"assistant","sessionId":"s1","message":"hello"})");
  EXPECT_EQ(bare->verdict, LineVerdict::seen);
  EXPECT_FALSE(bare->request);
}

TEST(TranscriptLine, IdsAreLenient) {
  const Parsed line(
      R"({"type":"assistant","requestId":7,"uuid":null,"sessionId":{"a":1},"cwd":["x"],)"
      R"("timestamp":"2026-11-21T21:06:54Z","message":{"id":12,"model":null,"usage":{"input_tokens":3}}})");
  ASSERT_TRUE(line->request);
  EXPECT_EQ(line->request->message_id, "");
  EXPECT_EQ(line->request->request_id, "");
  EXPECT_EQ(line->request->uuid, "");
  EXPECT_EQ(line->request->model, "");
  EXPECT_EQ(line->request->session_id, "file-session");
  EXPECT_EQ(line->request->tokens.input, 3);
  const std::string bad_ids[] = {"", "a b", "ä", "a/b", std::string(65, 'a')};
  for (const std::string& bad : bad_ids) {
    const Parsed other(R"({"type":"cost-state","sessionId":")" + bad + R"("})");
    EXPECT_EQ(other->aggregate.value().session_id, "file-session") << bad;
  }
}

TEST(TranscriptLine, AnIdTooLongToKeepIsAbsent) {
  const std::string longest(kMaxText, 'x');
  const auto with_id = [](const std::string& id) {
    return R"({"type":"assistant","timestamp":"2026-11-21T21:06:54Z","message":{"id":")" + id +
           R"(","usage":{"input_tokens":3}}})";
  };
  EXPECT_EQ(Parsed(with_id(longest))->request.value().message_id, longest);
  EXPECT_EQ(Parsed(with_id(longest + "x"))->request.value().message_id, "");
}

TEST(TranscriptLine, TimesTable) {
  const struct {
    const char* member;
    LineVerdict want;
  } rows[] = {
      {R"("timestamp":"2026-11-21T21:06:54Z",)", LineVerdict::seen},
      {R"("timestamp":"yesterday",)", LineVerdict::damaged},
      {R"("timestamp":null,)", LineVerdict::damaged},  // used, but on no day
      {R"()", LineVerdict::damaged},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.member);
    const Parsed line(std::string("{") + row.member +
                      R"("type":"assistant","message":{"usage":{"input_tokens":1}}})");
    EXPECT_EQ(line->verdict, row.want);
  }
}

TEST(TranscriptLine, SelectsByTheTopLevelTypeAlone) {
  const struct {
    const char* text;
    LineVerdict want;
  } rows[] = {
      {R"({"type":"user","message":{"type":"assistant","usage":{"input_tokens":5}}})",
       LineVerdict::nothing},
      {R"({"content":"\"type\":\"assistant\"","type":"user","message":{"usage":{"input_tokens":5}}})",
       LineVerdict::nothing},
      {R"({"nested":{"type":"assistant"},"timestamp":"2026-11-21T21:06:54Z","message":{"usage":{"input_tokens":5}}})",
       LineVerdict::nothing},
      {R"({"type":["assistant"],"message":{"usage":{"input_tokens":5}}})", LineVerdict::nothing},
      {R"({"type":"assistantx","message":{"usage":{"input_tokens":5}}})", LineVerdict::nothing},
      {R"({"ty\u0070e":"assistant","timestamp":"2026-11-21T21:06:54Z","message":{"usage":{"input_tokens":5}}})",
       LineVerdict::seen},
      {R"({"type":"\u0061ssistant","timestamp":"2026-11-21T21:06:54Z","message":{"us\u0061ge":{"input_tokens":5}}})",
       LineVerdict::seen},
      {R"({})", LineVerdict::nothing},
      {R"()", LineVerdict::nothing},
      {" \t\r", LineVerdict::nothing},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(Parsed(row.text)->verdict, row.want);
  }
}

TEST(TranscriptLine, WhatIsNotOneWholeObjectIsDamaged) {
  const std::string whole = line_with_usage(R"({"input_tokens":12,"output_tokens":3})");
  ASSERT_EQ(Parsed(whole)->verdict, LineVerdict::seen);
  for (std::size_t n = 1; n < whole.size(); ++n)
    EXPECT_EQ(Parsed(whole.substr(0, n))->verdict, LineVerdict::damaged) << whole.substr(0, n);
  const std::string bad[] = {
      whole + whole,
      whole + "x",
      whole + "}",
      whole.substr(0, 60) + whole,  // a torn line with the next one behind it
      "[" + whole + "]",
      "\"text\"",
      "12",
      "null",
      "not json",
      std::string(100, '\0'),
      whole.substr(0, 20) + std::string(3, '\0') + whole.substr(20),
      R"({"type":"assistant","timestamp":"2026-11-21T21:06:54Z","message":{"usage":{"input_tokens":5}}],"a":1})",
      R"({"type":"assistant" "message":{}})",
      R"({"type":"assistant","cwd":"\ud800"})",  // half a surrogate pair
      R"({"type":"assistant","cwd":"\q"})",
      "{\"type\":\"user\",\"text\":\"\xff\xfe\"}",
      "{\"type\":\"assistant\",\"cwd\":\"\xc3\x28\"}",
      "{\"type\":\"user\",\"text\":\"a\nb\"}",
  };
  for (const std::string& text : bad) {
    SCOPED_TRACE(text);
    const Parsed line(text);
    EXPECT_EQ(line->verdict, LineVerdict::damaged);
    EXPECT_FALSE(line->request || line->session || line->aggregate || line->limit_hit);
  }
}

TEST(TranscriptLine, CarriageReturnBeforeTheNewlineIsWhiteSpace) {
  EXPECT_EQ(Parsed(line_with_usage(R"({"input_tokens":12})") + "\r")->verdict, LineVerdict::seen);
}

TEST(TranscriptLine, AnyByteFlippedNeverCountsLessThanNothing) {
  const std::string whole = line_with_usage(R"({"input_tokens":12,"output_tokens":3})");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '"', '{', '}', '\\', '9', '-', '\xff'}) {
      std::string text = whole;
      text[at] = byte;
      const Parsed line(text);
      if (line->verdict == LineVerdict::damaged) {
        EXPECT_FALSE(line->request);
      }
      if (line->request) {
        EXPECT_GE(line->request->tokens.total(), 0);
        EXPECT_TRUE(valid_session_id(line->request->session_id));
      }
    }
  }
}

TEST(TranscriptLine, SyntheticLinesAreNoRequests) {
  const Parsed line(
      R"({"type":"assistant","timestamp":"2026-11-21T21:07:37.308Z","message":{"id":"x","model":"<synthetic>","usage":{"input_tokens":0,"speed":null,"iterations":null}},"sessionId":"s1"})");
  EXPECT_FALSE(line->request);
  ASSERT_TRUE(line->session);
  EXPECT_EQ(line->session->model, "");
  EXPECT_EQ(line->session->context_used_tokens, kUnknown);
}

TEST(TranscriptLine, SideChainsSayNothingOfTheContext) {
  const Parsed line(
      R"({"type":"assistant","isSidechain":true,"timestamp":"2026-11-21T21:07:37Z","message":{"model":"claude-haiku-4-5","usage":{"input_tokens":9}},"sessionId":"s1"})");
  ASSERT_TRUE(line->request && line->session);
  EXPECT_TRUE(line->request->side_chain);
  EXPECT_EQ(line->session->model, "");
  EXPECT_EQ(line->session->context_used_tokens, kUnknown);
}

TEST(TranscriptLine, LimitHitsTable) {
  const struct {
    const char* members;
    bool hit;
  } rows[] = {
      {R"("quotaLimits":{"status":"rejected","resetsAt":1795302457,"rateLimitType":"five_hour"})",
       true},
      {R"("apiErrorParams":{"rate_limit_info":{"status":"rejected","resetsAt":1795302457,"rateLimitType":"five_hour"}})",
       true},
      {R"("quotaLimits":{"status":"allowed_warning","resetsAt":1795302457,"rateLimitType":"five_hour"})",
       false},
      {R"("quotaLimits":{"status":"rejected","rateLimitType":"five_hour"})", false},
      {R"("quotaLimits":{"status":"rejected","resetsAt":1795302457})", false},
      {R"("quotaLimits":{"status":"rejected","resetsAt":"soon","rateLimitType":"five_hour"})",
       false},
      {R"("quotaLimits":null)", false},
      {R"("quotaLimits":"rejected")", false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.members);
    const Parsed line(
        std::string(
            R"({"type":"assistant","sessionId":"s1","timestamp":"2026-11-21T21:07:37.308Z",)") +
        row.members + R"(,"message":{"model":"<synthetic>"}})");
    ASSERT_EQ(line->verdict, LineVerdict::seen);
    ASSERT_EQ(line->limit_hit.has_value(), row.hit);
    if (!row.hit) continue;
    EXPECT_EQ(line->limit_hit->window, "five_hour");
    EXPECT_EQ(line->limit_hit->resets_at_s, 1795302457);
    EXPECT_EQ(line->limit_hit->at_ms, 1795295257308);
    EXPECT_EQ(line->limit_hit->session_id, "s1");
  }
}

TEST(TranscriptLine, ReadsTheProgressLinesOfOldClients) {
  const Parsed line(
      R"({"type":"progress","sessionId":"s1","uuid":"outer","timestamp":"2026-01-01T00:00:09Z","isSidechain":false,)"
      R"("data":{"type":"agent_progress","message":{"type":"assistant","timestamp":"2026-01-01T00:00:05Z","uuid":"inner",)"
      R"("requestId":"req_2","message":{"id":"msg_2","model":"claude-haiku-4-5","usage":{"input_tokens":9,"output_tokens":4}}}}})");
  ASSERT_TRUE(line->request);
  EXPECT_FALSE(line->session);
  EXPECT_EQ(line->request->message_id, "msg_2");
  EXPECT_EQ(line->request->request_id, "req_2");
  EXPECT_EQ(line->request->uuid, "inner");
  EXPECT_EQ(line->request->session_id, "s1");
  EXPECT_EQ(line->request->at_ms, 1767225605000);
  EXPECT_EQ(line->request->tokens.total(), 13);
  const Parsed other(R"({"type":"progress","data":{"type":"hook_progress","command":"x"}})");
  EXPECT_EQ(other->verdict, LineVerdict::nothing);
  const Parsed damaged(
      R"({"type":"progress","timestamp":"2026-01-01T00:00:09Z","data":{"message":{"message":{"usage":{"input_tokens":"9"}}}}})");
  EXPECT_EQ(damaged->verdict, LineVerdict::damaged);
}

TEST(TranscriptLine, ALineOfManyMegabytesIsReadAndItsMemoryGivenBack) {
  TranscriptLineParser parser;
  std::string text = line_with_usage(R"({"input_tokens":12})",
                                     R"("blob":")" + std::string(5'000'000, 'x') + R"(",)");
  const std::size_t size = text.size();
  text.append(kLinePadding, ' ');
  EXPECT_EQ(parser.parse({text.data(), size}, "s").request.value().tokens.input, 12);
  parser.shrink(1 << 20);
  EXPECT_EQ(parser.parse({text.data(), size}, "s").request.value().tokens.input, 12);
}

// The captured sessions, compared with what their own cost-state lines say: every response of the
// transcripts, each id once with its largest numbers, makes a lower bound, since auxiliary requests
// (session titles) are in the client's sum and in no transcript.
TEST(TranscriptLine, CapturedSessionsStayBelowTheirCostState) {
  namespace fs = std::filesystem;
  std::map<std::string, std::map<std::string, i64>> by_session;  // id -> tokens
  std::map<std::string, i64> cost_state_tokens;
  TranscriptLineParser parser;
  int lines = 0;
  for (const auto& entry : fs::recursive_directory_iterator(SHMETER_TEST_DATA "/claude-config")) {
    if (entry.path().extension() != ".jsonl") continue;
    std::ifstream in(entry.path());
    for (std::string text; std::getline(in, text); ++lines) {
      const std::size_t size = text.size();
      text.append(kLinePadding, ' ');
      const TranscriptLine& line = parser.parse({text.data(), size}, "file");
      ASSERT_NE(line.verdict, LineVerdict::damaged) << entry.path() << text.substr(0, 200);
      if (line.request) {
        i64& tokens = by_session[std::string(line.request->session_id)]
                                [std::string(line.request->message_id)];
        tokens = std::max(tokens, line.request->tokens.total());
      }
      if (line.aggregate) {
        i64& tokens = cost_state_tokens[std::string(line.aggregate->session_id)];
        tokens = 0;
        for (const ModelTokens& model : line.aggregate->models) tokens += model.tokens;
      }
    }
  }
  EXPECT_GT(lines, 100);
  const std::string session = "c9bec15a-c582-41d2-a016-dceacfb47ad5";
  ASSERT_TRUE(by_session.contains(session) && cost_state_tokens.contains(session));
  EXPECT_EQ(by_session[session].size(), 6u);
  i64 counted = 0;
  for (const auto& [id, tokens] : by_session[session]) counted += tokens;
  EXPECT_EQ(cost_state_tokens[session], 96 + 508 + 64000 + 120000);
  // Eight requests were made; the two for the session's title are in no transcript.
  EXPECT_EQ(cost_state_tokens[session] - counted, 2 * (12 + 57 + 8000 + 15000));
}

}  // namespace
}  // namespace shmeter::collector
