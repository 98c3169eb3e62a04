// SPDX-License-Identifier: MIT
// The lines that come with the product, to the letter, and what becomes of them as less is known.
#include <gtest/gtest.h>

#include "tests/formats/sample.hpp"

namespace shmeter::formats {
namespace {

using shm::kUnknown;
using shm::Usage;

Sample without(void (*take)(Sample&)) {
  Sample s = sample();
  take(s);
  return s;
}
void calls(Sample& s) { s.session.rate_limit_remaining = s.session.rate_limit_limit = kUnknown; }

TEST(Forms, Full) {
  const struct {
    std::string_view what;
    Sample sample;
    std::string_view want;
  } rows[] = {
      {"everything", sample(),
       "Tokens: 1.2k / 5.3k (session/total)\nCost: ~$0.02\nRate: 98/100 remaining"},
      {"calls without their limit",
       without([](Sample& s) { s.session.rate_limit_limit = kUnknown; }),
       "Tokens: 1.2k / 5.3k (session/total)\nCost: ~$0.02\nRate: 98 remaining"},
      {"no calls", without(calls),
       "Tokens: 1.2k / 5.3k (session/total)\nCost: ~$0.02\nRate: 58% of 5h remaining"},
      {"no rate at all", without([](Sample& s) {
         calls(s);
         s.account = {};
       }),
       "Tokens: 1.2k / 5.3k (session/total)\nCost: ~$0.02"},
      {"no total", without([](Sample& s) { s.summary.all = Usage{}; }),
       "Tokens: 1.2k (session)\nCost: ~$0.02\nRate: 98/100 remaining"},
      {"no cost", without([](Sample& s) {
         s.session.cost_nanousd = kUnknown;
         s.session.usage.cost_nanousd = kUnknown;
       }),
       "Tokens: 1.2k / 5.3k (session/total)\nRate: 98/100 remaining"},
      {"no session", without([](Sample& s) { s.session = {}; }),
       "Tokens: 5.3k (total)\nRate: 58% of 5h remaining"},
      {"quota alone", without([](Sample& s) {
         s.session = {};
         s.summary = {};
       }),
       "Rate: 58% of 5h remaining"},
      {"nothing", without([](Sample& s) {
         s.session = {};
         s.summary = {};
         s.account = {};
       }),
       ""},
  };
  for (const auto& row : rows) EXPECT_EQ(shown(full_template(), row.sample), row.want) << row.what;
}

TEST(Forms, Compact) {
  const struct {
    std::string_view what;
    Sample sample;
    std::string_view want;
  } rows[] = {
      {"everything", sample(), "[1.2k/5.3k tok | $0.02 | 98 left]"},
      {"no calls", without(calls), "[1.2k/5.3k tok | $0.02 | 58% left]"},
      {"no rate at all", without([](Sample& s) {
         calls(s);
         s.account = {};
       }),
       "[1.2k/5.3k tok | $0.02]"},
      {"no total", without([](Sample& s) { s.summary.all = Usage{}; }),
       "[1.2k tok | $0.02 | 98 left]"},
      {"no cost", without([](Sample& s) {
         s.session.cost_nanousd = kUnknown;
         s.session.usage.cost_nanousd = kUnknown;
       }),
       "[1.2k/5.3k tok | 98 left]"},
      {"no session", without([](Sample& s) { s.session = {}; }), "[-/5.3k tok | 58% left]"},
      {"quota alone", without([](Sample& s) {
         s.session = {};
         s.summary = {};
       }),
       "[58% left]"},
      {"nothing", without([](Sample& s) {
         s.session = {};
         s.summary = {};
         s.account = {};
       }),
       ""},
  };
  for (const auto& row : rows)
    EXPECT_EQ(shown(compact_template(), row.sample), row.want) << row.what;
}

TEST(Forms, DefaultLine) {
  const std::string_view line = default_template(Target::plain);
  EXPECT_EQ(shown(line, sample()),
            "Opus 4.1 · ███░░░ 42% · $0.02 · today $4.56 · 5h 42% (2h30m) · 7d 13%");
  EXPECT_EQ(shown(line, without([](Sample& s) { s.session = {}; })),
            "today $4.56 · 5h 42% (2h30m) · 7d 13%");
  EXPECT_EQ(shown(line, without([](Sample& s) { s.account = {}; })),
            "Opus 4.1 · ███░░░ 42% · $0.02 · today $4.56");
  EXPECT_EQ(shown(line, without([](Sample& s) { s.account.five_hour.resets_at_s = kUnknown; })),
            "Opus 4.1 · ███░░░ 42% · $0.02 · today $4.56 · 5h 42% · 7d 13%");
  // A status line's session with no collector around.
  Sample s = sample();
  const Values alone{nullptr, &s.account, &s.session, kNow, Freshness::absent, kUnknown, true};
  EXPECT_EQ(shown(line, alone), "Opus 4.1 · ███░░░ 42% · $0.02 · 5h 42% (2h30m) · 7d 13%");
}

TEST(Forms, AnOldLimitCarriesItsAge) {
  Sample s = sample();
  calls(s);
  s.account.five_hour.observed_at_s = kNow - 7'300;
  s.account.seven_day.observed_at_s = kNow - 3 * 86'400;
  const std::string_view line = default_template(Target::plain);
  EXPECT_EQ(shown(line, s),
            "Opus 4.1 · ███░░░ 42% · $0.02 · today $4.56 · 5h 42% (2h30m) 2h old · 7d 13% 3d old");
  EXPECT_EQ(shown(compact_template(), s), "[1.2k/5.3k tok | $0.02 | 58% left (2h old)]");
  EXPECT_EQ(
      shown(full_template(), s),
      "Tokens: 1.2k / 5.3k (session/total)\nCost: ~$0.02\nRate: 58% of 5h remaining (2h old)");
  for (int width = 1; width < 90; ++width) {
    const std::string narrow = shown(line, s, {.width = width});
    const bool shows_it = narrow.find("5h 42%") != narrow.npos;
    EXPECT_EQ(shows_it, narrow.find("2h old") != narrow.npos) << "never without: " << narrow;
  }
}

TEST(Forms, BudgetsAreInNoLineThatComesWithIt) {
  for (const auto templ : {default_template(Target::plain), compact_template(), full_template()})
    EXPECT_EQ(templ.find("{account."), templ.npos);
}

TEST(Forms, DefaultLineByWidth) {
  const struct {
    int width;
    std::string_view want;
  } rows[] = {{71, "Opus 4.1 · ███░░░ 42% · $0.02 · today $4.56 · 5h 42% (2h30m) · 7d 13%"},
              {69, "Opus 4.1 · ███░░░ 42% · $0.02 · today $4.56 · 5h 42% (2h30m) · 7d 13%"},
              {68, "Opus 4.1 · ███░░░ 42% · $0.02 · today $4.56 · 5h 42% · 7d 13%"},
              {60, "Opus 4.1 · ███░░░ 42% · $0.02 · 5h 42% · 7d 13%"},
              {46, "Opus 4.1 · ███░░░ 42% · $0.02 · 5h 42%"},
              {37, "Opus 4.1 · $0.02 · 5h 42%"},
              {24, "Opus 4.1 · $0.02"},
              {15, "Opus 4.1"},
              {8, "Opus 4.1"},
              {7, "Opus 4…"},
              {1, "…"}};
  for (const auto& row : rows)
    EXPECT_EQ(shown(default_template(Target::plain), sample(), {.width = row.width}), row.want)
        << row.width;
}

TEST(Forms, EveryTargetHasALineThatPassesTheCheck) {
  for (int i = 0; i <= static_cast<int>(Target::json); ++i) {
    const auto target = static_cast<Target>(i);
    TemplateError error;
    EXPECT_TRUE(check_template(default_template(target), error)) << error.message;
    EXPECT_EQ(default_template(target).empty(), target == Target::json);
    Target parsed{};
    EXPECT_TRUE(parse_target(target_name(target), parsed));
    EXPECT_EQ(parsed, target);
  }
  TemplateError error;
  EXPECT_TRUE(check_template(full_template(), error)) << error.message;
  EXPECT_TRUE(check_template(compact_template(), error)) << error.message;
  EXPECT_TRUE(check_template(rich_template(), error)) << error.message;
  for (const std::string_view name : {"default", "compact", "full", "rich"})
    EXPECT_FALSE(named_template(name, Target::tmux).empty()) << name;
  EXPECT_EQ(named_template("", Target::tmux), "");
  EXPECT_EQ(named_template("Rich", Target::tmux), "");
  Target target{};
  EXPECT_FALSE(parse_target("", target));
  EXPECT_FALSE(parse_target("Tmux", target));
}

}  // namespace
}  // namespace shmeter::formats
