// SPDX-License-Identifier: MIT
// What outlives the process. A store gives back names, sums and the last days' events; from these
// the model is what it was, but for what only waits for time to pass.
#include <algorithm>

#include "collector/model/model_state.hpp"
#include "collector/store/rows.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kQuarter_s = 900;
}  // namespace

Reach Model::reach(i64 now_ms) const {
  const Calendar& calendar = state_->calendar;
  const i64 now_s = now_ms / 1000;
  const i64 begin_s = std::min(
      {calendar.day(now_s).begin_s, calendar.week(now_s).begin_s, calendar.month(now_s).begin_s});
  const i64 from_s = begin_s - Totals::kKeptBefore_s;
  return {from_s - (from_s % kQuarter_s + kQuarter_s) % kQuarter_s, now_ms - kRecent_ms,
          now_ms - kHot_ms - Ledger::kStraddle_ms};
}

void Model::set_journal(Journal* journal) {
  state_->journal = journal;
  state_->ledger.set_journal(journal);
}

void Model::restore(StoredState stored, i64 now_ms) {
  State& s = *state_;
  if (stored.session_names.empty() && stored.accounts.empty()) return;  // nothing was ever stored
  s.restore_accounts(stored);
  s.restore_sessions(stored);
  if (stored.has_usage) s.restore_sums(stored, reach(now_ms), now_ms);
  s.ledger.restore(stored.model_names, stored.agent_names, s.names.size(), stored.hot);
  s.dirty = true;
  if (!stored.has_usage) return;  // all that will be counted is still to be read
  s.ledger.set_hot_since(now_ms - kHot_ms);
  s.restore_recent(stored);
}

void Model::State::restore_accounts(StoredState& stored) {
  std::sort(stored.accounts.begin(), stored.accounts.end(),
            [](const AccountRow& a, const AccountRow& b) { return a.number < b.number; });
  for (AccountRow& row : stored.accounts) {
    const auto number = accounts.number(row.config_dir);
    if (!number) continue;
    accounts[*number].quota.restore_login(std::move(row.login));
    accounts[*number].unsaved = accounts[*number].name != row.name;
  }
  for (const QuotaRow& row : stored.quota) {
    if (row.account < accounts.size()) accounts[row.account].quota.restore(row);
  }
}

void Model::State::restore_sessions(StoredState& stored) {
  for (const std::string& name : stored.session_names) names.intern(name);
  std::size_t row = 0;
  for (u32 number = 0; number < names.size(); ++number) {
    while (row < stored.sessions.size() && stored.sessions[row].number < number) ++row;
    const bool has_row = row < stored.sessions.size() && stored.sessions[row].number == number;
    sessions.restore(has_row ? std::move(stored.sessions[row]) : SessionRow{}, names.text(number));
    SessionState& state = sessions.at(number);
    if (account_of(number) >= accounts.size()) state.marks.account = kUnknown;
    state.record.account = state.marks.account;
    note_request(number);
  }
  stored.sessions = {};
}

void Model::State::restore_sums(StoredState& stored, const Reach& reach, i64 now_ms) {
  const i64 now_s = now_ms / 1000;
  totals.restore(stored.all, std::move(stored.models), reach.rollups_s);
  recent.set_floor(recent_floor_ms = reach.recent_ms);
  period = usage_period(now_s);
  for (const auto& [key, usage] : stored.rollups) {
    totals.add_quarter(key.quarter, usage);
    if (key.session < sessions.size())
      book_period({key.session, key.model, key.quarter * kQuarter_s * 1000, usage});
  }
  totals.set_periods(calendar.day(now_s), calendar.week(now_s), calendar.month(now_s));
}

void Model::State::restore_recent(const StoredState& stored) {
  recent.reserve(stored.recent.size());
  for (const Booking& booking : stored.recent) {
    if (booking.session < sessions.size())
      recent.book(booking.session, booking.at_ms, booking.amount);
  }
  for (auto request = stored.before_recent.rbegin(); request != stored.before_recent.rend();
       ++request) {
    if (request->session < sessions.size()) recent.note_before(request->at_ms, request->session);
  }
  for (u32 number = 0; number < sessions.size(); ++number) {
    const SessionMarks& marks = sessions.at(number).marks;
    if (marks.reported_booked != 0) recent.book(number, marks.reported_ms, reported_usage(marks));
  }
}

void Model::put_changes(StoreBatch& batch) {
  State& s = *state_;
  s.ledger.name_sessions();
  s.sessions.take_unsaved([&](u32 number) { batch.sessions.push_back(s.sessions.row(number)); });
  for (u32 i = 0; i < s.accounts.size(); ++i) {
    AccountState& account = s.accounts[i];
    if (std::exchange(account.unsaved, false))
      batch.accounts.push_back({i, account.config_dir, account.name, account.quota.login()});
    account.quota.take_changes(i, [&](QuotaRow row) { batch.quota.push_back(std::move(row)); });
  }
}

void Model::cool(i64 now_ms) {
  State& s = *state_;
  if (s.journal == nullptr) return;
  s.ledger.cool(now_ms - kHot_ms);
}

std::vector<u64> Model::take_wanted() { return state_->ledger.take_wanted(); }

void Model::thaw(std::span<const u64> wanted, std::span<const StoredEvent> found, i64 now_ms) {
  State& s = *state_;
  if (!s.totals.day().contains(now_ms / 1000)) s.set_periods(now_ms / 1000);
  s.ledger.thaw(wanted, found);
}

std::size_t Model::waiting() const { return state_->ledger.waiting(); }

bool Model::needs_reload() const { return state_->needs_reload; }

}  // namespace shmeter::collector
