// SPDX-License-Identifier: MIT
// See json.hpp. One function per object of the contract, members in its order.
#include "formats/json.hpp"

#include <array>

#include "formats/fields.hpp"
#include "formats/json_writer.hpp"
#include "formats/units.hpp"

namespace shmeter::formats {

namespace {

using Writer = JsonWriter;
using shm::known;
using shm::kUnknown;

// Members of U. Session records carry the cost under names of their own.
enum class Cost { yes, no };

void usage_members(Writer& out, const shm::Usage& u, Cost cost) {
  const i64 writes = sum(u.cache_write_5m_tokens, u.cache_write_1h_tokens);
  out.number("requests", u.requests);
  out.number("input_tokens", u.input_tokens);
  out.number("output_tokens", u.output_tokens);
  out.number("cache_creation_tokens", writes);
  out.number("cache_creation_5m_tokens", u.cache_write_5m_tokens);
  out.number("cache_creation_1h_tokens", u.cache_write_1h_tokens);
  out.number("cache_read_tokens", u.cache_read_tokens);
  out.number("total_tokens",
             sum(sum(u.input_tokens, u.output_tokens), sum(writes, u.cache_read_tokens)));
  if (cost == Cost::yes) out.dollars("cost_usd", u.cost_nanousd);
  out.number("unpriced_tokens", u.unpriced_tokens);
}

void usage(Writer& out, std::string_view member, const shm::Usage& usage) {
  if (!known(usage)) return out.null(member);
  out.name(member);
  out.open('{');
  usage_members(out, usage, Cost::yes);
  out.close('}');
}

/// 2026-11-21T15:00:00.000Z; days to a date by Howard Hinnant's civil_from_days.
void write_iso(Word& out, i64 at_s) {
  const i64 day = floor_div(at_s, 86400);
  const auto second = static_cast<shm::u64>(at_s - day * 86400);
  const i64 shifted = day + 719468;  // days since 0000-03-01
  const i64 era = floor_div(shifted, 146097);
  const i64 of_era = shifted - era * 146097;
  const i64 year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const i64 of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const i64 from_march = (5 * of_year + 2) / 153;
  const i64 month = from_march < 10 ? from_march + 3 : from_march - 9;
  const auto padded = [&](i64 number, int digits) -> Word& {
    return out.add_padded(static_cast<shm::u64>(number), digits);
  };
  padded(year_of_era + era * 400 + (month <= 2 ? 1 : 0), 4).add("-");
  padded(month, 2).add("-");
  padded(of_year - (153 * from_march + 2) / 5 + 1, 2).add("T");
  out.add_padded(second / 3600, 2).add(":").add_padded(second / 60 % 60, 2).add(":");
  out.add_padded(second % 60, 2).add(".000Z");
}

void block(Writer& out, const shm::Block& block, i64 now_s) {
  out.name("block");
  if (!is_running(block, now_s)) return out.value("null");
  out.open('{');
  Word id;
  write_iso(id, block.started_at_s);
  out.text("id", id.view());
  out.number("started_at", block.started_at_s);
  out.number("ends_at", block.ends_at_s);
  out.number("first_request_at", block.first_request_at_s);
  out.number("burn_rate_tokens_per_min", block.burn_rate_tokens_per_min);
  out.dollars("burn_rate_usd_per_hour", block.burn_rate_nanousd_per_hour);
  out.dollars("projected_cost_usd", block.projected_cost_nanousd);
  usage_members(out, block.usage, Cost::yes);
  out.close('}');
}

std::string_view source_name(i64 source) {
  constexpr std::array<std::string_view, 8> kNames = {
      "", "statusline", "utilization_file", "limit_line", "stream", "manual", "command", "fleet"};
  return source < 0 || source >= static_cast<i64>(kNames.size())
             ? std::string_view{}
             : kNames[static_cast<std::size_t>(source)];
}

void window_members(Writer& out, const shm::Window& window, i64 now_s) {
  const i64 left = difference(kShareWhole, window.used_ppm);
  out.percentage("used_percentage", window.used_ppm);
  out.percentage("remaining_percentage", known(left) && left < 0 ? 0 : left);
  out.number("resets_at", window.resets_at_s);
  out.number("observed_at", window.observed_at_s);
  out.number("age_s", difference(now_s, window.observed_at_s));
  out.text_or_null("source", source_name(window.source));
}

/// All members of one of the two that every account has.
void own_window_members(Writer& out, const shm::Window& window, i64 projected_ppm, i64 length_s,
                        i64 now_s) {
  window_members(out, window, now_s);
  out.percentage("projected_percentage", projected_ppm);
  out.percentage("pace_percentage", pace_ppm(window, length_s, now_s));
}

void window(Writer& out, std::string_view member, const shm::Window& window, i64 projected_ppm,
            i64 length_s, i64 now_s) {
  if (!is_running(window, now_s)) return out.null(member);
  out.name(member);
  out.open('{');
  own_window_members(out, window, projected_ppm, length_s, now_s);
  out.close('}');
}

void scoped(Writer& out, const shm::ScopedWindow& scoped, i64 now_s) {
  if (scoped.label.empty() || !is_running(scoped.window, now_s)) return;
  out.open('{');
  out.text("label", scoped.label.view());
  window_members(out, scoped.window, now_s);
  out.close('}');
}

void extra_usage(Writer& out, const shm::ExtraUsage& extra) {
  if (extra == shm::ExtraUsage{}) return out.null("extra_usage");
  out.name("extra_usage");
  out.open('{');
  out.flag("is_enabled", extra.is_enabled);
  out.dollars("monthly_limit_usd", extra.monthly_limit_nanousd);
  out.dollars("used_usd", extra.used_nanousd);
  out.percentage("used_percentage", extra.used_ppm);
  out.close('}');
}

void spend_limit(Writer& out, const shm::SpendLimit& limit, i64 now_s) {
  if (!is_running(limit, now_s)) return out.null("spend_limit");
  out.name("spend_limit");
  out.open('{');
  out.percentage("used_percentage", limit.used_ppm);
  out.number("resets_at", limit.resets_at_s);
  out.dollars("used_usd", limit.used_nanousd);
  out.dollars("limit_usd", limit.limit_nanousd);
  out.text_or_null("period", limit.period.view());
  out.close('}');
}

std::string_view budget_source(i64 source) {
  if (source == static_cast<i64>(shm::BudgetSource::config)) return "config";
  return source == static_cast<i64>(shm::BudgetSource::preset) ? "default" : std::string_view{};
}

/// What the token limits are counted over.
void period(Writer& out, const shm::Account& account) {
  if (!known(account.period) || !known(account.period_started_at_s)) return out.null("period");
  out.name("period");
  out.open('{');
  out.number("started_at", account.period_started_at_s);
  usage_members(out, account.period, Cost::yes);
  out.close('}');
}

void account(Writer& out, const shm::Account& account, i64 now_s) {
  out.open('{');
  out.text("id", account.id.view());
  out.text("name", account.name.view());
  out.text("config_dir", account.config_dir.view());
  out.text_or_null("tier", account.tier.view());
  window(out, "five_hour", account.five_hour, account.five_hour_projected_ppm, kFiveHours_s, now_s);
  window(out, "seven_day", account.seven_day, account.seven_day_projected_ppm, kSevenDays_s, now_s);
  out.name("scoped");
  out.open('[');
  for (const auto* one :
       {&account.scoped_1, &account.scoped_2, &account.scoped_3, &account.scoped_4})
    scoped(out, *one, now_s);
  out.close(']');
  extra_usage(out, account.extra_usage);
  spend_limit(out, account.spend_limit, now_s);
  out.dollars("weekly_budget_usd", account.weekly_budget_nanousd);
  out.text_or_null("budget_source", budget_source(account.budget_source));
  out.dollars("weekly_used_usd", account.weekly_used_nanousd);
  out.percentage("weekly_percent", account.weekly_ppm);
  out.percentage("block_percent", account.block_ppm);
  out.percentage("health", account.health_ppm);
  block(out, account.block, now_s);
  out.text_or_null("last_session_id", account.last_session_id.view());
  out.number("last_request_at", account.last_request_at_s);
  out.dollars("block_budget_usd", account.block_budget_nanousd);
  out.number("weekly_unpriced_tokens", account.weekly_unpriced_tokens);
  period(out, account);
  out.number("input_tokens_limit", account.input_tokens_limit);
  out.number("output_tokens_limit", account.output_tokens_limit);
  out.close('}');
}

/// A digit for each hour, as they lie in the region.
void hours(Writer& out, const shm::Summary& summary) {
  out.name("hours");
  out.open('{');
  out.text_or_null("cost", summary.hours_cost.view());
  out.text_or_null("tokens", summary.hours_tokens.view());
  out.close('}');
}

void totals(Writer& out, const shm::Summary& summary, i64 now_s) {
  out.name("totals");
  out.open('{');
  usage(out, "all", summary.all);
  usage(out, "today", today_is_today(summary, now_s) ? summary.today : shm::Usage{});
  usage(out, "week", summary.week);
  usage(out, "month", summary.month);
  block(out, summary.block, now_s);
  usage(out, "fleet", summary.fleet);
  hours(out, summary);
  out.close('}');
}

void model(Writer& out, const shm::Model& model) {
  out.open('{');
  out.text("model", model.model.view());
  usage_members(out, model.usage, Cost::yes);
  out.close('}');
}

void context(Writer& out, const shm::Session& session) {
  if (!known(session.context_used_tokens) && !known(session.context_size_tokens) &&
      !known(session.context_used_ppm))
    return out.null("context");
  out.name("context");
  out.open('{');
  out.number("used_tokens", session.context_used_tokens);
  out.number("size", session.context_size_tokens);
  out.percentage("used_percentage", session.context_used_ppm);
  out.close('}');
}

void prompt_cache(Writer& out, const shm::Session& session, i64 now_s) {
  if (!known(session.prompt_cache_warm) && !known(session.prompt_cache_expires_at_s))
    return out.null("prompt_cache");
  const bool cold =
      known(session.prompt_cache_expires_at_s) && session.prompt_cache_expires_at_s <= now_s;
  out.name("prompt_cache");
  out.open('{');
  out.flag("warm", cold ? 0 : session.prompt_cache_warm);
  out.number("expires_at", session.prompt_cache_expires_at_s);
  out.close('}');
}

void rate_limit(Writer& out, const shm::Session& session, i64 now_s) {
  const bool over = known(session.rate_limit_reset_s) && session.rate_limit_reset_s <= now_s;
  out.number("rate_limit_remaining", over ? kUnknown : session.rate_limit_remaining);
  out.number("rate_limit_limit", over ? kUnknown : session.rate_limit_limit);
  out.number("rate_limit_reset", over ? kUnknown : session.rate_limit_reset_s);
}

void session(Writer& out, const shm::Session& session, const JsonPicture& picture) {
  const auto index = static_cast<shm::u64>(session.account);
  const bool has_account = session.account >= 0 && index < picture.accounts.size();
  const auto milliseconds = [&](std::string_view member, i64 ms) { out.number(member, ms, 3); };
  out.open('{');
  out.text("session_id", session.session_id.view());
  out.text_or_null("name", session.name.view());
  out.text("account", has_account ? picture.accounts[index].name.view() : std::string_view{});
  out.text("cwd", session.cwd.view());
  out.text("model", session.model.view());
  const std::string_view status = status_name(session.status);
  out.text("status", status.empty() ? "unknown" : status);
  out.dollars("cost_usd", session.cost_nanousd);
  out.dollars("counted_cost_usd", session.usage.cost_nanousd);
  out.dollars("uncounted_cost_usd", session.uncounted_cost_nanousd);
  context(out, session);
  prompt_cache(out, session, picture.now_s);
  out.text_or_null("effort", session.effort.view());
  out.flag("fast_mode", session.fast_mode);
  out.flag("thinking", session.thinking);
  out.text_or_null("agent", session.agent.view());
  out.text_or_null("git_branch", session.git_branch.view());
  out.number("pr", session.pr);
  out.text_or_null("version", session.version.view());
  out.number("lines_added", session.lines_added);
  out.number("lines_removed", session.lines_removed);
  out.number("messages", session.messages);
  out.number("tool_calls", session.tool_calls);
  milliseconds("compute_s", session.compute_ms);
  milliseconds("api_s", session.api_ms);
  out.number("started_at", session.started_at_s);
  out.number("updated_at", session.updated_at_s);
  usage_members(out, session.usage, Cost::no);
  out.text_or_null("model_name", session.model_name.view());
  rate_limit(out, session, picture.now_s);
  out.close('}');
}

void head(Writer& out, const JsonPicture& picture, const shm::Summary& summary) {
  out.number("schema", 1);
  out.number("generated_at", picture.now_s);
  out.text("state", name_of(picture.freshness));
  out.name("scan");
  if (picture.freshness == Freshness::partial) {
    out.open('{');
    out.number("files", summary.files_read);
    out.number("of", summary.files_known);
    out.close('}');
  } else {
    out.value("null");
  }
  out.number("age_s", picture.age_s);
  out.name("writer");
  if (picture.writer_pid == 0 && picture.writer_version.empty()) return out.value("null");
  out.open('{');
  out.number("pid", picture.writer_pid == 0 ? kUnknown : static_cast<i64>(picture.writer_pid));
  out.text_or_null("version", picture.writer_version);
  out.close('}');
}

void problems(Writer& out, const shm::Summary& summary) {
  out.name("problems");
  out.open('{');
  out.number("damaged_lines", summary.damaged_lines);
  out.number("skipped_lines", summary.skipped_lines);
  out.number("unreadable_files", summary.unreadable_files);
  out.number("dropped_datagrams", summary.dropped_datagrams);
  out.close('}');
}

void counts(Writer& out, const shm::Summary& summary) {
  out.name("counts");
  out.open('{');
  out.number("sessions", summary.sessions_known);
  out.number("active", summary.active_sessions);
  out.number("waiting", summary.waiting_sessions);
  out.close('}');
}

template <class Items, class One>
void array(Writer& out, std::string_view member, const Items& items, One&& one) {
  out.name(member);
  out.open('[');
  for (const auto& item : items) one(item);
  out.close(']');
}

}  // namespace

void write_windows(const shm::Account& account, i64 now_s, JsonSink sink, void* context) noexcept {
  Writer out(sink, context);
  const auto own = [&](std::string_view name, const shm::Window& window, i64 projected_ppm,
                       i64 length_s) {
    if (!is_running(window, now_s)) return;
    out.open('{');
    out.text("name", name);
    own_window_members(out, window, projected_ppm, length_s, now_s);
    out.close('}');
  };
  out.open('[');
  own("five_hour", account.five_hour, account.five_hour_projected_ppm, kFiveHours_s);
  own("seven_day", account.seven_day, account.seven_day_projected_ppm, kSevenDays_s);
  for (const auto* one :
       {&account.scoped_1, &account.scoped_2, &account.scoped_3, &account.scoped_4}) {
    if (one->label.empty() || !is_running(one->window, now_s)) continue;
    out.open('{');
    out.text("name", one->label.view());
    window_members(out, one->window, now_s);
    out.close('}');
  }
  out.close(']');
  out.end();
}

void write_json(const JsonPicture& picture, JsonSink sink, void* context) noexcept {
  const shm::Summary nothing;
  const shm::Summary& summary = picture.summary == nullptr ? nothing : *picture.summary;
  Writer out(sink, context);
  out.open('{');
  head(out, picture, summary);
  array(out, "accounts", picture.accounts,
        [&](const shm::Account& one) { account(out, one, picture.now_s); });
  totals(out, summary, picture.now_s);
  array(out, "models", picture.models, [&](const shm::Model& one) { model(out, one); });
  array(out, "sessions", picture.sessions,
        [&](const shm::Session& one) { session(out, one, picture); });
  problems(out, summary);
  counts(out, summary);
  out.close('}');
  out.newline();
  out.end();
}

}  // namespace shmeter::formats
