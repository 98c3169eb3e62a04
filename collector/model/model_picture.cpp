// SPDX-License-Identifier: MIT
// What is published, and the periods it is published for.
#include <algorithm>
#include <limits>
#include <numeric>

#include "collector/model/judgement.hpp"
#include "collector/model/model_state.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kOtherModels = "other";
constexpr i64 kNever_ms = std::numeric_limits<i64>::max();

/// The picture's models: the largest by tokens, and where there are more than it has room for, the
/// rest as one.
std::vector<shm::Model> largest_models(const Totals& totals, const Ledger& ledger) {
  const std::vector<shm::Usage>& usages = totals.models();
  std::vector<shm::u32> order(usages.size());
  std::iota(order.begin(), order.end(), 0u);
  std::erase_if(order, [&](shm::u32 model) { return usages[model] == shm::no_usage(); });
  std::sort(order.begin(), order.end(), [&](shm::u32 a, shm::u32 b) {
    const i64 tokens_a = shm::total_tokens(usages[a]);
    const i64 tokens_b = shm::total_tokens(usages[b]);
    return tokens_a != tokens_b ? tokens_a > tokens_b : ledger.model_name(a) < ledger.model_name(b);
  });
  std::vector<shm::Model> out;
  for (const shm::u32 model : order) {
    const bool room = order.size() <= shm::kModels || out.size() + 1 < shm::kModels;
    if (room || out.size() + 1 == shm::kModels) {
      out.push_back({{}, shm::no_usage()});
      out.back().model.assign(room ? ledger.model_name(model) : kOtherModels);
    }
    add(out.back().usage, usages[model]);
  }
  return out;
}

/// A digit for each hour. A cost that nobody knows is not shown as none.
void fill_hours(const Hours& hours, shm::Summary& out) {
  HourUse all, most;
  for (const HourUse& hour : hours) {
    all.unpriced_tokens += hour.unpriced_tokens;
    most.cost_nanousd = std::max(most.cost_nanousd, hour.cost_nanousd);
    most.tokens = std::max(most.tokens, hour.tokens);
  }
  std::string cost, tokens;
  for (const HourUse& hour : hours) {
    const auto digit = [](i64 value, i64 greatest) {
      return static_cast<char>('0' + formats::spark_level(value, greatest));
    };
    cost += digit(hour.cost_nanousd, most.cost_nanousd);
    tokens += digit(hour.tokens, most.tokens);
  }
  if (most.cost_nanousd > 0 || all.unpriced_tokens == 0) out.hours_cost.assign(cost);
  out.hours_tokens.assign(tokens);
}

}  // namespace

// ---- Periods ------------------------------------------------------------------------------------

Period Model::State::usage_period(i64 now_s) const {
  switch (config.usage_period) {
    case UsagePeriod::day:
      return calendar.day(now_s);
    case UsagePeriod::week:
      return calendar.week(now_s);
    case UsagePeriod::month:
      return calendar.month(now_s);
    case UsagePeriod::block:
      break;  // each account's own
  }
  return {};
}

/// What memory no longer has (the clock was put back far, the zone is another one, or the period)
/// is booked anew; with a store only a new model can.
void Model::State::set_periods(i64 now_s) {
  const Period day = calendar.day(now_s);
  const Period week = calendar.week(now_s);
  const Period month = calendar.month(now_s);
  const Period usage = usage_period(now_s);
  if (!shm::known(recent_floor_ms)) {
    recent.set_floor(recent_floor_ms = now_s * 1000 - kRecent_ms);
    period = usage;
  }
  const bool known = totals.reaches_back_to(std::min({day.begin_s, week.begin_s, month.begin_s})) &&
                     now_s * 1000 - Recent::kWeek_ms >= recent_floor_ms &&
                     (usage == period || usage.begin_s >= period.end_s);
  if (!known && journal != nullptr) {
    needs_reload = true;
    return;
  }
  if (!known) return rebook_everything(now_s);
  if (totals.set_periods(day, week, month)) dirty = true;
  if (usage != period) roll_usage_period(usage);
}

/// Without a store: everything is in memory.
void Model::State::rebook_everything(i64 now_s) {
  totals.clear();
  sessions.clear_counted();
  recent.clear();
  ahead.clear();
  for (u32 i = 0; i < accounts.size(); ++i) accounts[i].period = shm::no_usage();
  recent.set_floor(recent_floor_ms = now_s * 1000 - kRecent_ms);
  period = usage_period(now_s);
  totals.set_periods(calendar.day(now_s), calendar.week(now_s), calendar.month(now_s));
  ledger.rebook(Prices(config.prices));
  for (u32 number = 0; number < sessions.size(); ++number) {
    if (sessions.at(number).marks.reported_booked == 0) continue;
    sessions.at(number).marks.reported_booked = 0;
    put_reported_into_books(number, true);
  }
  dirty = true;
}

void Model::State::book_period(const Booking& booking) {
  const i64 at_s = booking.at_ms / 1000;
  if (at_s >= period.end_s && period.end_s != 0) ahead.push_back(booking);
  if (!period.contains(at_s)) return;
  add(sessions.at(booking.session).period, booking.amount);
  const u32 account = account_of(booking.session);
  if (account != kNoAccount) add(accounts[account].period, booking.amount);
}

void Model::State::roll_usage_period(const Period& to) {
  period = to;
  for (u32 i = 0; i < accounts.size(); ++i) accounts[i].period = shm::no_usage();
  for (u32 number = 0; number < sessions.size(); ++number)
    sessions.at(number).period = shm::no_usage();
  for (const Booking& booking : std::exchange(ahead, {})) book_period(booking);
  dirty = true;
}

/// Once an hour is often enough.
void Model::State::forget_old_requests(i64 now_ms) {
  constexpr i64 kHour_ms = 3'600'000;
  if (now_ms - kRecent_ms < recent_floor_ms + kHour_ms) return;
  recent.set_floor(recent_floor_ms = now_ms - kRecent_ms);
}

// ---- Picture ------------------------------------------------------------------------------------

void Model::State::set_formats() {
  formats.clear();
  if (!config.theme.empty()) formats.add(shm::kThemeFormat, config.theme);
  for (const FormatConfig& format : config.formats) formats.add(format.target, format.text);
}

void Model::State::note_deadline(i64 now_ms) {
  const auto no_later = [&](i64 at_ms) {
    if (shm::known(at_ms)) deadline_ms = std::min(deadline_ms, at_ms);
  };
  no_later(totals.day().end_s * 1000);
  if (const i64 change_s = picture.summary.utc_change_at_s; shm::known(change_s))
    no_later(change_s * 1000);
  for (u32 i = 0; i < accounts.size(); ++i) no_later(accounts[i].quota.deadline_ms(now_ms));
  if (complete()) no_later(recent.deadline_ms());
}

void Model::State::fill_summary(i64 now_ms) {
  const i64 now_s = now_ms / 1000;
  shm::Summary& out = picture.summary;
  out = {};
  out.published_at_ms = now_ms;
  out.completeness = static_cast<i64>(completeness);
  out.files_read = files_read;
  out.files_known = files_known;
  out.utc_offset_s = utc_offset_s = calendar.offset_s(now_s);
  out.utc_change_at_s = calendar.next_change_s(now_s);
  if (shm::known(out.utc_change_at_s))
    out.utc_offset_after_s = calendar.offset_s(out.utc_change_at_s);
  out.sessions_known = sessions.size();
  out.damaged_lines = troubles.damaged_lines + refused;
  out.skipped_lines = troubles.skipped_lines;
  out.unreadable_files = troubles.unreadable_files;
  out.dropped_datagrams = troubles.dropped_datagrams;
  out.dashboard = dashboard;
  const Sessions::Live live = sessions.look_who_lives(now_s);
  out.active_sessions = live.sessions;
  out.waiting_sessions = live.waiting;
  if (live.until_s < kNever_ms / 1000) deadline_ms = std::min(deadline_ms, live.until_s * 1000);
  if (completeness != shm::Completeness::nothing_yet) out.today = totals.today();
  if (!complete()) return;
  out.all = totals.all();
  out.week = totals.week();
  out.month = totals.month();
}

void Model::State::fill_accounts(i64 now_ms) {
  const std::vector<RecentUse>* uses = nullptr;
  if (complete()) {
    uses = &recent.evaluate(now_ms, config.block_mode, accounts.size(),
                            [this](u32 session) { return account_of(session); });
    picture.summary.block = uses->back().block;
    fill_hours(recent.hours(now_ms), picture.summary);
  }
  published_accounts.clear();
  for (u32 i = 0; i < accounts.size(); ++i) {
    shm::Account out = accounts.publish(i, now_ms);
    const AccountState& state = accounts[i];
    if (shm::known(state.last_request_ms)) {
      out.last_session_id.assign(names.text(state.last_session));
      out.last_request_at_s = state.last_request_ms / 1000;
    }
    judge(out, budget_of(accounts.configured(i)), uses == nullptr ? nullptr : &(*uses)[i]);
    if (config.usage_period == UsagePeriod::block) {
      out.period_started_at_s = out.block.started_at_s;
      out.period = out.block.usage;
    } else {
      out.period_started_at_s = period.begin_s;
      if (complete()) out.period = state.period;
    }
    published_accounts.push_back(out);
  }
}

const shm::Picture& Model::picture(i64 now_ms) {
  State& s = *state_;
  const i64 now_s = now_ms / 1000;
  if (!s.totals.day().contains(now_s)) s.set_periods(now_s);
  s.deadline_ms = kNever_ms;
  s.sessions.publish(s.complete());
  s.fill_summary(now_ms);
  s.fill_accounts(now_ms);
  s.published_models.clear();
  if (s.complete()) s.published_models = largest_models(s.totals, s.ledger);
  s.note_deadline(now_ms);
  s.picture.accounts = s.published_accounts;
  s.picture.models = s.published_models;
  s.picture.sessions = s.sessions.newest_first();
  s.picture.formats = s.formats.entries();
  s.picture.format_text = s.formats.text();
  s.pictured_at_ms = now_ms;
  s.dirty = false;
  return s.picture;
}

}  // namespace shmeter::collector
