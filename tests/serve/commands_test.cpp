// SPDX-License-Identifier: MIT
// Every command of the control socket, to the letter, through a real socket over a real model.
#include "collector/serve/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collector/serve/control_server.hpp"
#include "collector/serve/ingest_formats.hpp"
#include "collector/serve/line_text.hpp"
#include "tests/serve/client.hpp"
#include "tests/serve/test_intake.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using test::Client;
using test::TestIntake;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kEvent =
    R"({"session_id":"s1","event_type":"tokens","value":15,"input_tokens":10,"output_tokens":5,)"
    R"("id":"e1","model":"claude-sonnet-4-5","cost_usd":0.25,"created_at":1795299990})";
constexpr const char* kLimits = R"({"five_hour":{"used_percentage":42,"resets_at":1795303600},)"
                                R"("seven_day":{"used_percentage":7.5,"resets_at":1795500000}})";

class CommandsTest : public testing::Test {
 protected:
  CommandsTest() { open({}); }
  void open(ControlLimits limits) {
    server_.reset();
    auto opened = ControlServer::open(loop_, dir_.path("control.sock"), commands_, limits);
    ASSERT_TRUE(opened) << opened.error().message;
    server_ = std::move(*opened);
  }
  Client client() { return Client(loop_, dir_.path("control.sock")); }
  std::string ask(std::string_view line) { return client().ask(line); }
  std::string ingest(std::string_view format, std::string_view body, std::string_view more = "") {
    Client one = client();
    one.send("INGEST " + std::string(format) + ' ' + std::to_string(body.size()) +
             std::string(more) + '\n' + std::string(body));
    return one.line();
  }

  test::TempDir dir_;
  Loop loop_;
  TestIntake intake_;
  Commands commands_{intake_};
  std::unique_ptr<ControlServer> server_;
};

TEST_F(CommandsTest, WithoutArguments) {
  EXPECT_EQ(ask("PING"), "OK");
  EXPECT_EQ(ask("PING\r"), "OK");
  EXPECT_EQ(ask("FLUSH"), "OK");
  EXPECT_EQ(ask("RELOAD"), "OK");
  intake_.reloaded = fail(Errc::invalid, "/h/config.toml:3:7: unknown key `x`, expected `y`");
  EXPECT_EQ(ask("RELOAD"), "ERROR /h/config.toml:3:7: unknown key `x`, expected `y`");
}

TEST_F(CommandsTest, SourcesTellHowOftenAndWhenLast) {
  const std::string nothing = R"({"name":"hook","observations":0,"heard_at":null})";
  EXPECT_NE(ask("SOURCES").find(nothing), std::string::npos);
  EXPECT_NE(ask("SOURCES").find(R"({"name":"reported","observations":0,"heard_at":null})"),
            std::string::npos);
  ask(R"(SET_USAGE s1 {"input_tokens":3})");
  const std::string heard =
      R"("name":"reported","observations":1,"heard_at":)" + std::to_string(intake_.now_ms() / 1000);
  EXPECT_NE(ask("SOURCES").find(heard), std::string::npos) << ask("SOURCES");
  EXPECT_EQ(ask("SOURCES all"), "ERROR SOURCES takes no arguments, not all");
}

TEST_F(CommandsTest, DashboardIsALink) {
  EXPECT_EQ(ask("DASHBOARD"),
            "{\"url\":\"http://127.0.0.1:7483/?once=abc\",\"opens_within_s\":60}");
  EXPECT_EQ(ask("DASHBOARD now"), "ERROR DASHBOARD takes no arguments, not now");
  intake_.link = fail(Errc::unavailable, "no port");
  EXPECT_EQ(ask("DASHBOARD"), "ERROR no port");
}

TEST_F(CommandsTest, WhatIsWrongIsSaidInOneLineAndTheConversationGoesOn) {
  const std::string long_id(10'000, 'x');
  const struct {
    std::string request;
    std::string want;  // how the answer begins
  } rows[] = {
      {"", "ERROR an empty line is no command"},
      {"   ", "ERROR an empty line is no command"},
      {"ping", "ERROR unknown command ping; expected API_USAGE, API_USAGE_ALL, SET_USAGE, "},
      {std::string("P\0NG\x1b[31m", 9), "ERROR unknown command P\\x00NG\\x1b[31m; expected"},
      {"PING now", "ERROR PING takes no arguments, not now"},
      {"API_USAGE_ALL x", "ERROR API_USAGE_ALL takes no arguments, not x"},
      {"API_USAGE", "ERROR a session id is expected"},
      {"API_USAGE nobody", "ERROR unknown session"},
      {"API_USAGE a b", "ERROR session id a b (3 bytes): 1-64 letters, digits or . _ : - are"},
      {"API_USAGE ../etc/passwd", "ERROR session id ../etc/passwd (13 bytes): 1-64 letters"},
      {"API_USAGE " + long_id, "ERROR session id xxxxxxxxxx"},
      {"SET_USAGE", "ERROR a session id is expected"},
      {"SET_USAGE " + long_id + " {}", "ERROR session id xxxxxxxxxx"},
      {"SET_USAGE s1", "ERROR a JSON object is expected behind the session id"},
      {"SET_USAGE s1 {", "ERROR "},
      {"SET_USAGE s1 []", "ERROR "},
      {"SET_USAGE s1 {}", "ERROR "},
      {"SET_USAGE s1 {\"input_tokens\":-1}", "ERROR "},
      {"SET_USAGE s1 {\"input_tokens\":1e300}", "ERROR "},
      {"SET_USAGE s1 {\"input_tokens\":\"many\"}", "ERROR "},
      {"SET_USAGE s1 {\"input_tokens\":1} x", "ERROR "},
      {"SET_QUOTA", "ERROR an account is expected"},
      {"SET_QUOTA {}", "ERROR an account is expected"},
      {"SET_QUOTA nobody {}", "ERROR unknown account nobody"},
      {"SET_QUOTA my work", "ERROR a JSON object is expected behind the account"},
      {"SET_QUOTA my work {}", "ERROR "},
      {"SET_QUOTA my work {\"five_hour\":{\"used_percentage\":-1,\"resets_at\":1795303600}}",
       "ERROR "},
      {"QUOTA nobody", "ERROR unknown account nobody"},
      {"GUARD -5", "ERROR "},
      {"GUARD 5%%", "ERROR "},
      {"GUARD window=never", "ERROR "},
      {"GUARD window=", "ERROR window=: a value is expected"},
      {"GUARD min-remaining=x", "ERROR "},
      {"GUARD nobody at all", "ERROR "},
      {"WATCH everything", "ERROR everything: `quota` or nothing is expected"},
  };
  Client one = client();
  for (const auto& row : rows) {
    SCOPED_TRACE(row.request.substr(0, 80));
    const std::string answer = one.ask(row.request);
    EXPECT_THAT(answer, StartsWith(row.want));
    EXPECT_LE(answer.size(), kMaxErrorLine);
    EXPECT_EQ(one.ask("PING"), "OK");
  }
  EXPECT_EQ(intake_.batches, 0) << "what is wrong changes nothing";
}

TEST_F(CommandsTest, UnknownSessionWhileTranscriptsAreRead) {
  intake_.model().set_scan(1, 2, shm::Completeness::today_only);
  EXPECT_EQ(ask("API_USAGE nobody"), "ERROR unknown session; transcripts are still being read");
}

TEST_F(CommandsTest, UsageObjectByItsLetters) {
  EXPECT_EQ(ingest("events", kEvent), "OK 1");
  EXPECT_THAT(ask("API_USAGE s1"),
              StartsWith(R"({"session_id":"s1","input_tokens":10,"output_tokens":5,)"
                         R"("total_tokens":15,"cache_creation_tokens":0,"cache_read_tokens":0,)"
                         R"("estimated_cost":0.25,"rate_limit_remaining":null,)"
                         R"("rate_limit_limit":null,"rate_limit_reset":null,"updated_at":179529)"));
  EXPECT_THAT(ask("API_USAGE_ALL"),
              StartsWith(R"({"session_id":null,"input_tokens":10,"output_tokens":5,)"
                         R"("total_tokens":15,"cache_creation_tokens":0,"cache_read_tokens":0,)"
                         R"("estimated_cost":0.25,"rate_limit_remaining":null,)"
                         R"("rate_limit_limit":null,"rate_limit_reset":null,"updated_at":179529)"));
  EXPECT_THAT(ask("API_USAGE_ALL"), HasSubstr(R"("sessions":1)"));
}

TEST_F(CommandsTest, NothingSeenIsZeroAndWhatNobodySaidIsNull) {
  const std::string all = ask("API_USAGE_ALL");
  EXPECT_THAT(all, HasSubstr(R"("input_tokens":0,)"));
  EXPECT_THAT(all, HasSubstr(R"("updated_at":null)"));
  intake_.model().set_scan(0, 1, shm::Completeness::nothing_yet);
  EXPECT_THAT(ask("API_USAGE_ALL"), HasSubstr(R"("input_tokens":null,)"));
}

TEST_F(CommandsTest, SetUsageSaysWhatItWasTold) {
  EXPECT_EQ(
      ask(R"(SET_USAGE s2 {"input_tokens":1200,"output_tokens":34,"estimated_cost":0.021345678,)"
          R"("rate_limit_remaining":98,"rate_limit_limit":100,"rate_limit_reset":1795300900})"),
      "OK");
  EXPECT_THAT(ask("API_USAGE s2"),
              StartsWith(R"({"session_id":"s2","input_tokens":1200,"output_tokens":34,)"
                         R"("total_tokens":1234,)"));
  EXPECT_THAT(ask("API_USAGE s2"),
              HasSubstr(R"("estimated_cost":0.021345678,"rate_limit_remaining":98,)"
                        R"("rate_limit_limit":100,"rate_limit_reset":1795300900)"));
  EXPECT_THAT(ask("API_USAGE_ALL"), HasSubstr(R"("rate_limit_remaining":98)"));
}

TEST_F(CommandsTest, LimitsPastTheirResetAreUnknown) {
  EXPECT_EQ(ask(R"(SET_USAGE s2 {"rate_limit_remaining":98,"rate_limit_reset":1795200000})"), "OK");
  EXPECT_THAT(ask("API_USAGE s2"), HasSubstr(R"("rate_limit_remaining":null)"));
  EXPECT_THAT(ask("API_USAGE_ALL"), HasSubstr(R"("rate_limit_remaining":null)"));
}

TEST_F(CommandsTest, OkWaitsUntilItIsDurableAndKeepsItsPlace) {
  intake_.holds = true;
  Client one = client();
  one.send("SET_USAGE s3 {\"input_tokens\":5}\nPING\nAPI_USAGE s3\nFLUSH\n");
  EXPECT_TRUE(one.lines().empty());
  EXPECT_EQ(ask("PING"), "OK") << "nobody else waits";
  intake_.release();
  const auto lines = one.lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "OK");
  EXPECT_EQ(lines[1], "OK");
  EXPECT_THAT(lines[2], HasSubstr(R"("input_tokens":5)"));
  intake_.release();
  EXPECT_EQ(one.line(), "OK");
}

TEST_F(CommandsTest, WhatCouldNotBeStoredIsNotOk) {
  intake_.stored = fail(Errc::unavailable, "/h/usage.db: disk\nfull");
  EXPECT_EQ(ask("SET_USAGE s3 {\"input_tokens\":5}"),
            "ERROR not stored: /h/usage.db: disk\\x0afull");
  EXPECT_THAT(ingest("events", kEvent), StartsWith("ERROR not stored: "));
  EXPECT_THAT(ask("FLUSH"), StartsWith("ERROR not stored: "));
}

TEST_F(CommandsTest, QuotaIsTheAccountsPart) {
  EXPECT_EQ(ask("SET_QUOTA my work " + std::string(kLimits)), "OK");
  const std::string all = ask("QUOTA");
  EXPECT_THAT(all, StartsWith(R"({"schema":1,"generated_at":1795300000,"state":"live")"));
  EXPECT_THAT(all, HasSubstr(R"("config_dir":"/home/dev/.claude")"));
  EXPECT_THAT(all, HasSubstr(R"("five_hour":{"used_percentage":42,"remaining_percentage":58,)"
                             R"("resets_at":1795303600,"observed_at":1795300000,"age_s":0,)"
                             R"("source":"manual")"));
  EXPECT_TRUE(all.ends_with("]}"));
  EXPECT_THAT(all, Not(HasSubstr("\"totals\"")));
  const std::string one = ask("QUOTA my work");
  EXPECT_THAT(one, HasSubstr(R"("name":"my work")"));
  EXPECT_THAT(one, Not(HasSubstr(R"("config_dir":"/home/dev/.claude",)")));
}

TEST_F(CommandsTest, GuardIsTheAnswerOfGuard) {
  EXPECT_THAT(ask("GUARD"), StartsWith(R"({"allowed":null,)"));
  EXPECT_EQ(ask("SET_QUOTA my work " + std::string(kLimits)), "OK");
  EXPECT_THAT(ask("GUARD"), StartsWith(R"({"allowed":true,)"));
  EXPECT_THAT(ask("GUARD 10%"), StartsWith(R"({"allowed":true,)"));
  EXPECT_THAT(ask("GUARD 60% my work"), StartsWith(R"({"allowed":false,)"));
  EXPECT_THAT(ask("GUARD window=seven_day 60% my work"), StartsWith(R"({"allowed":true,)"));
  EXPECT_THAT(ask("GUARD min-remaining=60%25 my work"), StartsWith(R"({"allowed":false,)"));
  EXPECT_THAT(ask("GUARD min-remaining=50 my work"), StartsWith(R"({"allowed":true,)"));
}

TEST_F(CommandsTest, IngestTable) {
  const std::string status =
      R"({"session_id":"s5","transcript_path":"/home/dev/.claude/projects/x/s5.jsonl",)"
      R"("cost":{"total_cost_usd":0.5}})";
  const std::string hook =
      R"({"session_id":"s5","hook_event_name":"Stop","transcript_path":"","cwd":"/w"})";
  const struct {
    const char* format;
    std::string body;
    std::string want;
  } rows[] = {
      {"events", kEvent, "OK 1"},
      {"events", '[' + std::string(kEvent) + ',' + kEvent + ']', "OK 2"},
      {"events", "[]", "OK 0"},
      {"events", "{", "ERROR "},
      {"events", R"({"session_id":"s1"})", "ERROR "},
      {"events", "[" + std::string(kEvent) + ",{}]", "ERROR "},
      {"statusline", status, "OK 1"},
      {"statusline", "{}", "ERROR no JSON object with a valid session_id"},
      {"hook", hook, "OK 1"},
      {"hook", "[]", "ERROR "},
      {"cli-json", "{}", "ERROR "},
      {"cli-json", "garbage", "ERROR "},
      {"stream-json", "somebody else's line\n", "OK 0"},
      {"stream-json", "{\"type\":\n", "ERROR "},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.format) + ' ' + row.body.substr(0, 60));
    EXPECT_THAT(ingest(row.format, row.body), StartsWith(row.want));
  }
}

TEST_F(CommandsTest, IngestOfRealCaptures) {
  const std::string data = SHMETER_TEST_DATA;
  const std::string result = test::contents(data + "/cli/result.json");
  const std::string stream = test::contents(data + "/cli/stream.jsonl");
  ASSERT_FALSE(result.empty());
  ASSERT_FALSE(stream.empty());
  EXPECT_EQ(ingest("cli-json", result), "OK 1");
  EXPECT_THAT(ingest("stream-json", stream), StartsWith("OK "));
  EXPECT_GT(intake_.observations, 2);
  const auto captured = test::contents(data + "/statusline/2.1.330-4.json");
  EXPECT_EQ(ingest("statusline", captured), "OK 1");
}

TEST_F(CommandsTest, IngestWhileTooMuchWaits) {
  intake_.full = true;
  Client one = client();
  const std::string body = R"([{"session_id":"s","event_type":"message","id":"m1"}])";
  one.send("INGEST events " + std::to_string(body.size()) + "\n" + body + "PING\n");
  EXPECT_EQ(one.lines(),
            (std::vector<std::string>{"ERROR too much waits to be taken in; try again", "OK"}));
  EXPECT_EQ(intake_.batches, 0);
}

TEST_F(CommandsTest, IngestNamesAnAccount) {
  EXPECT_EQ(ingest("events", kEvent, " my work"), "OK 1");
  EXPECT_EQ(ingest("events", kEvent, " /home/dev/.claude-work"), "OK 1");
  EXPECT_EQ(ingest("events", kEvent, " nobody"), "ERROR unknown account nobody");
  EXPECT_THAT(ask("QUOTA my work"), HasSubstr("\"last_session_id\":\"s1\""));
}

TEST_F(CommandsTest, TheSameEventTwiceCountsOnce) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ingest("events", kEvent), "OK 1");
  EXPECT_THAT(ask("API_USAGE s1"), HasSubstr(R"("input_tokens":10,)"));
}

TEST_F(CommandsTest, RefusedBodiesAreSkipped) {
  Client one = client();
  one.send("INGEST yaml 5\nPING\nPING\n");
  EXPECT_EQ(one.lines(),
            (std::vector<std::string>{
                "ERROR unknown format yaml; expected " + ingest_format_names(), "OK"}));
  one.send("INGEST events 0\nPING\n");
  EXPECT_EQ(one.lines(), (std::vector<std::string>{
                             "ERROR INGEST events: a body of 0 bytes says nothing", "OK"}));
  one.send("INGEST statusline 200000\n" + std::string(200'000, 'x') + "PING\n");
  EXPECT_EQ(one.lines(), (std::vector<std::string>{"ERROR INGEST statusline: 200000 bytes are too "
                                                   "many, at most 131072 are taken",
                                                   "OK"}));
}

TEST_F(CommandsTest, LengthsThatCannotBeSkippedEndTheConversation) {
  for (const char* length : {"", "-1", "5x", "1e9", "99999999999", "18446744073709551616"}) {
    SCOPED_TRACE(length);
    Client one = client();
    one.send("INGEST events " + std::string(length) + "\nPING\n");
    EXPECT_TRUE(one.at_end());
    const auto lines = one.lines();
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_THAT(lines[0], StartsWith("ERROR "));
  }
}

TEST_F(CommandsTest, WatchGivesTheWholeAndThenWhatChanged) {
  open({.feed_every_ms = 0});
  EXPECT_EQ(ask("SET_USAGE other {\"input_tokens\":5}"), "OK");
  EXPECT_EQ(ingest("events", kEvent), "OK 1");
  Client watcher = client();
  const std::string whole = watcher.ask("WATCH");
  for (const char* part :
       {"\"accounts\":[", "\"totals\":{", "\"session_id\":\"s1\"", "\"session_id\":\"other\""})
    EXPECT_THAT(whole, HasSubstr(part));
  server_->changed();
  EXPECT_EQ(watcher.line(), "(nothing)");
  EXPECT_EQ(ask("SET_USAGE other {\"rate_limit_remaining\":7}"), "OK");
  server_->changed();
  const std::string delta = watcher.line();
  for (const char* part :
       {"\"accounts\":[", "\"totals\":{", "\"session_id\":\"other\"", "\"rate_limit_remaining\":7"})
    EXPECT_THAT(delta, HasSubstr(part));
  EXPECT_THAT(delta, Not(HasSubstr("\"session_id\":\"s1\"")));
}

TEST_F(CommandsTest, WatchQuotaSpeaksOnlyOfQuota) {
  open({.feed_every_ms = 0});
  Client watcher = client();
  EXPECT_THAT(watcher.ask("WATCH quota"), HasSubstr("\"accounts\":["));
  EXPECT_EQ(ingest("events", kEvent), "OK 1");
  server_->changed();
  EXPECT_EQ(watcher.line(), "(nothing)");
  EXPECT_EQ(ask("SET_QUOTA my work " + std::string(kLimits)), "OK");
  server_->changed();
  const std::string delta = watcher.line();
  EXPECT_THAT(delta, HasSubstr("\"used_percentage\":42"));
  EXPECT_THAT(delta, HasSubstr("\"session_id\":\"s1\"")) << "what it was not told yet";
  EXPECT_EQ(ask("SET_QUOTA my work " + std::string(kLimits)), "OK");
  server_->changed();
  EXPECT_EQ(watcher.line(), "(nothing)") << "said again is no change";
}

TEST_F(CommandsTest, AnyLinesGetOneAnswerEach) {
  std::mt19937 random(11);
  const std::vector<std::string> pieces = {"PING",
                                           "API_USAGE",
                                           "API_USAGE_ALL",
                                           "SET_USAGE",
                                           "SET_QUOTA",
                                           "QUOTA",
                                           "GUARD",
                                           "FLUSH",
                                           "DASHBOARD",
                                           "RELOAD",
                                           "SOURCES",
                                           " ",
                                           " s1",
                                           " my work",
                                           " {",
                                           "}",
                                           "\"a\":",
                                           "[",
                                           "]",
                                           "1e999",
                                           "-1",
                                           "50%",
                                           " window=",
                                           "min-remaining",
                                           "%25",
                                           "null",
                                           "\xff\xfe",
                                           "\x1b[2J",
                                           "{\"input_tokens\":3}",
                                           std::string(200, '['),
                                           kLimits,
                                           "\t"};
  Client one = client();
  for (int round = 0; round < 5000; ++round) {
    std::string line;
    for (auto n = random() % 6; n > 0; --n) {
      std::string piece = pieces[random() % pieces.size()];
      if (random() % 8 == 0 && !piece.empty())
        piece[random() % piece.size()] = static_cast<char>(random());
      line += piece;
    }
    std::erase(line, '\n');
    if (line.find("INGEST") != std::string::npos || line.find("WATCH") != std::string::npos)
      continue;
    const std::string answer = one.ask(line);
    ASSERT_TRUE(answer == "OK" || answer.starts_with("ERROR ") || answer.starts_with("{")) << line;
    ASSERT_EQ(one.line(), "(nothing)") << line;
    for (const char c : answer) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20) << line;
  }
}

TEST_F(CommandsTest, AnyBodiesGetOneAnswerEach) {
  std::mt19937 random(12);
  const std::string data = SHMETER_TEST_DATA;
  const std::vector<std::pair<std::string, std::string>> seeds = {
      {"events", '[' + std::string(kEvent) + ']'},
      {"cli-json", test::contents(data + "/cli/result.json")},
      {"stream-json", test::contents(data + "/cli/stream.jsonl").substr(0, 8000)},
      {"statusline", test::contents(data + "/statusline/2.1.330-4.json")},
      {"hook", R"({"session_id":"s5","hook_event_name":"Stop","transcript_path":"","cwd":"/w"})"}};
  Client one = client();
  for (int round = 0; round < 1500; ++round) {
    auto [format, body] = seeds[random() % seeds.size()];
    for (auto n = random() % 4; n > 0 && !body.empty(); --n) {
      const auto at = random() % body.size();
      if (random() % 3 == 0)
        body.erase(at, random() % 20);
      else
        body[at] = static_cast<char>(random());
    }
    if (body.empty()) continue;
    one.send("INGEST " + format + ' ' + std::to_string(body.size()) + '\n' + body);
    const std::string answer = one.line();
    ASSERT_TRUE(answer.starts_with("OK ") || answer.starts_with("ERROR ")) << answer << body;
    ASSERT_EQ(one.ask("PING"), "OK");
  }
}

}  // namespace
}  // namespace shmeter::collector
