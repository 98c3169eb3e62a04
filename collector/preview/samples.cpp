// SPDX-License-Identifier: MIT
#include "collector/preview/samples.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kDollar = 1'000'000'000;
constexpr i64 kHour_s = 3600;

/// Of requests with these tokens and this cost in cents.
shm::Usage usage(i64 requests, i64 tokens, i64 cents) {
  return {requests,   tokens / 4,  tokens - tokens / 4,     tokens,
          tokens * 2, tokens * 20, cents * (kDollar / 100), 0};
}

PreviewSample at_work(i64 now_s) {
  PreviewSample sample;
  sample.title = "a session at work";
  shm::Summary& summary = sample.summary;
  summary.published_at_ms = now_s * 1000;
  summary.completeness = static_cast<i64>(shm::Completeness::complete);
  summary.utc_offset_s = 0;
  summary.active_sessions = 2;
  summary.waiting_sessions = 1;
  summary.today = usage(31, 64'000, 412);
  summary.week = usage(240, 480'000, 3'105);
  summary.month = usage(800, 1'900'000, 11'840);
  summary.all = usage(2'400, 6'300'000, 40'217);
  summary.block = {now_s - 2 * kHour_s,   now_s + 3 * kHour_s,       now_s - 2 * kHour_s,   9'300,
                   kDollar + kDollar / 2, 7 * kDollar + kDollar / 2, usage(22, 41'000, 300)};

  shm::Account& account = sample.account;
  account.name.assign("work");
  account.tier.assign("max");
  account.five_hour = {420'000, now_s + 2 * kHour_s + 14 * 60, now_s - 20, 1};
  account.seven_day = {130'000, now_s + 77 * kHour_s, now_s - 20, 1};
  account.five_hour_projected_ppm = 730'000;
  account.seven_day_projected_ppm = 310'000;
  account.block = summary.block;

  shm::Session& session = sample.session;
  session.session_id.assign("00000000-sample");
  session.name.assign("ferry times");
  session.cwd.assign("/home/sam/ferry-times");
  session.model.assign("claude-opus-5-5");
  session.model_name.assign("Opus 5.5");
  session.status = static_cast<i64>(shm::SessionStatus::busy);
  session.cost_nanousd = kDollar + 23 * (kDollar / 100);
  session.usage = usage(9, 18'800, 123);
  session.context_used_tokens = 84'000;
  session.context_size_tokens = 200'000;
  session.context_used_ppm = 420'000;
  session.prompt_cache_warm = 1;
  session.prompt_cache_expires_at_s = now_s + 240;
  session.effort.assign("high");
  session.git_branch.assign("feature/tides");
  session.lines_added = 120;
  session.lines_removed = 30;
  session.started_at_s = now_s - kHour_s;
  session.updated_at_s = now_s - 3;
  return sample;
}

PreviewSample nearly_used_up(i64 now_s) {
  PreviewSample sample = at_work(now_s);
  sample.title = "limits and context nearly used up";
  sample.account.five_hour.used_ppm = 930'000;
  sample.account.five_hour_projected_ppm = 1'400'000;
  sample.account.seven_day.used_ppm = 780'000;
  sample.account.seven_day_projected_ppm = 990'000;
  sample.session.context_used_ppm = 910'000;
  sample.session.context_used_tokens = 182'000;
  sample.session.cost_nanousd = 48 * kDollar;
  return sample;
}

PreviewSample without_collector(i64 now_s) {
  PreviewSample sample = at_work(now_s);
  sample.title = "the collector has been gone for three hours";
  sample.freshness = formats::Freshness::stale;
  sample.age_s = 3 * kHour_s;
  sample.account.five_hour.resets_at_s = now_s - kHour_s;
  sample.account.seven_day.observed_at_s = now_s - 3 * kHour_s;
  return sample;
}

PreviewSample just_begun(i64 now_s) {
  PreviewSample sample;
  sample.title = "a session that has just begun, no limit known";
  sample.summary.published_at_ms = now_s * 1000;
  sample.summary.completeness = static_cast<i64>(shm::Completeness::complete);
  sample.summary.today = shm::no_usage();
  sample.session.session_id.assign("00000000-sample");
  sample.session.model.assign("claude-sonnet-5-5");
  sample.session.cwd.assign("/home/sam/orchard");
  sample.session.usage = shm::no_usage();
  return sample;
}

}  // namespace

std::vector<PreviewSample> preview_samples(i64 now_s) {
  return {at_work(now_s), nearly_used_up(now_s), without_collector(now_s), just_begun(now_s)};
}

}  // namespace shmeter::collector
