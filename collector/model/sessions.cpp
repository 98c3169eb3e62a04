// SPDX-License-Identifier: MIT
#include "collector/model/sessions.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

/// Few changed: they are moved. Many, as in the first scan: everything is sorted.
constexpr std::size_t kFewChanged = 16;

bool newer(const shm::Session* a, const shm::Session* b) {
  if (a->updated_at_s != b->updated_at_s) return a->updated_at_s > b->updated_at_s;
  return a->session_id.view() < b->session_id.view();
}

/// The client's figure less ours, where both speak of the same requests: it has seen more tokens
/// than we, none of ours was given to another session, and all of ours have a price.
i64 uncounted_cost(const SessionState& state) {
  const shm::Usage& ours = state.counted;
  const bool comparable = shm::known(state.client_tokens) &&
                          shm::known(state.client_cost_nanousd) && state.owned_by_others == 0 &&
                          ours.unpriced_tokens == 0 &&
                          state.client_tokens > shm::total_tokens(ours);
  if (!comparable || state.client_cost_nanousd < ours.cost_nanousd) return kUnknown;
  return state.client_cost_nanousd - ours.cost_nanousd;
}

}  // namespace

void Sessions::mark(SessionState& state) {
  if (state.changed) return;
  state.changed = true;
  changed_.push_back(&state);
}

SessionState& Sessions::change(shm::u32 number, std::string_view id) {
  if (number == states_.size()) {
    states_.emplace_back();
    states_.back().record.session_id.assign(id);
  }
  SessionState& state = states_[number];
  mark(state);
  return state;
}

void Sessions::clear_counted() {
  for (SessionState& state : states_) {
    state.counted = shm::no_usage();
    mark(state);
  }
}

void Sessions::publish(bool complete) {
  if (complete != published_complete_) {
    for (SessionState& state : states_) mark(state);
  }
  published_complete_ = complete;
  for (SessionState* state : changed_) {
    // A session without transcript has used what nobody told us: unknown, not nothing.
    const bool known = complete && state->has_requests;
    state->record.usage = known ? state->counted : shm::Usage{};
    state->record.uncounted_cost_nanousd = known ? uncounted_cost(*state) : kUnknown;
  }
  reorder();
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

}  // namespace shmeter::collector
