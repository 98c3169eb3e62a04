// SPDX-License-Identifier: MIT
// How what is seen of a session becomes its record. Two kinds of values: what lines and status
// lines both tell (place, branch, version, model, context) goes by the newest to say it; what only
// the status line tells is as the newest one has it, absent included.
#include "collector/model/session_take.hpp"

#include <algorithm>
#include <tuple>

#include "collector/ledger/model_id.hpp"

namespace shmeter::collector {
namespace {

/// A status line's id says more (`[1m]`) than a line's about the same model, and stays; the
/// client's own name for a model goes when the model does.
bool take_model(SessionState& state, std::string_view model, i64 at_ms) {
  shm::Session& record = state.record;
  const bool from_status_line = !record.model_name.empty();
  if (!from_status_line) return newer_text(record.model, state.marks.model_ms, model, at_ms);
  const std::string_view before = record.model.view();
  if (model == before || normalise_model(model) == normalise_model(before))
    return raise(state.marks.model_ms, at_ms);
  if (!newer_text(record.model, state.marks.model_ms, model, at_ms)) return false;
  record.model_name = {};
  return true;
}

bool take_context(SessionState& state, i64 used_tokens, i64 at_ms) {
  shm::Session& record = state.record;
  if (!shm::known(used_tokens) || at_ms < state.marks.context_ms) return false;
  if (at_ms == state.marks.context_ms && used_tokens <= record.context_used_tokens) return false;
  state.marks.context_ms = at_ms;
  record.context_used_tokens = used_tokens;
  const i64 size = record.context_size_tokens;
  record.context_used_ppm =
      shm::known(size) && size > 0 ? std::min<i64>(used_tokens, size) * 1'000'000 / size : kUnknown;
  return true;
}

/// After a compaction nobody knows how full it is before the next response.
bool clear_context(SessionState& state, i64 at_ms) {
  if (at_ms <= state.marks.context_ms) return false;
  state.marks.context_ms = at_ms;
  state.record.context_used_tokens = state.record.context_used_ppm = kUnknown;
  return true;
}

bool take_client_figures(SessionState& state) {
  return set(state.record.cost_nanousd,
             std::max(state.marks.status_cost_nanousd, state.marks.client_cost_nanousd));
}

/// Is the one aggregate greater than the other? Any order of the two decides the same.
bool greater(const ClientModels& a, i64 cost_a, const ClientModels& b, i64 cost_b) {
  return std::tie(a.total, cost_a, a.entries) > std::tie(b.total, cost_b, b.entries);
}

/// Has the client itself spent something since its last status line?
bool grew(i64 before, i64 now) { return shm::known(before) && shm::known(now) && now > before; }

void take_name(SessionState& state, const shm::Text<shm::kNameBytes>& name) {
  if (name.empty() && state.name_from_file) return;
  state.record.name = name;
  state.name_from_file = false;
}

}  // namespace

bool take_cwd(SessionState& state, std::string_view cwd, i64 at_ms) {
  const bool same = holds(state.record.cwd, cwd);
  if (!newer_text(state.record.cwd, state.marks.cwd_ms, cwd, at_ms)) return false;
  if (!same) state.record.cwd_hash = shm::hash_text(cwd);
  return true;
}

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
  changed = saw_at(state, seen.since_ms) || changed;
  changed = take_cwd(state, seen.cwd, seen.at_ms) || changed;
  changed =
      newer_text(state.record.git_branch, state.marks.branch_ms, seen.git_branch, seen.at_ms) ||
      changed;
  changed =
      newer_text(state.record.version, state.marks.version_ms, seen.version, seen.at_ms) || changed;
  changed = take_model(state, seen.model, seen.at_ms) || changed;
  if (seen.context_cleared) changed = clear_context(state, seen.at_ms) || changed;
  return take_context(state, seen.context_used_tokens, seen.at_ms) || changed;
}

bool take(SessionState& state, const StatusLineSeen& seen) {
  const i64 at_ms = seen.received_at_ms;
  if (at_ms < state.marks.status_line_ms) return false;
  if (grew(state.marks.status_cost_nanousd, seen.session.cost_nanousd) ||
      grew(state.marks.status_api_ms, seen.session.api_ms))
    raise(state.marks.response_ms, at_ms);
  state.marks.status_line_ms = at_ms;
  state.marks.status_cost_nanousd = seen.session.cost_nanousd;
  state.marks.status_api_ms = seen.session.api_ms;

  const shm::Session before = state.record;
  const shm::Session& said = seen.session;
  shm::Session& record = state.record;
  saw_at(state, at_ms);
  take_cwd(state, seen.cwd.empty() ? said.cwd.view() : seen.cwd, at_ms);
  newer_text(record.git_branch, state.marks.branch_ms, said.git_branch.view(), at_ms);
  newer_text(record.version, state.marks.version_ms, said.version.view(), at_ms);
  if (!said.model.empty()) {
    record.model = said.model;
    state.marks.model_ms = at_ms;
  }
  record.model_name = said.model_name;
  if (shm::known(said.context_size_tokens)) {
    record.context_used_tokens = said.context_used_tokens;
    record.context_size_tokens = said.context_size_tokens;
    record.context_used_ppm = said.context_used_ppm;
    state.marks.context_ms = at_ms;
  }
  take_name(state, said.name);
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

bool take(SessionState& state, const AggregateSeen& seen) {
  const ClientModels models = client_models(seen.models);
  SessionMarks& marks = state.marks;
  bool changed = false;
  if (greater(models, seen.cost_nanousd, {state.models.client(), marks.client_tokens},
              marks.client_cost_nanousd)) {
    marks.client_tokens = models.total;
    marks.client_cost_nanousd = seen.cost_nanousd;
    state.models.set_client(models);
    changed = true;
  }
  changed = raise(state.record.api_ms, seen.api_ms) || changed;
  changed = raise(state.record.lines_added, seen.lines_added) || changed;
  changed = raise(state.record.lines_removed, seen.lines_removed) || changed;
  changed = saw_at(state, seen.at_ms) || changed;
  return take_client_figures(state) || changed;
}

}  // namespace shmeter::collector
