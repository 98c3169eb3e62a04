// SPDX-License-Identifier: MIT
// How what is seen of a session becomes its record. Two kinds of values: what lines and status
// lines both tell (place, branch, version, model, context) goes by the newest to say it; what only
// the status line tells is as the newest one has it, absent included.
#include <algorithm>

#include "collector/ledger/model_id.hpp"
#include "collector/model/sessions.hpp"

namespace shmeter::collector {
namespace {

bool set(i64& field, i64 value) {
  const bool changed = field != value;
  field = value;
  return changed;
}

/// kUnknown is the smallest number, so the known one of two wins.
bool raise(i64& field, i64 value) { return value > field && set(field, value); }

template <std::size_t N>
bool set(shm::Text<N>& field, std::string_view text) {
  shm::Text<N> next;
  next.assign(text);
  const bool changed = next != field;
  field = next;
  return changed;
}

/// Does the field hold just this text, whole?
template <std::size_t N>
bool holds(const shm::Text<N>& field, std::string_view text) {
  const std::size_t size = text.size();
  return size <= N && std::string_view(field.bytes.data(), size) == text &&
         (size == N || field.bytes[size] == '\0');
}

/// Newer wins; of one moment the text that sorts last.
template <std::size_t N>
bool newer_text(shm::Text<N>& field, i64& said_ms, std::string_view text, i64 at_ms) {
  if (text.empty() || at_ms < said_ms) return false;
  if (holds(field, text)) return raise(said_ms, at_ms);  // as most lines do
  shm::Text<N> next;
  next.assign(text);
  if (at_ms == said_ms && next.view() <= field.view()) return false;
  const bool changed = next != field || at_ms != said_ms;
  field = next;
  said_ms = at_ms;
  return changed;
}

bool take_cwd(SessionState& state, std::string_view cwd, i64 at_ms) {
  const bool same = holds(state.record.cwd, cwd);
  if (!newer_text(state.record.cwd, state.cwd_ms, cwd, at_ms)) return false;
  if (!same) state.record.cwd_hash = shm::hash_text(cwd);
  return true;
}

/// A status line's id says more (`[1m]`) than a line's about the same model, and stays; the
/// client's own name for a model goes when the model does.
bool take_model(SessionState& state, std::string_view model, i64 at_ms) {
  shm::Session& record = state.record;
  const bool from_status_line = !record.model_name.empty();
  if (!from_status_line) return newer_text(record.model, state.model_ms, model, at_ms);
  const std::string_view before = record.model.view();
  if (model == before || normalise_model(model) == normalise_model(before))
    return raise(state.model_ms, at_ms);
  if (!newer_text(record.model, state.model_ms, model, at_ms)) return false;
  record.model_name = {};
  return true;
}

bool take_context(SessionState& state, i64 used_tokens, i64 at_ms) {
  shm::Session& record = state.record;
  if (!shm::known(used_tokens) || at_ms < state.context_ms) return false;
  if (at_ms == state.context_ms && used_tokens <= record.context_used_tokens) return false;
  state.context_ms = at_ms;
  record.context_used_tokens = used_tokens;
  const i64 size = record.context_size_tokens;
  record.context_used_ppm =
      shm::known(size) && size > 0 ? std::min<i64>(used_tokens, size) * 1'000'000 / size : kUnknown;
  return true;
}

bool take_client_figures(SessionState& state) {
  return set(state.record.cost_nanousd,
             std::max(state.status_cost_nanousd, state.client_cost_nanousd));
}

/// Has the client itself spent something since its last status line?
bool grew(i64 before, i64 now) { return shm::known(before) && shm::known(now) && now > before; }

}  // namespace

bool saw_at(SessionState& state, i64 at_ms) {
  if (!shm::known(at_ms)) return false;
  const i64 at_s = at_ms / 1000;
  shm::Session& record = state.record;
  bool changed = raise(record.updated_at_s, at_s);
  if (!shm::known(record.started_at_s) || at_s < record.started_at_s)
    changed = set(record.started_at_s, at_s) || changed;
  return changed;
}

bool take(SessionState& state, const SessionSeen& seen) {
  bool changed = saw_at(state, seen.at_ms);
  changed = take_cwd(state, seen.cwd, seen.at_ms) || changed;
  changed =
      newer_text(state.record.git_branch, state.branch_ms, seen.git_branch, seen.at_ms) || changed;
  changed = newer_text(state.record.version, state.version_ms, seen.version, seen.at_ms) || changed;
  changed = take_model(state, seen.model, seen.at_ms) || changed;
  return take_context(state, seen.context_used_tokens, seen.at_ms) || changed;
}

bool take(SessionState& state, const StatusLineSeen& seen) {
  const i64 at_ms = seen.received_at_ms;
  if (at_ms < state.status_ms) return false;
  if (grew(state.status_cost_nanousd, seen.session.cost_nanousd) ||
      grew(state.status_api_ms, seen.session.api_ms))
    raise(state.response_ms, at_ms);
  state.status_ms = at_ms;
  state.status_cost_nanousd = seen.session.cost_nanousd;
  state.status_api_ms = seen.session.api_ms;

  const shm::Session before = state.record;
  const shm::Session& said = seen.session;
  shm::Session& record = state.record;
  saw_at(state, at_ms);
  take_cwd(state, seen.cwd.empty() ? said.cwd.view() : seen.cwd, at_ms);
  newer_text(record.git_branch, state.branch_ms, said.git_branch.view(), at_ms);
  newer_text(record.version, state.version_ms, said.version.view(), at_ms);
  if (!said.model.empty()) {
    record.model = said.model;
    state.model_ms = at_ms;
  }
  record.model_name = said.model_name;
  if (shm::known(said.context_size_tokens)) {
    record.context_used_tokens = said.context_used_tokens;
    record.context_size_tokens = said.context_size_tokens;
    record.context_used_ppm = said.context_used_ppm;
    state.context_ms = at_ms;
  }
  record.name = said.name;
  record.prompt_cache_warm = said.prompt_cache_warm;
  record.prompt_cache_expires_at_s = said.prompt_cache_expires_at_s;
  record.effort = said.effort;
  record.fast_mode = said.fast_mode;
  record.thinking = said.thinking;
  record.agent = said.agent;
  record.pr = said.pr;
  if (!said.pane.empty()) record.pane = said.pane;
  raise(record.api_ms, said.api_ms);
  raise(record.lines_added, said.lines_added);
  raise(record.lines_removed, said.lines_removed);
  take_client_figures(state);
  return record != before;
}

bool take(SessionState& state, const CostStateSeen& seen) {
  const bool greater = seen.tokens_total != state.client_tokens
                           ? seen.tokens_total > state.client_tokens
                           : seen.cost_nanousd > state.client_cost_nanousd;
  bool changed = greater;
  if (greater) {
    state.client_tokens = seen.tokens_total;
    state.client_cost_nanousd = seen.cost_nanousd;
  }
  changed = raise(state.record.api_ms, seen.api_ms) || changed;
  changed = raise(state.record.lines_added, seen.lines_added) || changed;
  changed = raise(state.record.lines_removed, seen.lines_removed) || changed;
  return take_client_figures(state) || changed;
}

}  // namespace shmeter::collector
