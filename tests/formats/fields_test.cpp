// SPDX-License-Identifier: MIT
#include "formats/fields.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "formats/field_table.hpp"
#include "tests/formats/sample.hpp"

namespace shmeter::formats {
namespace {

using shm::kUnknown;

#define SHMETER_NAME(name, kind, get, place, path, help) name,
constexpr std::string_view kNames[] = {SHMETER_TEMPLATE_FIELDS(SHMETER_NAME)};

TEST(Fields, WhatAFieldSpeaksOf) {
  const struct {
    const char* name;
    Scope want;
  } rows[] = {{"session.context", Scope::session},
              {"five_hour.used", Scope::account},
              {"hours.cost", Scope::summary},
              {"account.health", Scope::account},
              {"tightest.left", Scope::account},
              {"scoped.used", Scope::account},
              {"period.cost", Scope::account},
              {"today.cost", Scope::summary},
              {"block.cost", Scope::summary},
              {"age", Scope::picture},
              {"state", Scope::picture}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Field* field = find_field(row.name);
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(scope_of(*field), row.want);
  }
}

TEST(Fields, EveryFieldOfAFullPicture) {
  const struct {
    std::string_view name;
    std::string_view want;
  } rows[] = {{"session.id", "097a6729"},
              {"session.name", "refactor"},
              {"session.model", "Opus 4.1"},
              {"session.model_id", "claude-opus-4-1"},
              {"session.status", "busy"},
              {"session.cost", "$0.02"},
              {"session.counted_cost", "$0.02"},
              {"session.tokens", "1.2k"},
              {"session.tokens_all", "31.2k"},
              {"session.input", "1.0k"},
              {"session.output", "200"},
              {"session.cache_read", "30.0k"},
              {"session.cache_write", "30"},
              {"session.requests", "3"},
              {"session.unpriced", "0"},
              {"session.context", "42%"},
              {"session.context_used", "84.0k"},
              {"session.context_size", "200k"},
              {"session.cache_warm", "warm"},
              {"session.cache_left", "4m"},
              {"session.effort", "high"},
              {"session.fast", "fast"},
              {"session.thinking", "thinking"},
              {"session.agent", "reviewer"},
              {"session.cwd", "/home/dev/proj"},
              {"session.dir", "proj"},
              {"session.branch", "main"},
              {"session.pr", "42"},
              {"session.version", "2.1.153"},
              {"session.lines_added", "120"},
              {"session.lines_removed", "30"},
              {"session.messages", "9"},
              {"session.tool_calls", "1.2k"},
              {"session.compute", "2m"},
              {"session.api", "1m"},
              {"session.started", "2h"},
              {"session.age", "3s"},
              {"session.rate_limit_remaining", "98"},
              {"session.rate_limit_limit", "100"},
              {"session.rate_limit_resets_in", "1m"},
              {"session.uncounted_cost", "<$0.01"},
              {"total.cost", "$12.34"},
              {"total.tokens", "5.3k"},
              {"total.tokens_all", "5.4k"},
              {"total.input", "4.0k"},
              {"total.output", "1.3k"},
              {"total.cache_read", "33"},
              {"total.cache_write", "33"},
              {"total.requests", "40"},
              {"total.unpriced", "0"},
              {"today.cost", "$4.56"},
              {"today.tokens", "1.0k"},
              {"today.tokens_all", "1.0k"},
              {"today.input", "900"},
              {"today.output", "100"},
              {"today.cache_read", "3"},
              {"today.cache_write", "3"},
              {"today.requests", "4"},
              {"today.unpriced", "0"},
              {"week.cost", "$5.00"},
              {"week.tokens", "1.2k"},
              {"week.tokens_all", "1.2k"},
              {"week.input", "1.0k"},
              {"week.output", "200"},
              {"week.cache_read", "3"},
              {"week.cache_write", "3"},
              {"week.requests", "10"},
              {"week.unpriced", "0"},
              {"month.cost", "$6.00"},
              {"month.tokens", "2.3k"},
              {"month.tokens_all", "2.3k"},
              {"month.input", "2.0k"},
              {"month.output", "300"},
              {"month.cache_read", "3"},
              {"month.cache_write", "3"},
              {"month.requests", "20"},
              {"month.unpriced", "0"},
              {"block.cost", "$0.25"},
              {"block.tokens", "560"},
              {"block.tokens_all", "566"},
              {"block.input", "500"},
              {"block.output", "60"},
              {"block.cache_read", "3"},
              {"block.cache_write", "3"},
              {"block.requests", "2"},
              {"block.unpriced", "0"},
              {"block.ends_in", "4h"},
              {"block.tokens_per_min", "250"},
              {"block.cost_per_hour", "$0.50"},
              {"block.projected_cost", "$3.00"},
              {"fleet.cost", "$13.00"},
              {"fleet.tokens", "6.4k"},
              {"fleet.tokens_all", "6.5k"},
              {"fleet.input", "5.0k"},
              {"fleet.output", "1.4k"},
              {"fleet.cache_read", "33"},
              {"fleet.cache_write", "33"},
              {"fleet.requests", "50"},
              {"fleet.unpriced", "0"},
              {"hours.cost", "▁▂▃▄▅▆▇▁▁▁▂█"},
              {"hours.tokens", "▁▁▁▁▁▁▁▁▁▁▁█"},
              {"five_hour.used", "42%"},
              {"five_hour.left", "58%"},
              {"five_hour.resets_in", "2h30m"},
              {"five_hour.resets_at", "18:30"},
              {"five_hour.age", "5s"},
              {"five_hour.old", ""},
              {"five_hour.projected", "120%"},
              {"five_hour.pace", "-8%"},
              {"seven_day.used", "13%"},
              {"seven_day.left", "87%"},
              {"seven_day.resets_in", "1d1h"},
              {"seven_day.resets_at", "Sun 17:00"},
              {"seven_day.age", "2h"},
              {"seven_day.old", "2h"},
              {"seven_day.projected", "30%"},
              {"seven_day.pace", "-72%"},
              {"tightest.name", "5h"},
              {"tightest.used", "42%"},
              {"tightest.left", "58%"},
              {"tightest.resets_in", "2h30m"},
              {"tightest.old", ""},
              {"scoped.name", "Fable"},
              {"scoped.used", "5%"},
              {"scoped.left", "95%"},
              {"scoped.resets_in", "1d1h"},
              {"scoped.old", ""},
              {"extra.used", "$5.00"},
              {"extra.limit", "$50.00"},
              {"extra.share", "10%"},
              {"spend.used", "$25.00"},
              {"spend.limit", "$100.00"},
              {"spend.share", "25%"},
              {"spend.resets_in", "16m"},
              {"spend.period", "monthly"},
              {"account.name", "work"},
              {"account.tier", "max"},
              {"account.last_request", "30s"},
              {"account.weekly_used", "$350.00"},
              {"account.weekly_budget", "$456.00"},
              {"account.weekly", "77%"},
              {"account.block_budget", "$22.80"},
              {"account.block_used", "55%"},
              {"account.health", "45%"},
              {"account.block.cost", "$0.25"},
              {"account.block.tokens", "560"},
              {"account.block.tokens_all", "566"},
              {"account.block.input", "500"},
              {"account.block.output", "60"},
              {"account.block.cache_read", "3"},
              {"account.block.cache_write", "3"},
              {"account.block.requests", "2"},
              {"account.block.unpriced", "0"},
              {"account.block.ends_in", "4h"},
              {"account.block.tokens_per_min", "250"},
              {"account.block.cost_per_hour", "$0.50"},
              {"account.block.projected_cost", "$3.00"},
              {"period.cost", "$6.00"},
              {"period.tokens", "2.3k"},
              {"period.tokens_all", "2.3k"},
              {"period.input", "2.0k"},
              {"period.output", "300"},
              {"period.cache_read", "3"},
              {"period.cache_write", "3"},
              {"period.requests", "20"},
              {"period.unpriced", "0"},
              {"period.started", "20d"},
              {"period.input_limit", "5.0M"},
              {"period.output_limit", "1.0M"},
              {"sessions.active", "2"},
              {"sessions.waiting", "1"},
              {"scan.files", "7"},
              {"scan.of", "12"},
              {"state", "partial"},
              {"age", "1s"}};
  Sample s = sample();
  s.freshness = Freshness::partial;
  s.summary.completeness = static_cast<i64>(shm::Completeness::today_only);
  s.account.seven_day.observed_at_s = kNow - 7'300;
  std::set<std::string_view> seen;
  for (const auto& row : rows) {
    EXPECT_EQ(shown(around("{", row.name, "}"), s), row.want) << row.name;
    seen.insert(row.name);
  }
  for (const std::string_view name : kNames) EXPECT_TRUE(seen.count(name)) << name;
}

TEST(Fields, NothingKnownShowsNothing) {
  const shm::Summary summary;
  const shm::Account account;
  const shm::Session session;
  const Values empty{&summary, &account, &session, kNow, Freshness::live, kUnknown, false};
  const Values missing{nullptr, nullptr, nullptr, kNow, Freshness::absent, kUnknown, false};
  for (const std::string_view name : kNames) {
    if (name == "state") continue;
    EXPECT_EQ(shown(around("{", name, "}"), empty), "") << name;
    EXPECT_EQ(shown(around("{", name, "}"), missing), "") << name;
  }
}

TEST(Fields, FoundByTheirNamesOnly) {
  std::set<const Field*> found;
  for (const std::string_view name : kNames) found.insert(find_field(name));
  EXPECT_EQ(found.size(), std::size(kNames));
  EXPECT_EQ(found.count(nullptr), 0u);
  for (const std::string_view name :
       {"", "session", "session.", "Session.cost", "session.cost ", "session.costs", "five_hour"})
    EXPECT_EQ(find_field(name), nullptr) << name;
}

TEST(Fields, CallsPastTheirResetAreUnknown) {
  Sample s = sample();
  s.session.rate_limit_reset_s = kNow;
  EXPECT_EQ(shown("{session.rate_limit_remaining}", s), "");
  s.session.rate_limit_reset_s = kUnknown;
  EXPECT_EQ(shown("{session.rate_limit_remaining}", s), "98");
}

TEST(Fields, CostSaysWhatItDoesNotKnow) {
  Sample s = sample();
  s.session.cost_nanousd = kUnknown;
  EXPECT_EQ(shown("{session.cost}", s), "$0.02");  // the counted one
  s.session.usage.unpriced_tokens = 500;
  EXPECT_EQ(shown("{session.cost}", s), "$0.02+");
  s.session.usage.unpriced_tokens = 31'230;  // all of it
  EXPECT_EQ(shown("{session.cost}", s), "");
  s.summary.today.unpriced_tokens = 1;
  EXPECT_EQ(shown("{today.cost} {today.cost|money:3}", s), "$4.56+ $4.560+");
}

TEST(Fields, TodayEndsAtLocalMidnight) {
  Sample s = sample();  // 16:00 local
  s.summary.published_at_ms = (kNow - 16 * 3600) * 1000;
  EXPECT_EQ(shown("{today.cost}", s), "$4.56");
  s.summary.published_at_ms -= 1000;
  EXPECT_EQ(shown("{today.cost}", s), "");
  EXPECT_EQ(shown("{week.cost}", s), "$5.00");
  // The clocks went back after the picture: 00:30 summer time is the evening before.
  s.summary.utc_offset_s = 7200;
  s.summary.utc_offset_after_s = 3600;
  s.summary.utc_change_at_s = kNow;
  s.summary.published_at_ms = (kNow - 17 * 3600) * 1000;
  EXPECT_EQ(shown("{today.cost}", s), "$4.56");
}

TEST(Fields, ABlockThatIsOverIsUnknown) {
  Sample s = sample();
  s.summary.block.ends_at_s = kNow;
  EXPECT_EQ(shown("{block.cost}{block.tokens_per_min}{block.ends_in}", s), "");
}

TEST(Fields, ScanShowsOnlyWhileItRuns) { EXPECT_EQ(shown("{scan.files}", sample()), ""); }

TEST(Fields, TheCacheIsWarmUntilItExpires) {
  Sample s = sample();
  s.session.prompt_cache_expires_at_s = kNow;
  EXPECT_EQ(shown("{session.cache_warm}", s), "");
  s.session.prompt_cache_expires_at_s = kUnknown;
  EXPECT_EQ(shown("{session.cache_warm}", s), "warm");
  s.session.prompt_cache_warm = 0;
  EXPECT_EQ(shown("{session.cache_warm}", s), "");
}

TEST(Fields, ContextIsComputedWhenOnlyTokensAreKnown) {
  Sample s = sample();
  s.session.context_used_ppm = kUnknown;
  s.session.context_used_tokens = 50'000;
  EXPECT_EQ(shown("{session.context}", s), "25%");
  s.session.context_size_tokens = 0;
  EXPECT_EQ(shown("{session.context}", s), "");
}

TEST(Fields, ModelFallsBackToItsId) {
  Sample s = sample();
  s.session.model_name = {};
  EXPECT_EQ(shown("{session.model}", s), "opus-4-1");
  const struct {
    std::string_view id, want;
  } rows[] = {{"claude-opus-4-5-20251101", "opus-4-5"},
              {"claude-sonnet-5-5[1m]", "sonnet-5-5[1m]"},
              {"glm-5.2", "glm-5.2"},
              {"-20251101", "-20251101"},
              {"claude-3-5-haiku-2024102x", "3-5-haiku-2024102x"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.want);
    s.session.model.assign(row.id);
    EXPECT_EQ(shown("{session.model}", s), row.want);
  }
}

TEST(Fields, LastPartOfAPath) {
  const struct {
    std::string_view cwd;
    std::string_view want;
  } rows[] = {
      {"/home/dev/proj", "proj"}, {"/home/dev/proj/", "proj"}, {"/", "/"}, {"proj", "proj"}};
  for (const auto& row : rows) {
    Sample s = sample();
    s.session.cwd.assign(row.cwd);
    EXPECT_EQ(shown("{session.dir}", s), row.want);
  }
}

TEST(Fields, TextThatShowsNothingIsUnknown) {
  Sample s = sample();
  s.session.name.assign("\x01\u200b\u202e");
  EXPECT_EQ(shown("[name {session.name}]{session.pr}", s), "42");
}

TEST(Fields, SumsThatDoNotFitAreUnknown) {
  Sample s = sample();
  s.session.usage.input_tokens = std::numeric_limits<i64>::max();
  EXPECT_EQ(shown("{session.tokens}", s), "");
  s.session.usage.input_tokens = kUnknown;
  EXPECT_EQ(shown("{session.tokens}", s), "");
}

}  // namespace
}  // namespace shmeter::formats
