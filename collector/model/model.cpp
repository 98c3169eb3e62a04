// SPDX-License-Identifier: MIT
// Where observations meet: each goes to the ledger, the session, the account it concerns. The
// ledger writes back through Books, the only way anything counted gets here.
#include "collector/model/model.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "collector/ledger/interner.hpp"
#include "collector/ledger/ledger.hpp"
#include "collector/model/accounts.hpp"
#include "collector/model/calendar.hpp"
#include "collector/model/sessions.hpp"
#include "collector/model/totals.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kOtherModels = "other";

/// The picture's models: the largest by tokens, and where there are more than it has room for, the
/// rest as one.
std::vector<shm::Model> largest_models(const Totals& totals, const Ledger& ledger) {
  const std::vector<shm::Usage>& usages = totals.models();
  std::vector<shm::u32> order(usages.size());
  std::iota(order.begin(), order.end(), 0u);
  std::erase_if(order, [&](shm::u32 model) { return usages[model].requests == 0; });
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

}  // namespace

struct Model::State final : Books {
  explicit State(Config configuration)
      : calendar(configuration.timezone, configuration.week_start),
        ledger(Prices(configuration.prices), names, *this),
        accounts(configuration),
        config(std::move(configuration)) {
    set_formats();
  }

  // ---- Books ----
  void book(const Booking& booking) override {
    totals.book(booking.at_ms, booking.model, booking.amount);
    add(session(booking.session).counted, booking.amount);
  }
  void owned_by_another(u32 number, int change) override {
    session(number).owned_by_others += change;
  }

  // ---- Sessions ----
  /// Found without being marked changed: most lines of the first scan say nothing new.
  /// A file's lines come in runs of one session.
  u32 number_of(std::string_view id) {
    if (names.size() > 0 && names.text(last_number) == id) return last_number;
    last_number = names.intern(id);
    if (last_number == sessions.size()) session(last_number);
    return last_number;
  }
  SessionState& session(u32 number) {
    dirty = true;
    return sessions.change(number, names.text(number));
  }
  void mark_if(bool changed, u32 number) {
    if (changed) session(number);
  }

  bool assign_account(SessionState& state, u32 account, bool said);
  void saw_request(const RequestSeen& seen, u32 account, i64 now_ms);
  void saw_session(const SessionSeen& seen, u32 account);
  void saw_status_line(const StatusLineSeen& seen, u32 account, i64 now_ms);
  void saw_cost_state(const CostStateSeen& seen, u32 account);
  void saw_limit_hit(const LimitHitSeen& seen, u32 account, i64 now_ms);

  // ---- Picture ----
  void set_formats();
  void set_periods(i64 now_s);
  void empty_books();
  void fill_summary(i64 now_ms);
  void count_active(i64 now_s);
  void note_deadline(i64 now_ms);

  bool complete() const { return completeness == shm::Completeness::complete; }

  Interner names;  // of sessions
  u32 last_number = 0;
  Sessions sessions;
  Totals totals;
  Calendar calendar;
  Ledger ledger;
  Accounts accounts;
  Config config;
  Troubles troubles;
  i64 refused = 0;
  i64 files_read = 0;
  i64 files_known = 0;
  shm::Completeness completeness = shm::Completeness::nothing_yet;

  bool dirty = true;
  i64 pictured_at_ms = kUnknown;
  i64 deadline_ms = kUnknown;  // when the picture changes by itself
  i64 utc_offset_s = kUnknown;
  shm::Picture picture;
  std::vector<shm::Account> published_accounts;
  std::vector<shm::Model> published_models;
  std::vector<shm::Format> formats;
  std::string format_text;
};

// ---- Observations -------------------------------------------------------------------------------

/// A status line knows its account for sure. A transcript may lie in several directories, as a
/// copy: then the one that sorts first, so that the order of reading does not matter.
bool Model::State::assign_account(SessionState& state, u32 account, bool said) {
  if (account >= accounts.size() || (state.account_said && !said)) return false;
  i64& now = state.record.account;
  const bool takes = said || !shm::known(now) ||
                     accounts[account].config_dir < accounts[static_cast<u32>(now)].config_dir;
  const bool changed = takes && now != i64{account};
  if (takes) now = account;
  state.account_said = state.account_said || said;
  return changed;
}

void Model::State::saw_request(const RequestSeen& seen, u32 account, i64 now_ms) {
  const u32 number = number_of(seen.session_id);
  if (ledger.apply(seen, number) == Ledger::Outcome::refused) {
    ++refused;
    dirty = true;
    return;
  }
  SessionState& state = sessions.at(number);
  bool changed = saw_at(state, seen.at_ms);
  changed = assign_account(state, account, false) || changed;
  changed = !state.has_requests || changed;
  state.has_requests = true;
  state.response_ms = std::max(state.response_ms, std::min(seen.at_ms, now_ms));
  mark_if(changed, number);
  if (account >= accounts.size()) return;
  AccountState& owner = accounts[account];
  if (seen.at_ms < owner.last_request_ms ||
      (seen.at_ms == owner.last_request_ms && seen.session_id >= owner.last_session))
    return;
  owner.last_request_ms = seen.at_ms;
  owner.last_session = seen.session_id;
  dirty = true;
}

void Model::State::saw_session(const SessionSeen& seen, u32 account) {
  const u32 number = number_of(seen.session_id);
  SessionState& state = sessions.at(number);
  const bool changed = take(state, seen);
  mark_if(assign_account(state, account, false) || changed, number);
}

void Model::State::saw_status_line(const StatusLineSeen& seen, u32 account, i64 now_ms) {
  const u32 number = number_of(seen.session.session_id.view());
  SessionState& state = sessions.at(number);
  const bool changed = take(state, seen);
  mark_if(assign_account(state, account, true) || changed, number);
  if (account >= accounts.size()) return;
  AccountState& owner = accounts[account];
  const i64 observed_at_s = seen.received_at_ms / 1000;
  const auto window = [&](const WindowSeen& said) {
    return shm::Window{said.used_ppm, said.resets_at_s, observed_at_s,
                       static_cast<i64>(shm::QuotaSource::statusline)};
  };
  owner.five_hour.see(window(seen.five_hour), state.response_ms, now_ms);
  owner.seven_day.see(window(seen.seven_day), state.response_ms, now_ms);
  if (seen.spend_limit != shm::SpendLimit{} && seen.received_at_ms >= owner.spend_limit_at_ms) {
    owner.spend_limit = seen.spend_limit;
    owner.spend_limit_at_ms = seen.received_at_ms;
  }
  dirty = true;
}

void Model::State::saw_cost_state(const CostStateSeen& seen, u32 account) {
  const u32 number = number_of(seen.session_id);
  SessionState& state = sessions.at(number);
  const bool changed = take(state, seen);
  mark_if(assign_account(state, account, false) || changed, number);
}

void Model::State::saw_limit_hit(const LimitHitSeen& seen, u32 account, i64 now_ms) {
  if (account >= accounts.size() || !shm::known(seen.at_ms)) return;
  AccountState& owner = accounts[account];
  QuotaKeeper* window = seen.window == "five_hour"   ? &owner.five_hour
                        : seen.window == "seven_day" ? &owner.seven_day
                                                     : nullptr;
  if (window == nullptr) return;
  // Refused is refused at 100 %, and the refusal itself is the response that says so.
  window->see({1'000'000, seen.resets_at_s, seen.at_ms / 1000,
               static_cast<i64>(shm::QuotaSource::limit_line)},
              seen.at_ms, now_ms);
  dirty = true;
}

// ---- Picture ------------------------------------------------------------------------------------

void Model::State::set_formats() {
  formats.clear();
  format_text.clear();
  for (const FormatConfig& format : config.formats) {
    shm::Format entry;
    entry.target.assign(format.target);
    entry.offset = format_text.size();
    entry.length = format.text.size();
    formats.push_back(entry);
    format_text += format.text;
  }
}

void Model::State::set_periods(i64 now_s) {
  const Period day = calendar.day(now_s);
  const Period week = calendar.week(now_s);
  const Period month = calendar.month(now_s);
  // The clock was put back, or the zone is another one.
  const bool back = !totals.reaches_back_to(std::min({day.begin_s, week.begin_s, month.begin_s}));
  if (back) empty_books();
  if (totals.set_periods(day, week, month)) dirty = true;
  if (back) ledger.rebook(Prices(config.prices));
}

void Model::State::empty_books() {
  totals.clear();
  sessions.clear_counted();
}

void Model::State::count_active(i64 now_s) {
  i64 active = 0;
  i64 oldest_s = now_s;
  for (const shm::Session* session : sessions.newest_first()) {
    if (!shm::known(session->updated_at_s) || session->updated_at_s < now_s - shm::kActiveWithin_s)
      break;
    // From the future: a clock was wrong. Not live for as long as it takes to get there.
    if (session->updated_at_s > now_s + shm::kActiveWithin_s) continue;
    ++active;
    oldest_s = session->updated_at_s;
  }
  picture.summary.active_sessions = active;
  if (active > 0) deadline_ms = std::min(deadline_ms, (oldest_s + shm::kActiveWithin_s + 1) * 1000);
}

void Model::State::note_deadline(i64 now_ms) {
  const auto no_later = [&](i64 at_ms) {
    if (shm::known(at_ms)) deadline_ms = std::min(deadline_ms, at_ms);
  };
  no_later(totals.day().end_s * 1000);
  if (const i64 change_s = picture.summary.utc_change_at_s; shm::known(change_s))
    no_later(change_s * 1000);
  for (u32 i = 0; i < accounts.size(); ++i) {
    no_later(accounts[i].five_hour.deadline_ms(now_ms));
    no_later(accounts[i].seven_day.deadline_ms(now_ms));
    const i64 spend_resets_s = accounts[i].spend_limit.resets_at_s;
    if (shm::known(spend_resets_s) && spend_resets_s * 1000 > now_ms)
      no_later(spend_resets_s * 1000);
  }
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
  if (completeness != shm::Completeness::nothing_yet) out.today = totals.today();
  if (!complete()) return;
  out.all = totals.all();
  out.week = totals.week();
  out.month = totals.month();
}

Model::Model(Config config) : state_(std::make_unique<State>(std::move(config))) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

u32 Model::account(std::string_view config_dir) {
  const u32 before = state_->accounts.size();
  const auto number = state_->accounts.number(config_dir);
  if (state_->accounts.size() != before) state_->dirty = true;
  return number.value_or(kNoAccount);
}

void Model::apply(const Observation& seen, u32 account, i64 now_ms) {
  State& state = *state_;
  std::visit(
      [&](const auto& s) {
        using Seen = std::decay_t<decltype(s)>;
        if constexpr (std::is_same_v<Seen, RequestSeen>) state.saw_request(s, account, now_ms);
        if constexpr (std::is_same_v<Seen, SessionSeen>) state.saw_session(s, account);
        if constexpr (std::is_same_v<Seen, StatusLineSeen>)
          state.saw_status_line(s, account, now_ms);
        if constexpr (std::is_same_v<Seen, CostStateSeen>) state.saw_cost_state(s, account);
        if constexpr (std::is_same_v<Seen, LimitHitSeen>) state.saw_limit_hit(s, account, now_ms);
      },
      seen);
}

void Model::set_scan(i64 files_read, i64 files_known, shm::Completeness completeness) {
  State& s = *state_;
  if (s.files_read == files_read && s.files_known == files_known && s.completeness == completeness)
    return;
  s.files_read = files_read;
  s.files_known = files_known;
  s.completeness = completeness;
  s.dirty = true;
}

void Model::set_troubles(const Troubles& troubles) {
  if (state_->troubles == troubles) return;
  state_->troubles = troubles;
  state_->dirty = true;
}

void Model::tick(i64 now_ms) {
  State& s = *state_;
  s.calendar.refresh();
  s.set_periods(now_ms / 1000);
  for (u32 i = 0; i < s.accounts.size(); ++i) {
    for (QuotaKeeper* window : {&s.accounts[i].five_hour, &s.accounts[i].seven_day})
      s.dirty = window->settle(now_ms) || s.dirty;
  }
  const bool clock_went_back = shm::known(s.pictured_at_ms) && now_ms < s.pictured_at_ms;
  if (clock_went_back || now_ms >= s.deadline_ms ||
      s.calendar.offset_s(now_ms / 1000) != s.utc_offset_s)
    s.dirty = true;
}

void Model::reconfigure(Config config, i64 now_ms) {
  State& s = *state_;
  s.config = std::move(config);
  s.calendar = Calendar(s.config.timezone, s.config.week_start);
  s.accounts.rename(s.config);
  s.set_formats();
  s.empty_books();
  s.set_periods(now_ms / 1000);
  s.ledger.rebook(Prices(s.config.prices));
  s.dirty = true;
}

bool Model::dirty() const { return state_->dirty; }

const shm::Picture& Model::picture(i64 now_ms) {
  State& s = *state_;
  const i64 now_s = now_ms / 1000;
  if (!s.totals.day().contains(now_s)) s.set_periods(now_s);
  s.sessions.publish(s.complete());
  s.fill_summary(now_ms);
  s.deadline_ms = std::numeric_limits<i64>::max();
  s.count_active(now_s);
  s.published_accounts.clear();
  for (u32 i = 0; i < s.accounts.size(); ++i) {
    s.accounts[i].five_hour.settle(now_ms);
    s.accounts[i].seven_day.settle(now_ms);
    s.published_accounts.push_back(s.accounts.publish(i, now_ms));
  }
  s.published_models.clear();
  if (s.complete()) s.published_models = largest_models(s.totals, s.ledger);
  s.note_deadline(now_ms);
  s.picture.accounts = s.published_accounts;
  s.picture.models = s.published_models;
  s.picture.sessions = s.sessions.newest_first();
  s.picture.formats = s.formats;
  s.picture.format_text = s.format_text;
  s.pictured_at_ms = now_ms;
  s.dirty = false;
  return s.picture;
}

std::string_view Model::time_zone_trouble() const { return state_->calendar.trouble(); }

}  // namespace shmeter::collector
