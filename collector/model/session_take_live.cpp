// SPDX-License-Identifier: MIT
// What a session is doing, as hooks, its own file and SET_USAGE tell. Nobody tells everything: a
// hook may not be installed, a file may be missing, a killed process says nothing. So the newest
// to say something is believed.
#include "collector/model/session_take.hpp"

#include <tuple>

namespace shmeter::collector {
namespace {

using shm::SessionStatus;

/// What a notification means for who is looking; unknown = nothing.
SessionStatus status_of_notification(std::string_view type) {
  if (type == "permission_prompt" || type == "agent_needs_input" ||
      type.starts_with("elicitation_"))
    return SessionStatus::waiting;
  return type == "idle_prompt" ? SessionStatus::idle : SessionStatus::unknown;
}

SessionStatus status_of(const HookSeen& seen) {
  switch (seen.event) {
    case HookEvent::session_start:
      // The context is made smaller in the middle of a turn too.
      return seen.source == "compact" ? SessionStatus::unknown : SessionStatus::idle;
    case HookEvent::user_prompt_submit:
    case HookEvent::post_tool_use:
      return SessionStatus::busy;
    case HookEvent::stop:
    case HookEvent::stop_failure:
      return SessionStatus::idle;
    case HookEvent::notification:
      return status_of_notification(seen.notification_type);
    case HookEvent::session_end:
      return SessionStatus::ended;
    case HookEvent::subagent_stop:
    case HookEvent::other:
      break;
  }
  return SessionStatus::unknown;
}

bool take_pane(SessionState& state, std::string_view pane) {
  if (pane.empty() || state.record.pane.view() == pane) return false;
  state.record.pane.assign(pane);
  return true;
}

/// When the file's writer last had something new to say, kUnknown = it gives no times.
i64 said_ms(const LiveSeen& seen) { return std::max(seen.status_at_ms, seen.started_at_ms); }

/// A process without a status (an SDK's) lives all the same.
bool take_living(SessionState& state, i64 at_ms) {
  if (at_ms <= state.marks.status_ms) return false;
  state.marks.status_ms = at_ms;
  state.status_rank = static_cast<int>(StatusBy::session_file);
  state.status = kUnknown;
  return true;
}

bool take_file_name(SessionState& state, std::string_view name) {
  if (name.empty() || (!state.record.name.empty() && !state.name_from_file)) return false;
  state.name_from_file = true;
  return set(state.record.name, name);
}

bool take_gone(SessionState& state, const LiveSeen& seen) {
  // Only the process that was known: the session may already go on in another one.
  if (!shm::known(state.marks.pid)) return false;
  if (shm::known(seen.pid) && seen.pid != state.marks.pid) return false;
  return take_end(state, seen.seen_at_ms);
}

struct Reported {
  i64 SessionMarks::*mark;
  i64 ReportedSeen::*said;
};
constexpr Reported kReported[] = {
    {&SessionMarks::reported_input_tokens, &ReportedSeen::input_tokens},
    {&SessionMarks::reported_output_tokens, &ReportedSeen::output_tokens},
    {&SessionMarks::reported_cache_creation_tokens, &ReportedSeen::cache_creation_tokens},
    {&SessionMarks::reported_cache_read_tokens, &ReportedSeen::cache_read_tokens},
    {&SessionMarks::reported_cost_nanousd, &ReportedSeen::cost_nanousd},
    {&SessionMarks::reported_messages, &ReportedSeen::messages},
    {&SessionMarks::reported_tool_calls, &ReportedSeen::tool_calls},
    {&SessionMarks::reported_compute_ms, &ReportedSeen::compute_ms},
};

}  // namespace

bool take_status(SessionState& state, SessionStatus status, i64 at_ms, StatusBy by) {
  if (status == SessionStatus::unknown || !shm::known(at_ms)) return false;
  const i64 value = static_cast<i64>(status);
  const int rank = static_cast<int>(by);
  if (std::tie(at_ms, rank, value) <=
      std::tie(state.marks.status_ms, state.status_rank, state.status))
    return false;
  state.marks.status_ms = at_ms;
  state.status_rank = rank;
  state.status = value;
  return true;
}

bool take_end(SessionState& state, i64 at_ms) {
  state.unconfirmed = false;
  const bool lived = set(state.marks.pid, kUnknown);
  return take_status(state, SessionStatus::ended, at_ms, StatusBy::session_file) || lived;
}

bool take(SessionState& state, const HookSeen& seen) {
  bool changed = saw_at(state, seen.received_at_ms);
  changed = take_cwd(state, seen.cwd, seen.received_at_ms) || changed;
  changed = take_pane(state, seen.pane) || changed;
  const SessionStatus status = status_of(seen);
  if (!take_status(state, status, seen.received_at_ms, StatusBy::hook)) return changed;
  if (status == SessionStatus::ended) take_end(state, seen.received_at_ms);
  return true;
}

bool take(SessionState& state, const LiveSeen& seen) {
  if (!seen.alive) return take_gone(state, seen);
  const i64 said_at_ms = said_ms(seen);
  // It said goodbye after that was written, and the file is still there.
  if (state.status == static_cast<i64>(SessionStatus::ended) && shm::known(said_at_ms) &&
      said_at_ms <= state.marks.status_ms)
    return false;
  const i64 at_ms = shm::known(said_at_ms) ? said_at_ms : seen.seen_at_ms;
  state.unconfirmed = false;
  bool changed = set(state.marks.pid, seen.pid);
  if (seen.status == SessionStatus::unknown)
    changed = take_living(state, said_at_ms) || changed;
  else
    changed = take_status(state, seen.status, at_ms, StatusBy::session_file) || changed;
  changed = saw_at(state, seen.started_at_ms) || changed;
  changed = saw_at(state, seen.status_at_ms) || changed;
  changed = take_cwd(state, seen.cwd, at_ms) || changed;
  changed =
      newer_text(state.record.version, state.marks.version_ms, seen.version, at_ms) || changed;
  return take_file_name(state, seen.name) || changed;
}

bool take(SessionState& state, const ReportedSeen& seen) {
  SessionMarks& marks = state.marks;
  const bool newer = seen.at_ms >= marks.reported_ms;
  bool changed = saw_at(state, seen.at_ms);
  // Only what it says: the rest stays as it was said before. A late one fills gaps.
  const auto take_one = [&](i64& field, i64 said) {
    if (shm::known(said) && (newer || !shm::known(field))) changed = set(field, said) || changed;
  };
  for (const Reported& one : kReported) take_one(marks.*one.mark, seen.*one.said);
  take_one(state.record.rate_limit_remaining, seen.rate_limit_remaining);
  take_one(state.record.rate_limit_limit, seen.rate_limit_limit);
  take_one(state.record.rate_limit_reset_s, seen.rate_limit_reset_s);
  // Any line or status line knows the model better, whenever it comes.
  if (!seen.model.empty() && newer && !shm::known(marks.model_ms))
    changed = set(state.record.model, seen.model) || changed;
  return raise(marks.reported_ms, seen.at_ms) || changed;
}

shm::Usage reported_usage(const SessionMarks& marks) {
  const auto or_none = [](i64 value) { return shm::known(value) ? value : 0; };
  shm::Usage usage = shm::no_usage();
  usage.input_tokens = or_none(marks.reported_input_tokens);
  usage.output_tokens = or_none(marks.reported_output_tokens);
  usage.cache_write_5m_tokens = or_none(marks.reported_cache_creation_tokens);
  usage.cache_read_tokens = or_none(marks.reported_cache_read_tokens);
  usage.cost_nanousd = or_none(marks.reported_cost_nanousd);
  if (!shm::known(marks.reported_cost_nanousd)) usage.unpriced_tokens = shm::total_tokens(usage);
  return usage;
}

}  // namespace shmeter::collector
