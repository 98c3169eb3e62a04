// SPDX-License-Identifier: MIT
#include "collector/source/statusline.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kNow_ms = 1'795'295'300'500;

std::string fixture(const char* name) {
  return test::contents(std::string(SHMETER_TEST_DATA "/statusline/") + name);
}

TEST(StatusLine, ReadsEveryFixture) {
  StatusLineParser parser;
  for (const auto& entry : std::filesystem::directory_iterator(SHMETER_TEST_DATA "/statusline")) {
    SCOPED_TRACE(entry.path());
    const std::string json = test::contents(entry.path());
    const auto seen = parser.parse(json, kNow_ms);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->session.session_id.view().size(), 36u);
    EXPECT_EQ(seen->cwd, "/home/dev/proj");
    EXPECT_EQ(seen->session.cwd.view(), "/home/dev/proj");
    EXPECT_EQ(seen->session.cwd_hash, shm::hash_text("/home/dev/proj"));
    EXPECT_FALSE(seen->session.model.empty());
    EXPECT_FALSE(seen->session.model_name.empty());
    EXPECT_FALSE(seen->session.version.empty());
    EXPECT_NE(seen->session.cost_nanousd, kUnknown);
    EXPECT_NE(seen->session.context_size_tokens, kUnknown);
    EXPECT_TRUE(seen->transcript_path.ends_with(".jsonl"));
    EXPECT_EQ(seen->session.updated_at_s, kNow_ms / 1000);
    EXPECT_EQ(seen->received_at_ms, kNow_ms);
    EXPECT_EQ(seen->session.usage, shm::Usage{});  // counted by others
  }
}

TEST(StatusLine, ReadsTheRichestOne) {
  const std::string json = R"({
    "session_id":"c9bec15a","session_name":"collector daemon","transcript_path":"/h/.claude/projects/p/c9.jsonl",
    "cwd":"/other","effort":{"level":"xhigh"},"model":{"id":"claude-opus-5-5","display_name":"Opus 5.5"},
    "workspace":{"current_dir":"/home/dev/proj"},"version":"2.1.330",
    "cost":{"total_cost_usd":4.116942,"total_duration_ms":6499000,"total_api_duration_ms":1890000,"total_lines_added":840,"total_lines_removed":72},
    "context_window":{"total_input_tokens":1,"context_window_size":1000000,"used_percentage":23,
      "current_usage":{"input_tokens":12,"output_tokens":957,"cache_creation_input_tokens":15000,"cache_read_input_tokens":215112}},
    "prompt_cache":{"warm":true,"expires_at":1795299146},"fast_mode":false,"thinking":{"enabled":true},
    "agent":{"name":"reviewer"},"pr":{"number":77},"worktree":{"branch":"wt1"},
    "rate_limits":{"five_hour":{"used_percentage":42.5,"resets_at":1795302445},"seven_day":{"used_percentage":77,"resets_at":1795561645},
      "spend_limit":{"used_percentage":112.5,"resets_at":1795561645,"used_usd":11.25,"limit_usd":10,"period":"weekly"}}})";
  StatusLineParser parser;
  const auto seen = parser.parse(json, kNow_ms);
  ASSERT_TRUE(seen);
  const shm::Session& session = seen->session;
  EXPECT_EQ(session.name.view(), "collector daemon");
  EXPECT_EQ(session.cwd.view(), "/home/dev/proj");
  EXPECT_EQ(session.model.view(), "claude-opus-5-5");
  EXPECT_EQ(session.model_name.view(), "Opus 5.5");
  EXPECT_EQ(session.cost_nanousd, 4'116'942'000);
  EXPECT_EQ(session.api_ms, 1890000);
  EXPECT_EQ(session.lines_added, 840);
  EXPECT_EQ(session.lines_removed, 72);
  EXPECT_EQ(session.context_size_tokens, 1000000);
  EXPECT_EQ(session.context_used_ppm, 230'000);
  EXPECT_EQ(session.context_used_tokens, 12 + 15000 + 215112);
  EXPECT_EQ(session.prompt_cache_warm, 1);
  EXPECT_EQ(session.prompt_cache_expires_at_s, 1795299146);
  EXPECT_EQ(session.effort.view(), "xhigh");
  EXPECT_EQ(session.fast_mode, 0);
  EXPECT_EQ(session.thinking, 1);
  EXPECT_EQ(session.agent.view(), "reviewer");
  EXPECT_EQ(session.git_branch.view(), "wt1");
  EXPECT_EQ(session.pr, 77);
  EXPECT_EQ(session.version.view(), "2.1.330");
  EXPECT_EQ(seen->five_hour.used_ppm, 425'000);
  EXPECT_EQ(seen->five_hour.resets_at_s, 1795302445);
  EXPECT_EQ(seen->seven_day.used_ppm, 770'000);
  EXPECT_EQ(seen->spend_limit.used_ppm, 1'125'000);
  EXPECT_EQ(seen->spend_limit.used_nanousd, 11'250'000'000);
  EXPECT_EQ(seen->spend_limit.limit_nanousd, 10'000'000'000);
  EXPECT_EQ(seen->spend_limit.period.view(), "weekly");
}

// Every member of the client's JSON, alone: what the picture has a place for arrives there, and
// nothing else changes.
TEST(StatusLine, EachMemberHasItsPlace) {
  using Expect = void (*)(StatusLineSeen&);
  const struct {
    const char* member;
    Expect expect;
  } rows[] = {
      {R"("session_name":"fix")", [](StatusLineSeen& s) { s.session.name.assign("fix"); }},
      {R"("transcript_path":"/t.jsonl")",
       [](StatusLineSeen& s) { s.transcript_path = "/t.jsonl"; }},
      {R"("transcript_path":"")", nullptr},  // remote sessions
      {R"("model":{"id":"m[1m]"})", [](StatusLineSeen& s) { s.session.model.assign("m[1m]"); }},
      {R"("model":{"display_name":"M"})",
       [](StatusLineSeen& s) { s.session.model_name.assign("M"); }},
      {R"("version":"2.1.330")", [](StatusLineSeen& s) { s.session.version.assign("2.1.330"); }},
      {R"("cost":{"total_cost_usd":0})", [](StatusLineSeen& s) { s.session.cost_nanousd = 0; }},
      {R"("cost":{"total_duration_ms":5})", nullptr},
      {R"("cost":{"total_api_duration_ms":5})", [](StatusLineSeen& s) { s.session.api_ms = 5; }},
      {R"("cost":{"total_lines_added":5})", [](StatusLineSeen& s) { s.session.lines_added = 5; }},
      {R"("cost":{"total_lines_removed":5})",
       [](StatusLineSeen& s) { s.session.lines_removed = 5; }},
      {R"("context_window":{"total_input_tokens":5,"total_output_tokens":6})", nullptr},
      {R"("context_window":{"context_window_size":200000})",
       [](StatusLineSeen& s) { s.session.context_size_tokens = 200000; }},
      {R"("context_window":{"current_usage":null,"used_percentage":null})", nullptr},
      {R"("context_window":{"used_percentage":12})",
       [](StatusLineSeen& s) { s.session.context_used_ppm = 120'000; }},
      {R"("context_window":{"current_usage":{"input_tokens":1,"output_tokens":100,
           "cache_creation_input_tokens":20,"cache_read_input_tokens":300}})",
       [](StatusLineSeen& s) { s.session.context_used_tokens = 321; }},
      // Nobody has so many, and their sum is no number.
      {R"("context_window":{"current_usage":{"input_tokens":9e18,
           "cache_creation_input_tokens":9e18,"cache_read_input_tokens":9e18}})",
       nullptr},
      {R"("exceeds_200k_tokens":true)", nullptr},
      {R"("fast_mode":true)", [](StatusLineSeen& s) { s.session.fast_mode = 1; }},
      {R"("effort":{"level":"max"})", [](StatusLineSeen& s) { s.session.effort.assign("max"); }},
      {R"("thinking":{"enabled":false})", [](StatusLineSeen& s) { s.session.thinking = 0; }},
      {R"("prompt_cache":{"warm":false,"expires_at":null,"requests":5,"hit_ratio":0.3})",
       [](StatusLineSeen& s) { s.session.prompt_cache_warm = 0; }},
      {R"("prompt_cache":{"expires_at":1795299146})",
       [](StatusLineSeen& s) { s.session.prompt_cache_expires_at_s = 1795299146; }},
      {R"("agent":{"name":"reviewer","type":"x"})",
       [](StatusLineSeen& s) { s.session.agent.assign("reviewer"); }},
      {R"("agent":{"type":"reviewer"})",
       [](StatusLineSeen& s) { s.session.agent.assign("reviewer"); }},
      {R"("agent_type":"reviewer")", [](StatusLineSeen& s) { s.session.agent.assign("reviewer"); }},
      {R"("agent_id":"a1","permission_mode":"plan","output_style":{"name":"x"})", nullptr},
      {R"("pr":{"number":77,"url":"https://x/77","review_state":"pending"})",
       [](StatusLineSeen& s) { s.session.pr = 77; }},
      {R"("pr":{"number":5,"kind":"mr"})", [](StatusLineSeen& s) { s.session.pr = 5; }},
      {R"("worktree":{"name":"wt","path":"/w","branch":"b1","original_branch":"main"})",
       [](StatusLineSeen& s) { s.session.git_branch.assign("b1"); }},
      {R"("worktree":{"name":"wt","path":"/w","original_branch":"main"})", nullptr},
      {R"("workspace":{"git_worktree":"wt1","repo":{"name":"r"},"added_dirs":["/x"]})", nullptr},
      {R"("remote":{"session_id":"r"})", nullptr},
      {R"("vim":{"mode":"NORMAL"})", nullptr},
      {R"("rate_limits":{"five_hour":{"used_percentage":101,"resets_at":7}})",
       [](StatusLineSeen& s) {
         s.five_hour = {1'000'000, 7};
       }},
      {R"("rate_limits":{"seven_day":{"used_percentage":0.5,"resets_at":7}})",
       [](StatusLineSeen& s) {
         s.seven_day = {5'000, 7};
       }},
      {R"("rate_limits":{"spend_limit":{"used_percentage":120,"resets_at":7,"used_usd":1.2,
           "limit_usd":1,"period":"daily"}})",
       [](StatusLineSeen& s) {
         s.spend_limit = {1'200'000, 7, 1'200'000'000, 1'000'000'000, {}};
         s.spend_limit.period.assign("daily");
       }},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.member);
    StatusLineSeen want;
    want.session.session_id.assign("s");
    want.session.cwd_hash = 0;
    want.session.updated_at_s = kNow_ms / 1000;
    if (row.expect != nullptr) row.expect(want);
    StatusLineParser parser;
    const std::string json = std::string(R"({"session_id":"s",)") + row.member + "}";
    const auto seen = parser.parse(json, kNow_ms);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->session, want.session);
    EXPECT_EQ(seen->transcript_path, want.transcript_path);
    EXPECT_EQ(seen->five_hour.used_ppm, want.five_hour.used_ppm);
    EXPECT_EQ(seen->five_hour.resets_at_s, want.five_hour.resets_at_s);
    EXPECT_EQ(seen->seven_day.used_ppm, want.seven_day.used_ppm);
    EXPECT_EQ(seen->seven_day.resets_at_s, want.seven_day.resets_at_s);
    EXPECT_EQ(seen->spend_limit, want.spend_limit);
  }
}

// Every member of every capture, by value.
TEST(StatusLine, CapturesSayWhatTheyHold) {
  const struct {
    const char* name;
    const char *model, *effort;
    i64 cost_nanousd, api_ms, context_used, context_ppm, five_hour_ppm, five_hour_reset_s;
    i64 cache_warm, cache_expires_s;
  } rows[] = {
      {"2.1.197-0.json", "claude-sonnet-5", "high", 0, 0, kUnknown, kUnknown, kUnknown, kUnknown,
       kUnknown, kUnknown},
      {"2.1.197-1.json", "claude-sonnet-5", "high", 59541000, 34, 23012, 120000, 420000, 1795301966,
       kUnknown, kUnknown},
      {"2.1.197-2.json", "claude-sonnet-5", "high", 178623000, 65, 23012, 120000, 420000,
       1795301970, kUnknown, kUnknown},
      {"2.1.330-0.json", "claude-sonnet-5-5", "medium", 0, 0, kUnknown, kUnknown, 420000,
       1795302439, kUnknown, kUnknown},
      {"2.1.330-1.json", "claude-sonnet-5-5", "medium", 116942000, 96, 23012, 20000, 420000,
       1795302445, 1, 1795295546},
      {"2.1.330-2.json", "claude-sonnet-5-5", "medium", 311672000, 224, 23012, 20000, 420000,
       1795302451, 1, 1795295552},
      {"2.1.330-3.json", "claude-sonnet-5-5", "medium", 311672000, 224, 23012, 20000, 1000000,
       1795302457, 1, 1795295552},
      {"2.1.330-4.json", "claude-sonnet-5-5", "medium", 311672000, 224, 23012, 20000, 1000000,
       1795302457, 1, 1795295552},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string json = fixture(row.name);
    StatusLineParser parser;
    const auto seen = parser.parse(json, kNow_ms);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->session.model.view(), row.model);
    EXPECT_EQ(seen->session.effort.view(), row.effort);
    EXPECT_EQ(seen->session.cost_nanousd, row.cost_nanousd);
    EXPECT_EQ(seen->session.api_ms, row.api_ms);
    EXPECT_EQ(seen->session.context_used_tokens, row.context_used);
    EXPECT_EQ(seen->session.context_used_ppm, row.context_ppm);
    EXPECT_EQ(seen->five_hour.used_ppm, row.five_hour_ppm);
    EXPECT_EQ(seen->five_hour.resets_at_s, row.five_hour_reset_s);
    EXPECT_EQ(seen->session.prompt_cache_warm, row.cache_warm);
    EXPECT_EQ(seen->session.prompt_cache_expires_at_s, row.cache_expires_s);
    EXPECT_EQ(seen->session.thinking, 1);
    EXPECT_EQ(seen->session.fast_mode, 0);
  }
}

TEST(StatusLine, MissingIsUnknown) {
  StatusLineParser parser;
  const auto seen = parser.parse(R"({"session_id":"s"})", kNow_ms);
  ASSERT_TRUE(seen);
  shm::Session want;
  want.session_id.assign("s");
  want.cwd_hash = 0;
  want.updated_at_s = kNow_ms / 1000;
  EXPECT_EQ(seen->session, want);
  EXPECT_EQ(seen->five_hour.used_ppm, kUnknown);
  EXPECT_EQ(seen->seven_day.resets_at_s, kUnknown);
  EXPECT_EQ(seen->spend_limit, shm::SpendLimit{});
}

// Whatever stands at a member's place, the others stay readable.
TEST(StatusLine, OddValuesAreUnknownAndSpoilNothing) {
  const char* paths[][2] = {{R"("cost":{"total_cost_usd":)", "}"},
                            {R"("context_window":{"used_percentage":)", "}"},
                            {R"("context_window":{"context_window_size":)", "}"},
                            {R"("rate_limits":{"five_hour":{"used_percentage":)", "}}"},
                            {R"("rate_limits":{"five_hour":{"resets_at":)", "}}"}};
  const char* odd[] = {"null", "-1",   "\"\"",  "\"many\"", "\"1x\"",  "[]",
                       "{}",   "true", "1e300", "\"-3\"",   "\"nan\"", "\"inf\""};
  StatusLineParser parser;
  for (const auto& path : paths) {
    for (const char* value : odd) {
      const std::string json = std::string(R"({"session_id":"s","fast_mode":true,)") + path[0] +
                               value + path[1] + R"(,"model":"claude-x"})";
      SCOPED_TRACE(json);
      const auto seen = parser.parse(json, kNow_ms);
      ASSERT_TRUE(seen);
      EXPECT_EQ(seen->session.fast_mode, 1);
      EXPECT_EQ(seen->session.model.view(), "claude-x");
      EXPECT_EQ(seen->session.cost_nanousd, kUnknown);
      EXPECT_EQ(seen->session.context_size_tokens, kUnknown);
      EXPECT_EQ(seen->five_hour.resets_at_s, kUnknown);
      if (std::string_view(value) != "1e300") {
        EXPECT_EQ(seen->session.context_used_ppm, kUnknown);
        EXPECT_EQ(seen->five_hour.used_ppm, kUnknown);
      }
    }
  }
}

TEST(StatusLine, NumbersMayBeStrings) {
  StatusLineParser parser;
  const auto seen = parser.parse(
      R"({"session_id":"s","cost":{"total_cost_usd":"0.02"},"rate_limits":{"five_hour":{"used_percentage":"42.5","resets_at":"1795302445"}}})",
      kNow_ms);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->session.cost_nanousd, 20'000'000);
  EXPECT_EQ(seen->five_hour.used_ppm, 425'000);
  EXPECT_EQ(seen->five_hour.resets_at_s, 1795302445);
}

TEST(StatusLine, ObjectsOfAnotherTypeAreMissing) {
  StatusLineParser parser;
  for (const char* value : {"null", "7", "\"x\"", "[1]", "true"}) {
    std::string json = R"({"session_id":"s")";
    for (const char* member : {"model", "workspace", "cost", "context_window", "prompt_cache",
                               "effort", "thinking", "agent", "pr", "worktree", "rate_limits"})
      json += std::string(",\"") + member + "\":" + value;
    EXPECT_TRUE(parser.parse(json + "}", kNow_ms)) << value;
  }
}

TEST(StatusLine, WhatIsNoWholeObjectWithAnIdIsNothing) {
  StatusLineParser parser;
  const std::string whole = fixture("2.1.330-3.json");
  const auto end = whole.find_last_of('}');
  for (std::size_t n = 0; n <= end; ++n)
    EXPECT_FALSE(parser.parse(whole.substr(0, n), kNow_ms)) << n;
  for (const char* bad :
       {"", "null", "[]", "\"s\"", "{}", R"({"session_id":null})", R"({"session_id":""})",
        R"({"session_id":"a b"})", R"({"session_id":7})", R"({"session_id":"s"}x)"})
    EXPECT_FALSE(parser.parse(bad, kNow_ms)) << bad;
}

TEST(StatusLine, AMegabyteOfGarbageIsRefused) {
  StatusLineParser parser;
  std::mt19937 random(20261121);
  std::string garbage(1 << 20, '\0');
  for (char& c : garbage) c = static_cast<char>(random());
  EXPECT_FALSE(parser.parse(garbage, kNow_ms));
  EXPECT_FALSE(parser.parse(std::string(1 << 20, '['), kNow_ms));
  EXPECT_FALSE(
      parser.parse(R"({"session_id":"s","x":")" + std::string(1 << 20, 'x') + "\"}", kNow_ms));
  EXPECT_TRUE(parser.parse(fixture("2.1.330-3.json"), kNow_ms));  // and goes on
}

TEST(StatusLine, MutatedFixturesNeverCrash) {
  StatusLineParser parser;
  std::mt19937 random(7);
  const std::string whole = fixture("2.1.330-4.json");
  for (int round = 0; round < 3000; ++round) {
    std::string json = whole;
    for (int i = 0; i < 4; ++i) json[random() % json.size()] = static_cast<char>(random());
    if (const auto seen = parser.parse(json, kNow_ms)) {
      EXPECT_TRUE(valid_session_id(seen->session.session_id.view()));
    }
  }
}

}  // namespace
}  // namespace shmeter::collector
