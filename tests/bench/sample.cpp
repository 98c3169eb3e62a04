// SPDX-License-Identifier: MIT
#include "tests/bench/sample.hpp"

#include <array>
#include <cstdio>
#include <string>

namespace shmeter::bench {
namespace {

using shm::i64;

constexpr std::array<std::string_view, 5> kModels{"claude-opus-5-5", "claude-sonnet-5-5",
                                                  "claude-haiku-5-5", "claude-fable-5-2",
                                                  "claude-opus-4-5"};
constexpr std::array<std::string_view, 5> kModelNames{"Opus 5.5", "Sonnet 5.5", "Haiku 5.5",
                                                      "Fable 5.2", "Opus 4.5"};

shm::Usage usage(i64 scale) {
  return {.requests = 17 * scale,
          .input_tokens = 340 * scale,
          .output_tokens = 12'900 * scale,
          .cache_write_5m_tokens = 18'000 * scale,
          .cache_write_1h_tokens = 41'000 * scale,
          .cache_read_tokens = 1'250'000 * scale,
          .cost_nanousd = 812'345'678 * scale,
          .unpriced_tokens = 0};
}

shm::Window window(i64 used_ppm, i64 resets_at_s, i64 now_s) {
  return {used_ppm, resets_at_s, now_s - 20, static_cast<i64>(shm::QuotaSource::statusline)};
}

shm::Block block(i64 now_s) {
  shm::Block b;
  b.started_at_s = now_s - 7200;
  b.ends_at_s = now_s + 10'800;
  b.first_request_at_s = now_s - 7000;
  b.burn_rate_tokens_per_min = 91'000;
  b.burn_rate_nanousd_per_hour = 4'200'000'000;
  b.projected_cost_nanousd = 21'000'000'000;
  b.usage = usage(12);
  return b;
}

shm::Account make_account(std::string_view name, std::string_view folder, i64 now_s) {
  shm::Account a;
  a.id.assign("0123456789abcdef");
  a.name.assign(name);
  a.config_dir.assign(folder);
  a.config_dir_hash = shm::hash_text(folder);
  a.tier.assign("max");
  a.five_hour = window(420'000, now_s + 7500, now_s);
  a.seven_day = window(770'000, now_s + 262'000, now_s);
  a.scoped_1.label.assign("Fable");
  a.scoped_1.window = window(120'000, now_s + 262'000, now_s);
  a.weekly_budget_nanousd = 456'000'000'000;
  a.budget_source = static_cast<i64>(shm::BudgetSource::preset);
  a.weekly_used_nanousd = 350'000'000'000;
  a.weekly_ppm = 767'543;
  a.block_ppm = 548'245;
  a.health_ppm = 452'000;
  a.block = block(now_s);
  a.last_request_at_s = now_s - 5;
  return a;
}

std::string id_of(std::size_t number) {
  char text[48];
  const u_int32_t mixed = static_cast<u_int32_t>(number) * 2654435761u;
  const int n = std::snprintf(text, sizeof text, "%08x-5d1e-4c0a-9f00-%012zx", mixed, number);
  return {text, static_cast<std::size_t>(n)};
}

shm::Session make_session(std::size_t number, i64 now_s) {
  shm::Session s;
  const auto age = static_cast<i64>(number) * 40;
  s.session_id.assign(id_of(number));
  s.name.assign("Measure the reader");
  s.account = static_cast<i64>(number % 2);
  const std::string cwd = "/home/dev/proj" + std::to_string(number % 9);
  s.cwd.assign(cwd);
  s.cwd_hash = shm::hash_text(cwd);
  s.model.assign(kModels[number % kModels.size()]);
  s.model_name.assign(kModelNames[number % kModels.size()]);
  s.status = static_cast<i64>(shm::SessionStatus::busy);
  s.cost_nanousd = 311'672'000;
  s.usage = usage(1 + static_cast<i64>(number % 7));
  s.context_used_tokens = 84'000;
  s.context_size_tokens = 200'000;
  s.context_used_ppm = 420'000;
  s.prompt_cache_warm = 1;
  s.prompt_cache_expires_at_s = now_s + 200;
  s.effort.assign("medium");
  s.git_branch.assign("main");
  s.version.assign("2.1.330");
  s.lines_added = 120;
  s.lines_removed = 14;
  s.messages = 12;
  s.tool_calls = 88;
  s.compute_ms = 640'000;
  s.api_ms = 410'000;
  s.started_at_s = now_s - 4000 - age;
  s.updated_at_s = now_s - age;
  return s;
}

}  // namespace

Sample::Sample(std::size_t sessions, std::string_view session_id, i64 now_s) {
  accounts_ = {make_account("dev", "/home/dev/.claude", now_s),
               make_account("work", "/home/dev/work", now_s)};
  for (std::size_t i = 0; i < kModels.size(); ++i) {
    models_.emplace_back();
    models_.back().model.assign(kModels[i]);
    models_.back().usage = usage(300 + static_cast<i64>(i));
  }
  for (std::size_t i = 0; i < sessions; ++i) sessions_.push_back(make_session(i, now_s));
  if (!session_id.empty()) sessions_[sessions / 2].session_id.assign(session_id);
  for (const shm::Session& s : sessions_) order_.push_back(&s);
  accounts_.front().last_session_id = sessions_.front().session_id;

  summary_.published_at_ms = now_s * 1000;
  summary_.completeness = static_cast<i64>(shm::Completeness::complete);
  summary_.files_read = summary_.files_known = 2000;
  summary_.utc_offset_s = summary_.utc_offset_after_s = 3600;
  summary_.utc_change_at_s = now_s + 5'000'000;
  summary_.sessions_known = static_cast<i64>(sessions);
  summary_.active_sessions = 3;
  summary_.waiting_sessions = 1;
  summary_.damaged_lines = summary_.skipped_lines = 0;
  summary_.unreadable_files = summary_.dropped_datagrams = 0;
  summary_.all = usage(10'000);
  summary_.month = usage(3000);
  summary_.week = usage(900);
  summary_.today = usage(120);
  summary_.block = block(now_s);
  summary_.hours_cost.assign("000000013579975312468975");
  summary_.hours_tokens.assign("000000024689864213579864");
}

shm::Picture Sample::picture() const {
  return {.summary = summary_,
          .accounts = accounts_,
          .models = models_,
          .sessions = order_,
          .formats = formats_.entries(),
          .format_text = formats_.text()};
}

}  // namespace shmeter::bench
