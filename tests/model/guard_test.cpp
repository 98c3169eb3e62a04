// SPDX-License-Identifier: MIT
// May I go on: every rule once, every limit once, and what is not known.
#include "collector/model/guard.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <functional>

namespace shmeter::collector {
namespace {

constexpr i64 kNow_s = 1'795'273'200;
constexpr i64 kDollar = 1'000'000'000;
constexpr i64 kPercent = 10'000;

shm::Window window(i64 percent, i64 resets_in_s = 9000) {
  return {percent * kPercent, kNow_s + resets_in_s, kNow_s - 5, 1};
}

shm::Account known_account() {
  shm::Account account;
  account.id.assign("0123456789abcdef");
  account.name.assign("work");
  account.config_dir.assign("/home/ann/.claude");
  account.config_dir_hash = shm::hash_text("/home/ann/.claude");
  account.five_hour = window(42);
  account.seven_day = window(13, 90'000);
  account.scoped_1.label.assign("Fable");
  account.scoped_1.window = window(5, 90'000);
  return account;
}

GuardAnswer ask(const shm::Account& account, std::string_view need, std::string_view in = "",
                i64 min_remaining_ppm = 0) {
  GuardQuestion question;
  if (!need.empty()) question.need = parse_need(need).value();
  question.window = in;
  question.min_remaining_ppm = min_remaining_ppm;
  return guard({&account, 1}, question, kNow_s).value();
}

std::string shown(const GuardAnswer& answer) {
  if (!answer.allowed) return answer.limiting ? "unknown with a limit" : "unknown";
  return (*answer.allowed ? "yes " : "no ") + answer.limiting->window;
}

TEST(Guard, Rules) {
  using Change = std::function<void(shm::Account&)>;
  const auto nothing = [](shm::Account&) {};
  const auto none_known = [](shm::Account& a) {
    a.five_hour = a.seven_day = a.scoped_1.window = {};
  };
  const auto budget = [](i64 used, i64 unpriced = 0) {
    return [=](shm::Account& a) {
      a.weekly_budget_nanousd = 100 * kDollar;
      a.budget_source = static_cast<i64>(shm::BudgetSource::config);
      a.weekly_used_nanousd = used * kDollar;
      a.weekly_unpriced_tokens = unpriced;
    };
  };
  const auto tokens = [](i64 input_used, i64 output_used) {
    return [=](shm::Account& a) {
      a.input_tokens_limit = 1000;
      a.output_tokens_limit = 500;
      a.period = {1, input_used, output_used, 0, 0, 0, 0, 0};
    };
  };
  const struct {
    const char* what;
    Change change;
    std::string_view need, window;
    i64 min_remaining_ppm;
    std::string_view want;
  } rows[] = {
      {"room everywhere", nothing, "", "", 0, "yes five_hour"},
      {"nothing known", none_known, "", "", 0, "unknown"},
      {"nothing known, with a need", none_known, "5%", "", 0, "unknown"},
      {"a window is used up", [](auto& a) { a.five_hour = window(100); }, "", "", 0,
       "no five_hour"},
      {"more than used up", [](auto& a) { a.seven_day = window(120); }, "", "", 0, "no seven_day"},
      {"a scoped one is used up", [](auto& a) { a.scoped_1.window = window(100); }, "", "", 0,
       "no Fable"},
      {"99.9999 is not 100", [](auto& a) { a.five_hour.used_ppm = 999'999; }, "", "", 0,
       "yes five_hour"},
      {"past its reset it is unknown", [](auto& a) { a.five_hour = window(100, 0); }, "", "", 0,
       "yes seven_day"},
      {"all past their resets",
       [](auto& a) { a.five_hour = a.seven_day = a.scoped_1.window = window(100, -1); }, "", "", 0,
       "unknown"},
      {"without a reset it is unknown", [](auto& a) { a.five_hour.resets_at_s = kUnknown; }, "",
       "five_hour", 0, "unknown"},
      {"another window does not matter", [](auto& a) { a.five_hour = window(100); }, "",
       "seven_day", 0, "yes seven_day"},
      {"the scope asked for", nothing, "", "Fable", 0, "yes Fable"},
      {"the window asked for is not known", [](auto& a) { a.five_hour = {}; }, "", "five_hour", 0,
       "unknown"},
      {"a share that fits", nothing, "58%", "", 0, "yes five_hour"},
      {"a share that does not", nothing, "58.0001%", "", 0, "no five_hour"},
      {"of two that refuse the tightest", [](auto& a) { a.seven_day = window(41, 90'000); }, "60%",
       "", 0, "no five_hour"},
      {"the one that refuses, not the tightest", tokens(100, 0), "901", "", 0, "no input_tokens"},
      {"enough remains", nothing, "", "", 58 * kPercent, "yes five_hour"},
      {"too little remains", nothing, "", "", 58 * kPercent + 1, "no five_hour"},
      {"tokens fit", tokens(100, 100), "400", "", 0, "yes five_hour"},
      {"tokens do not fit the output", tokens(100, 101), "400", "", 0, "no output_tokens"},
      {"input used up", tokens(1000, 0), "", "", 0, "no input_tokens"},
      {"input more than used up", tokens(5000, 0), "", "", 0, "no input_tokens"},
      {"a period nobody knows", [&](auto& a) { tokens(0, 0)(a), a.period = {}; }, "9999", "", 0,
       "yes five_hour"},
      {"the budget is used up", budget(100), "", "", 0, "no weekly_budget"},
      {"the budget nobody set", [&](auto& a) { budget(100)(a), a.budget_source = 0; }, "", "", 0,
       "yes five_hour"},
      {"dollars fit", budget(90), "$10", "", 0, "yes weekly_budget"},
      {"dollars do not", budget(90), "$10.000000001", "", 0, "no weekly_budget"},
      {"a week known from below refuses", budget(90, 5), "$11", "", 0, "no weekly_budget"},
      {"and says nothing else", budget(90, 5), "$9", "", 0, "yes five_hour"},
      {"even alone", [&](auto& a) { none_known(a), budget(90, 5)(a); }, "$9", "", 0, "unknown"},
      {"used up from below", [&](auto& a) { none_known(a), budget(100, 5)(a); }, "", "", 0,
       "no weekly_budget"},
      {"the spend limit",
       [](auto& a) {
         a.spend_limit.used_nanousd = 95 * kDollar;
         a.spend_limit.limit_nanousd = 100 * kDollar;
       },
       "$6", "", 0, "no spend_limit"},
      {"the spend limit by its share", [](auto& a) { a.spend_limit.used_ppm = 1'100'000; }, "", "",
       0, "no spend_limit"},
      {"the spend limit past its reset",
       [](auto& a) {
         a.spend_limit.used_ppm = 1'100'000;
         a.spend_limit.resets_at_s = kNow_s;
       },
       "", "", 0, "yes five_hour"},
      {"extra usage begins behind the plan",
       [](auto& a) {
         a.extra_usage = {1, 50 * kDollar, 49 * kDollar, kUnknown};
       },
       "$5", "", 0, "yes five_hour"},
      {"without a plan it is the limit",
       [&](auto& a) {
         none_known(a);
         a.extra_usage = {1, 50 * kDollar, 49 * kDollar, kUnknown};
       },
       "$5", "", 0, "no extra_usage"},
      {"unless it is switched off",
       [&](auto& a) {
         none_known(a);
         a.extra_usage = {0, 50 * kDollar, 49 * kDollar, kUnknown};
       },
       "$5", "", 0, "unknown"},
      {"one token of a billion is not nothing",
       [](auto& a) {
         a.input_tokens_limit = 1'000'000'000;
         a.period = {1, 999'999'999, 0, 0, 0, 0, 0, 0};
       },
       "1", "input_tokens", 0, "yes input_tokens"},
      {"a limit of nothing",
       [](auto& a) {
         a.input_tokens_limit = 0;
         a.period = shm::no_usage();
       },
       "", "", 0, "no input_tokens"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    shm::Account account = known_account();
    row.change(account);
    const GuardAnswer answer = ask(account, row.need, row.window, row.min_remaining_ppm);
    EXPECT_EQ(shown(answer), row.want);
    EXPECT_FALSE(answer.reason.empty());
  }
}

TEST(Guard, SaysWhatItCannotCompare) {
  EXPECT_EQ(ask(known_account(), "50000").reason,
            "five_hour has 58% left; no known limit can be compared with the need");
  EXPECT_EQ(ask(known_account(), "5%").reason, "five_hour has 58% left");
}

TEST(Guard, WhichAccount) {
  std::vector<shm::Account> accounts(3, known_account());
  accounts[1].name.assign("home");
  accounts[1].id.assign("fedcba9876543210");
  accounts[1].config_dir.assign("/srv/claude");
  accounts[1].config_dir_hash = shm::hash_text("/srv/claude");
  accounts[1].five_hour.observed_at_s = kNow_s;
  accounts[2].name.assign("idle");
  accounts[2].id.assign("00");
  accounts[2].config_dir.assign("/idle");
  accounts[2].config_dir_hash = 1;
  const struct {
    std::string_view asked, want;
  } rows[] = {{"", "home"},
              {"work", "work"},
              {"home", "home"},
              {"0123456789abcdef", "work"},
              {"/srv/claude/", "home"},
              {"/idle", "idle"}};
  for (const auto& row : rows) {
    GuardQuestion question;
    question.account = row.asked;
    const auto answer = guard(accounts, question, kNow_s);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->limiting->account, row.want) << row.asked;
  }
  GuardQuestion question;
  question.account = "nobody";
  const auto unknown = guard(accounts, question, kNow_s);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Errc::not_found);
  EXPECT_EQ(unknown.error().message, "unknown account \"nobody\"");
  const auto nobody = guard({}, {}, kNow_s);
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(nobody->allowed);
}

TEST(Guard, NoSuchWindow) {
  GuardQuestion question;
  question.window = "seven_days";
  const shm::Account account = known_account();
  const auto answer = guard({&account, 1}, question, kNow_s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::invalid);
  EXPECT_EQ(answer.error().message,
            "unknown window \"seven_days\"; use five_hour, seven_day, Fable");
}

TEST(Guard, ParseNeed) {
  using Unit = Need::Unit;
  const struct {
    std::string_view text;
    Unit unit;
    i64 amount;
  } right[] = {{"0", Unit::tokens, 0},
               {"50000", Unit::tokens, 50'000},
               {"1000000000000000", Unit::tokens, 1'000'000'000'000'000},
               {"$1.50", Unit::nanousd, 1'500'000'000},
               {"$0.000000001", Unit::nanousd, 1},
               {"$1000000000", Unit::nanousd, 1'000'000'000 * kDollar},
               {"5%", Unit::ppm, 50'000},
               {"0.5%", Unit::ppm, 5'000},
               {"12.3456%", Unit::ppm, 123'456},
               {"100%", Unit::ppm, 1'000'000}};
  for (const auto& row : right) {
    const auto need = parse_need(row.text);
    ASSERT_TRUE(need) << row.text;
    EXPECT_EQ(need->unit, row.unit) << row.text;
    EXPECT_EQ(need->amount, row.amount) << row.text;
  }
  for (const std::string_view text : {"",
                                      "$",
                                      "%",
                                      "-1",
                                      "+1",
                                      "1.5",
                                      "50k",
                                      "$-1",
                                      "$1.",
                                      "$.5",
                                      "$1.0000000001",
                                      "101%",
                                      "1.23456%",
                                      "-5%",
                                      "$$1",
                                      "5%%",
                                      " 5",
                                      "5 ",
                                      "0x10",
                                      "1e3",
                                      "1000000000000001",
                                      "99999999999999999999999",
                                      "$1000000001",
                                      "nan"}) {
    const auto need = parse_need(text);
    ASSERT_FALSE(need) << text;
    EXPECT_EQ(need.error().code, Errc::invalid);
  }
}

TEST(Guard, AsJson) {
  GuardAnswer answer = ask(known_account(), "");
  EXPECT_EQ(to_json(answer),
            R"({"allowed":true,"reason":"five_hour has 58% left","limiting":{"account":"work",)"
            R"("window":"five_hour","remaining_percentage":58,"resets_at":1795282200}})");
  shm::Account account = known_account();
  account.name.assign("a\"\\\n\xff");
  account.scoped_1.label.assign("\"<>\x01");
  account.scoped_1.window = window(100);
  answer = ask(account, "");
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(to_json(answer));
  EXPECT_EQ(root["allowed"].get_bool().value(), false);
  EXPECT_EQ(root["limiting"]["account"].get_string().value(), "a\"\\\n\uFFFD");
  EXPECT_EQ(root["limiting"]["window"].get_string().value(), "\"<>\x01");
  EXPECT_EQ(to_json(GuardAnswer{{}, "no limit is known", {}}),
            R"({"allowed":null,"reason":"no limit is known","limiting":null})");
}

}  // namespace
}  // namespace shmeter::collector
