// SPDX-License-Identifier: MIT
#include "collector/model/sessions.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace shmeter::collector {
namespace {

/// Few changed: they are moved. Many, as in the first scan: everything is sorted.
constexpr std::size_t kFewChanged = 16;

constexpr i64 kEnded = static_cast<i64>(shm::SessionStatus::ended);
constexpr i64 kWaiting = static_cast<i64>(shm::SessionStatus::waiting);

bool newer(const shm::Session* a, const shm::Session* b) {
  if (a->updated_at_s != b->updated_at_s) return a->updated_at_s > b->updated_at_s;
  return a->session_id.view() < b->session_id.view();
}

/// The client's figure less ours, where both speak of the same requests: it has seen more tokens
/// than we, none of ours was given to another session, and all of ours have a price.
i64 uncounted_cost(const SessionState& state) {
  const SessionMarks& marks = state.marks;
  const bool comparable = shm::known(marks.client_cost_nanousd) && marks.owned_by_others == 0 &&
                          state.counted.unpriced_tokens == 0 && state.models.client_exceeds();
  if (!comparable || marks.client_cost_nanousd < state.counted.cost_nanousd) return kUnknown;
  return marks.client_cost_nanousd - state.counted.cost_nanousd;
}

/// The first that anybody counted; nobody counted: unknown.
i64 first_counted(std::initializer_list<i64> sums) {
  for (const i64 sum : sums) {
    if (sum != 0) return sum;
  }
  return kUnknown;
}

/// What follows from sums and marks. A session that nothing was counted of has used what nobody
/// told us: unknown, not nothing.
void fill_counted(const SessionState& state, bool complete, shm::Session& out) {
  const SessionMarks& m = state.marks;
  const bool measured = complete && m.has_requests != 0;
  const bool reported = complete && !measured && m.reported_booked != 0;
  out.usage = measured || reported ? state.counted : shm::Usage{};
  out.uncounted_cost_nanousd = measured ? uncounted_cost(state) : kUnknown;
  out.messages = out.tool_calls = out.compute_ms = kUnknown;
  if (!complete) return;
  out.messages = first_counted({m.messages_transcript, m.messages_cli, m.messages_telemetry});
  out.tool_calls = measured ? m.tool_calls_counted : first_counted({m.tool_calls_counted});
  out.compute_ms = first_counted({m.turn_ms, m.cli_ms, m.derived_ms});
  if (m.has_requests != 0) return;
  const auto or_reported = [](i64& value, i64 said) { value = shm::known(value) ? value : said; };
  or_reported(out.messages, m.reported_messages);
  or_reported(out.tool_calls, m.reported_tool_calls);
  or_reported(out.compute_ms, m.reported_compute_ms);
}

std::array<i64*, 7> sums_of_events(SessionMarks& m) {
  return {&m.messages_transcript, &m.messages_cli, &m.messages_telemetry,
          &m.tool_calls_counted,  &m.turn_ms,      &m.cli_ms,
          &m.derived_ms};
}

void zero_if_unknown(i64& number) {
  if (!shm::known(number)) number = 0;
}

}  // namespace

SessionMarks from_zero(SessionMarks m) {
  for (i64* flag : {&m.has_requests, &m.owned_by_others, &m.account_said, &m.client_exceeds,
                    &m.reported_booked})
    zero_if_unknown(*flag);
  for (i64* sum : sums_of_events(m)) zero_if_unknown(*sum);
  return m;
}

i64 said_status(const SessionState& state) {
  const bool goes_on = state.status == kEnded && state.marks.status_line_ms > state.marks.status_ms;
  return goes_on ? kUnknown : state.status;
}

bool is_live(const SessionState& state, i64 now_s) {
  if (shm::known(state.marks.pid)) return true;
  const i64 seen_s = state.record.updated_at_s;
  // From the future: a clock was wrong. Not live for as long as it takes to get there.
  return said_status(state) != kEnded && shm::known(seen_s) &&
         seen_s >= now_s - shm::kActiveWithin_s && seen_s <= now_s + shm::kActiveWithin_s;
}

void Sessions::mark(shm::u32 number) {
  SessionState& state = states_[number];
  if (!state.changed) changed_.push_back(&state);
  if (!state.unsaved) unsaved_.push_back(number);
  state.changed = state.unsaved = true;
}

SessionState& Sessions::change(shm::u32 number, std::string_view id) {
  if (number == states_.size()) {
    states_.emplace_back();
    states_.back().record.session_id.assign(id);
  }
  mark(number);
  return states_[number];
}

void Sessions::clear_counted() {
  for (shm::u32 number = 0; number < size(); ++number) {
    SessionState& state = states_[number];
    state.counted = state.period = shm::no_usage();
    state.models.clear_counted();
    for (i64* sum : sums_of_events(state.marks)) *sum = 0;
    mark(number);
  }
}

void Sessions::publish(bool complete) {
  if (complete != published_complete_) {
    for (SessionState& state : states_) fill_counted(state, complete, state.record);
  }
  published_complete_ = complete;
  for (SessionState* state : changed_) {
    fill_counted(*state, complete, state->record);
    watch(*state);
  }
  reorder();
}

void Sessions::watch(SessionState& state) {
  if (!state.watched) watched_.push_back(&state);
  state.watched = true;
}

void Sessions::reorder() {
  if (changed_.size() > kFewChanged || order_.empty()) {
    order_.clear();
    for (const SessionState& state : states_) order_.push_back(&state.record);
    std::sort(order_.begin(), order_.end(), newer);
  } else if (!changed_.empty()) {
    std::erase_if(order_, [&](const shm::Session* record) {
      return std::any_of(changed_.begin(), changed_.end(),
                         [&](const SessionState* state) { return &state->record == record; });
    });
    for (const SessionState* state : changed_)
      order_.insert(std::upper_bound(order_.begin(), order_.end(), &state->record, newer),
                    &state->record);
  }
  for (SessionState* state : changed_) state->changed = false;
  changed_.clear();
}

/// Few of all are live, and only a change or a clock put back makes another one so.
Sessions::Live Sessions::look_who_lives(i64 now_s) {
  if (now_s < looked_s_) {
    for (SessionState& state : states_) watch(state);
  }
  looked_s_ = now_s;
  Live out{0, 0, std::numeric_limits<i64>::max()};
  for (SessionState* state : watched_) {
    const bool live = is_live(*state, now_s);
    const i64 status = said_status(*state);
    state->record.status = live || status == kEnded ? status : kUnknown;
    state->watched = live || state->record.updated_at_s > now_s;
    if (!live) continue;
    ++out.sessions;
    if (status == kWaiting) ++out.waiting;
    if (!shm::known(state->marks.pid))
      out.until_s = std::min(out.until_s, state->record.updated_at_s + shm::kActiveWithin_s + 1);
  }
  std::erase_if(watched_, [](const SessionState* state) { return !state->watched; });
  return out;
}

SessionRow Sessions::row(shm::u32 number) const {
  const SessionState& state = states_[number];
  SessionRow row{number, state.record, state.counted, state.marks, state.models.text()};
  fill_counted(state, true, row.record);
  row.record.status = state.status;
  row.marks.client_exceeds = state.models.client_exceeds() ? 1 : 0;
  return row;
}

void Sessions::restore(SessionRow row, std::string_view id) {
  SessionState& state = states_.emplace_back();
  state.record = row.record;
  state.record.session_id.assign(id);
  state.counted = row.counted;
  state.marks = from_zero(row.marks);
  state.models = ModelTallies::from(row.models);
  state.status = state.record.status;
  state.unconfirmed = shm::known(state.marks.pid);
  changed_.push_back(&state);
  state.changed = true;
}

}  // namespace shmeter::collector
