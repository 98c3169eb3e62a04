// SPDX-License-Identifier: MIT
// Words into a question, and what is said about wrong ones, to the letter.
#include "collector/report/question.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collector/report/day.hpp"
#include "tests/report/sample.hpp"

namespace shmeter::collector {
namespace {

using sample::ask;
using testing::HasSubstr;

TEST(Question, TakesEveryOption) {
  const auto question = ask(ReportVerb::weekly, {"--json",
                                                 "--since",
                                                 "2026-11-01",
                                                 "--until=20261121",
                                                 "--timezone",
                                                 "Europe/Berlin",
                                                 "--account",
                                                 "work",
                                                 "--project=/home/dev",
                                                 "--limit",
                                                 "7",
                                                 "--breakdown",
                                                 "--order",
                                                 "desc",
                                                 "--start-of-week=sunday",
                                                 "--config",
                                                 "c.toml",
                                                 "--config-dir",
                                                 "a",
                                                 "--config-dir",
                                                 "b",
                                                 "--runtime-dir",
                                                 "/run/x"});
  ASSERT_TRUE(question) << question.error().message;
  EXPECT_TRUE(question->json);
  EXPECT_EQ(write_day(question->since.value()), "2026-11-01");
  EXPECT_EQ(write_day(question->until.value()), "2026-11-21");
  EXPECT_EQ(question->timezone, "Europe/Berlin");
  EXPECT_EQ(question->account, "work");
  EXPECT_EQ(question->project, "/home/dev");
  EXPECT_EQ(question->limit, 7);
  EXPECT_TRUE(question->breakdown);
  EXPECT_EQ(question->order, Order::descending);
  EXPECT_EQ(question->start_of_week, Weekday::sunday);
  EXPECT_EQ(question->config, "c.toml");
  EXPECT_THAT(question->config_dirs, testing::ElementsAre("a", "b"));
  EXPECT_EQ(question->runtime_dir, "/run/x");

  const auto blocks = ask(ReportVerb::blocks, {"--active", "--recent", "3"});
  ASSERT_TRUE(blocks);
  EXPECT_TRUE(blocks->active);
  EXPECT_EQ(blocks->recent, 3);
  EXPECT_EQ(ask(ReportVerb::session, {"--id", "097a"})->session, "097a");
  const auto exported = ask(ReportVerb::export_events, {"--format", "jsonl", "--redact"});
  ASSERT_TRUE(exported);
  EXPECT_EQ(exported->format, ExportFormat::jsonl);
  EXPECT_TRUE(exported->redact);
}

TEST(Question, SaysWhatIsWrong) {
  const struct {
    ReportVerb verb;
    std::vector<std::string> words;
    std::string_view want;
  } rows[] = {
      {ReportVerb::daily, {"--sinze", "x"}, "unknown option \"--sinze\"; did you mean --since?"},
      {ReportVerb::daily,
       {"--timezon=UTC"},
       "unknown option \"--timezon\"; did you mean --timezone?"},
      {ReportVerb::daily,
       {"--frobnicate"},
       "unknown option \"--frobnicate\"; daily --help lists what is"},
      {ReportVerb::daily,
       {"2026-11-21"},
       "unexpected word \"2026-11-21\"; options begin with --; daily --help lists what is"},
      {ReportVerb::daily,
       {""},
       "unexpected word \"\"; options begin with --; daily --help lists what is"},
      {ReportVerb::daily, {"--active"}, "--active is not for daily, only for blocks"},
      {ReportVerb::models, {"--id", "x"}, "--id is not for models, only for session"},
      {ReportVerb::export_events,
       {"--json"},
       "--json is not for export, only for daily, weekly, monthly, session, blocks, models"},
      {ReportVerb::daily, {"--since"}, "--since needs a value: a day as YYYY-MM-DD or YYYYMMDD"},
      {ReportVerb::daily, {"--since="}, "--since needs a value: a day as YYYY-MM-DD or YYYYMMDD"},
      {ReportVerb::daily,
       {"--since", "2026-02-29"},
       "--since \"2026-02-29\": expected a day as YYYY-MM-DD or YYYYMMDD"},
      {ReportVerb::daily,
       {"--until", "--json"},
       "--until \"--json\": expected a day as YYYY-MM-DD or YYYYMMDD"},
      {ReportVerb::daily,
       {"--since", "2026-11-22", "--until", "2026-11-21"},
       "--since 2026-11-22 is after --until 2026-11-21"},
      {ReportVerb::daily, {"--json=yes"}, "--json takes no value"},
      {ReportVerb::daily, {"--limit", "0"}, "--limit \"0\": expected a number from 1 on"},
      {ReportVerb::daily, {"--limit", "-3"}, "--limit \"-3\": expected a number from 1 on"},
      {ReportVerb::daily, {"--limit", "5x"}, "--limit \"5x\": expected a number from 1 on"},
      {ReportVerb::daily,
       {"--limit", "99999999999999999999"},
       "--limit \"99999999999999999999\": expected a number from 1 on"},
      {ReportVerb::daily,
       {"--order", "dsc"},
       "--order \"dsc\": expected asc or desc; did you mean asc?"},
      {ReportVerb::weekly,
       {"--start-of-week", "sundy"},
       "--start-of-week \"sundy\": expected monday to sunday; did you mean sunday?"},
      {ReportVerb::export_events, {}, "export needs --format csv or --format jsonl"},
      {ReportVerb::export_events,
       {"--format", "json"},
       "--format \"json\": expected csv or jsonl; did you mean jsonl?"},
      {ReportVerb::daily,
       {"--acc\x1b[31m\n"},
       "unknown option \"--acc?[31m?\"; daily --help lists what is"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.want);
    const auto question = ask(row.verb, row.words);
    ASSERT_FALSE(question);
    EXPECT_EQ(question.error().code, Errc::invalid);
    EXPECT_EQ(question.error().message, row.want);
  }
}

TEST(Question, AskedForHelpNeedsNothingElse) {
  EXPECT_TRUE(ask(ReportVerb::export_events, {"--help"})->help);
  const std::string help = question_help(ReportVerb::blocks);
  EXPECT_THAT(help, HasSubstr("--active"));
  EXPECT_THAT(help, HasSubstr("--recent N"));
  EXPECT_THAT(help, testing::Not(HasSubstr("--redact")));
}

/// Any words give a question or one printable line.
TEST(Question, AnyWords) {
  const std::vector<std::string> parts = {"--",   "-",          "since", "=",       "limit",
                                          "id",   "2026-11-21", "1",     "order",   "asc",
                                          "\xff", "\n",         "json",  "timezone"};
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::string> words(random() % 5);
    for (std::string& word : words)
      for (auto n = random() % 4; n > 0; --n) word += parts[random() % parts.size()];
    const auto verb = static_cast<ReportVerb>(random() % 7);
    const auto question = ask(verb, words);
    if (question) continue;
    for (const char c : question.error().message) ASSERT_TRUE(c < 0 || c >= ' ');
    EXPECT_FALSE(question.error().message.empty());
  }
}

TEST(Day, ParsesWhatItWrites) {
  for (i64 day = 0; day < 60'000; day += 17) {
    const std::string text = write_day(day);
    EXPECT_EQ(parse_day(text), day) << text;
    EXPECT_EQ(parse_day(text.substr(0, 4) + text.substr(5, 2) + text.substr(8)), day) << text;
  }
  for (const char* wrong :
       {"", "2026", "2026-1-1", "2026-13-01", "2026-00-10", "2026-04-31", "1969-12-31",
        "2026/11/21", "2026-1121", "202611-21", "20261121 ", "+2026112", "２０２６-11-21"})
    EXPECT_FALSE(parse_day(wrong)) << wrong;
}

TEST(Day, Times) {
  const i64 at_s = sample::utc_s(2026, 11, 21, 23, 59, 58);
  EXPECT_EQ(write_iso(at_s * 1000 + 7), "2026-11-21T23:59:58.007Z");
  EXPECT_EQ(write_minute(at_s, 3600), "2026-11-22 00:59");
  EXPECT_EQ(write_clock_time(at_s, -5 * 3600), "18:59");
  EXPECT_EQ(write_month(parse_day("2026-11-21").value()), "2026-11");
  EXPECT_EQ(write_iso(-1), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace shmeter::collector
