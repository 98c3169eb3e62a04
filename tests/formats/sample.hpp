// SPDX-License-Identifier: MIT
// A picture in which everything is known, for tests to take things away from.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "formats/render.hpp"

namespace shmeter::formats {

inline constexpr i64 kNow = 1'795'273'200;  // Saturday 2026-11-21 15:00:00 UTC
inline constexpr i64 kDollar = 1'000'000'000;

struct Sample {
  shm::Summary summary;
  shm::Account account;
  shm::Session session;
  Freshness freshness = Freshness::live;
  i64 age_s = 1;
  bool session_fresh = false;

  Values values() const {
    return {&summary, &account, &session, kNow, freshness, age_s, session_fresh};
  }
};

// A usage is: requests, input, output, cache writes for 5 min and 1 h, reads, cost, unpriced.
inline Sample sample() {
  Sample s;
  shm::Summary& summary = s.summary;
  summary.published_at_ms = (kNow - 1) * 1000;
  summary.completeness = static_cast<i64>(shm::Completeness::complete);
  summary.files_read = 7;
  summary.files_known = 12;
  summary.utc_offset_s = 3600;
  summary.sessions_known = 3;
  summary.active_sessions = 2;
  summary.waiting_sessions = 1;
  summary.damaged_lines = 4;
  summary.skipped_lines = 5;
  summary.unreadable_files = 6;
  summary.dropped_datagrams = 7;
  summary.all = {40, 4'000, 1'300, 11, 22, 33, 12 * kDollar + 340'000'000, 0};
  summary.today = {4, 900, 100, 1, 2, 3, 4 * kDollar + 560'000'000, 0};
  summary.week = {10, 1'000, 200, 1, 2, 3, 5 * kDollar, 0};
  summary.month = {20, 2'000, 300, 1, 2, 3, 6 * kDollar, 0};
  summary.fleet = {50, 5'000, 1'400, 11, 22, 33, 13 * kDollar, 0};
  summary.block = {kNow - 3600,
                   kNow + 4 * 3600,
                   kNow - 3000,
                   250,
                   kDollar / 2,
                   3 * kDollar,
                   {2, 500, 60, 1, 2, 3, kDollar / 4, 0}};

  summary.hours_cost.assign("000000000000012345600017");
  summary.hours_tokens.assign("000000000000000000000007");
  summary.dashboard.assign("http://127.0.0.1:7483");

  shm::Account& account = s.account;
  account.id.assign("0123456789abcdef");
  account.name.assign("work");
  account.config_dir.assign("/home/dev/.claude");
  account.tier.assign("max");
  account.five_hour = {420'000, kNow + 9'000, kNow - 5, 1};
  account.seven_day = {130'000, kNow + 90'000, kNow - 5, 2};
  account.scoped_1.label.assign("Fable");
  account.scoped_1.window = {50'000, kNow + 90'000, kNow - 5, 3};
  account.extra_usage = {1, 50 * kDollar, 5 * kDollar, 100'000};
  account.spend_limit.used_ppm = 250'000;
  account.spend_limit.resets_at_s = kNow + 1000;
  account.spend_limit.used_nanousd = 25 * kDollar;
  account.spend_limit.limit_nanousd = 100 * kDollar;
  account.spend_limit.period.assign("monthly");
  account.weekly_budget_nanousd = 456 * kDollar;
  account.budget_source = static_cast<i64>(shm::BudgetSource::preset);
  account.weekly_used_nanousd = 350 * kDollar;
  account.weekly_ppm = 767'544;
  account.block_ppm = 548'246;
  account.health_ppm = 451'755;
  account.block = summary.block;
  account.last_session_id.assign("097a6729");
  account.last_request_at_s = kNow - 30;
  account.five_hour_projected_ppm = 1'200'000;
  account.seven_day_projected_ppm = 300'000;
  account.block_budget_nanousd = 22 * kDollar + 800'000'000;
  account.period_started_at_s = kNow - 20 * 86'400;
  account.period = {20, 2'000, 300, 1, 2, 3, 6 * kDollar, 0};
  account.input_tokens_limit = 5'000'000;
  account.output_tokens_limit = 1'000'000;
  account.weekly_unpriced_tokens = 0;

  shm::Session& session = s.session;
  session.session_id.assign("097a6729");
  session.name.assign("refactor");
  session.account = 0;
  session.cwd.assign("/home/dev/proj");
  session.model.assign("claude-opus-4-1");
  session.model_name.assign("Opus 4.1");
  session.status = static_cast<i64>(shm::SessionStatus::busy);
  session.cost_nanousd = 21'345'678;
  session.usage = {3, 1'000, 200, 10, 20, 30'000, 19'000'000, 0};
  session.uncounted_cost_nanousd = 2'345'678;
  session.context_used_tokens = 84'000;
  session.context_size_tokens = 200'000;
  session.context_used_ppm = 420'000;
  session.prompt_cache_warm = 1;
  session.prompt_cache_expires_at_s = kNow + 240;
  session.effort.assign("high");
  session.fast_mode = 1;
  session.thinking = 1;
  session.agent.assign("reviewer");
  session.git_branch.assign("main");
  session.pr = 42;
  session.version.assign("2.1.153");
  session.lines_added = 120;
  session.lines_removed = 30;
  session.messages = 9;
  session.tool_calls = 1'234;
  session.compute_ms = 125'750;
  session.api_ms = 65'001;
  session.started_at_s = kNow - 7'300;
  session.updated_at_s = kNow - 3;
  session.rate_limit_remaining = 98;
  session.rate_limit_limit = 100;
  session.rate_limit_reset_s = kNow + 60;
  return s;
}

/// The three in one. (operator+ on temporaries draws a false -Wrestrict from GCC 12.)
inline std::string around(std::string_view before, std::string_view text, std::string_view after) {
  std::string out(before);
  out.append(text).append(after);
  return out;
}

inline std::string shown(std::string_view templ, const Values& values,
                         const Options& options = {}) {
  std::array<char, 8192> out;
  return {out.data(), render(templ, values, options, out)};
}
inline std::string shown(std::string_view templ, const Sample& sample,
                         const Options& options = {}) {
  return shown(templ, sample.values(), options);
}

}  // namespace shmeter::formats
