// SPDX-License-Identifier: MIT
// Where observations meet: each goes to the ledger, the session, the account it concerns, and what
// the ledger decides comes back through Books.
#include <algorithm>

#include "collector/model/model_state.hpp"

namespace shmeter::collector {
namespace {

/// The model under which SET_USAGE is booked that names none.
constexpr std::string_view kReportedModel = "reported";
/// Nobody has used more of anything; beyond it, numbers are mistakes and sums would overflow.
constexpr i64 kMostReported = i64{1} << 53;

shm::Usage negative(const shm::Usage& usage) {
  shm::Usage out = shm::no_usage();
#define SHMETER_NEGATE(type, name, unit, help) out.name = -usage.name;
  SHMETER_USAGE_FIELDS(SHMETER_NEGATE)
#undef SHMETER_NEGATE
  return out;
}

bool believable(const ReportedSeen& seen) {
  const auto ok = [](i64 value) {
    return !shm::known(value) || (value >= 0 && value <= kMostReported);
  };
  return ok(seen.input_tokens) && ok(seen.output_tokens) && ok(seen.cache_creation_tokens) &&
         ok(seen.cache_read_tokens) && ok(seen.cost_nanousd) && ok(seen.messages) &&
         ok(seen.tool_calls) && ok(seen.compute_ms);
}

/// Something that could be counted.
bool says_usage(const SessionMarks& marks) {
  return shm::known(marks.reported_input_tokens) || shm::known(marks.reported_output_tokens) ||
         shm::known(marks.reported_cache_creation_tokens) ||
         shm::known(marks.reported_cache_read_tokens) || shm::known(marks.reported_cost_nanousd);
}

}  // namespace

// ---- Books --------------------------------------------------------------------------------------

void Model::State::book(const Booking& booking) {
  totals.book(booking.at_ms, booking.model, booking.amount);
  recent.book(booking.session, booking.at_ms, booking.amount);
  SessionState& state = session(booking.session);
  add(state.counted, booking.amount);
  if (booking.model != last_model) {
    last_model = booking.model;
    last_model_hash = shm::hash_text(ledger.model_name(booking.model));
  }
  state.models.count(last_model_hash, shm::total_tokens(booking.amount));
  book_period(booking);
}

void Model::State::book_event(const EventBooking& booking) {
  SessionMarks& marks = session(booking.session).marks;
  const i64 value = booking.sign * booking.value;
  const bool cli = booking.source == Source::cli;
  switch (booking.kind) {
    case EventKind::tool_call:
      marks.tool_calls_counted += value;
      break;
    case EventKind::message:
      (cli                                   ? marks.messages_cli
       : booking.source == Source::telemetry ? marks.messages_telemetry
                                             : marks.messages_transcript) += value;
      break;
    case EventKind::compute:
      (cli                                 ? marks.cli_ms
       : booking.source == Source::derived ? marks.derived_ms
                                           : marks.turn_ms) += value;
      break;
    case EventKind::tokens:
    case EventKind::failure:
      break;
  }
}

void Model::State::owned_by_another(u32 number, int change) {
  session(number).marks.owned_by_others += change;
}

// ---- Sessions -----------------------------------------------------------------------------------

/// Found without being marked changed: most lines of the first scan say nothing new.
u32 Model::State::number_of(std::string_view id) {
  const u32 number = names.intern(id);
  if (number == sessions.size()) session(number);
  return number;
}

SessionState& Model::State::session(u32 number) {
  dirty = true;
  return sessions.change(number, names.text(number));
}

u32 Model::State::account_of(u32 session) const {
  const i64 account = sessions.at(session).marks.account;
  return shm::known(account) ? static_cast<u32>(account) : kNoAccount;
}

/// A status line or a process knows its account for sure. A transcript may lie in several
/// directories, as a copy: then the one that sorts first, so that the order of reading does not
/// matter. The session takes along what it used in the running period.
bool Model::State::assign_account(u32 number, u32 account, bool said) {
  SessionState& state = sessions.at(number);
  if (account >= accounts.size() || (state.marks.account_said != 0 && !said)) return false;
  const u32 before = account_of(number);
  const bool takes =
      said || before == kNoAccount || accounts[account].config_dir < accounts[before].config_dir;
  const bool newly_said = said && state.marks.account_said == 0;
  if (newly_said) state.marks.account_said = 1;
  if (!takes || before == account) return newly_said;
  state.marks.account = state.record.account = account;
  add(accounts[account].period, state.period);
  if (before != kNoAccount) {
    add(accounts[before].period, negative(state.period));
    if (accounts[before].last_session == number) find_last_request(before);
  }
  note_request(number);
  return true;
}

/// The account's newest request, if this session has it.
void Model::State::note_request(u32 number) {
  const u32 account = account_of(number);
  const i64 at_ms = sessions.at(number).marks.request_ms;
  if (account == kNoAccount || !shm::known(at_ms)) return;
  AccountState& owner = accounts[account];
  const bool newer =
      at_ms > owner.last_request_ms ||
      (at_ms == owner.last_request_ms && names.text(number) < names.text(owner.last_session));
  if (!newer) return;
  owner.last_request_ms = at_ms;
  owner.last_session = number;
  dirty = true;
}

void Model::State::find_last_request(u32 account) {
  accounts[account].last_request_ms = kUnknown;
  for (u32 number = 0; number < sessions.size(); ++number) {
    if (account_of(number) == account) note_request(number);
  }
}

// ---- Observations -------------------------------------------------------------------------------

void Model::State::refuse() {
  ++refused;
  dirty = true;
}

/// Counts it; false when the ledger refused it. What waits for the store is known to be new or not
/// only later, and is then in neither of the two finer counts.
bool Model::State::take_in(Source source, EventKind kind, const CallDetails& call,
                           Ledger::Outcome outcome) {
  const auto row = static_cast<std::size_t>(source);
  const auto column = static_cast<std::size_t>(kind);
  const bool failed = call.failed || kind == EventKind::failure;
  const bool is_new = outcome == Ledger::Outcome::booked || outcome == Ledger::Outcome::kept;
  if (row < TakenIn::kSources && column < TakenIn::kKinds) ++taken.events[row][column];
  if (outcome == Ledger::Outcome::unchanged) ++taken.repeated;
  const bool is_request = kind == EventKind::tokens || kind == EventKind::failure;
  if (is_new && is_request && failed) {
    ++taken.failures;
    taken.calls.add_failure(call.endpoint);
  }
  if (is_new && is_request && shm::known(call.latency_ms)) taken.calls.add_time(call.latency_ms);
  if (outcome == Ledger::Outcome::refused) refuse();
  return outcome != Ledger::Outcome::refused;
}

void Model::State::saw(const RequestSeen& seen, u32 account, i64 now_ms) {
  const u32 number = number_of(seen.session_id);
  if (!take_in(seen.source, EventKind::tokens, seen.call, ledger.apply(seen, number))) return;
  SessionState& state = sessions.at(number);
  const i64 last_ms = std::max(seen.at_ms, seen.until_ms);
  bool changed = saw_at(state, seen.at_ms);
  changed = saw_at(state, last_ms) || changed;
  if (state.marks.has_requests == 0) {
    put_reported_into_books(number, false);  // it is measured now
    state.marks.has_requests = 1;
    changed = true;
  }
  const i64 happened_ms = std::min(last_ms, now_ms);
  if (happened_ms > state.marks.response_ms) {
    state.marks.response_ms = happened_ms;
    changed = true;
  }
  if (last_ms > state.marks.request_ms) {
    state.marks.request_ms = last_ms;
    note_request(number);
    changed = true;
  }
  mark_if(assign_account(number, account, false) || changed, number);
}

void Model::State::saw(const EventSeen& seen, u32 account, i64) {
  const u32 number = number_of(seen.session_id);
  if (!take_in(seen.source, seen.kind, seen.call, ledger.apply(seen, number))) return;
  const bool changed = saw_at(sessions.at(number), seen.at_ms);
  mark_if(assign_account(number, account, false) || changed, number);
}

void Model::State::saw(const SessionSeen& seen, u32 account, i64) {
  const u32 number = number_of(seen.session_id);
  const bool changed = take(sessions.at(number), seen);
  mark_if(assign_account(number, account, false) || changed, number);
}

void Model::State::saw(const StatusLineSeen& seen, u32 account, i64 now_ms) {
  const u32 number = number_of(seen.session.session_id.view());
  SessionState& state = sessions.at(number);
  const bool changed = take(state, seen);
  mark_if(assign_account(number, account, true) || changed, number);
  if (account >= accounts.size()) return;
  accounts[account].quota.see(seen, state.marks.response_ms, now_ms);
  dirty = true;
}

void Model::State::saw(const AggregateSeen& seen, u32 account, i64) {
  const u32 number = number_of(seen.session_id);
  const bool changed = take(sessions.at(number), seen);
  mark_if(assign_account(number, account, false) || changed, number);
}

void Model::State::saw(const LimitHitSeen& seen, u32 account, i64 now_ms) {
  if (account >= accounts.size()) return;
  accounts[account].quota.see(seen, now_ms);
  dirty = true;
}

void Model::State::saw(const QuotaSeen& seen, u32 account, i64 now_ms) {
  if (account >= accounts.size()) return;
  accounts[account].quota.see(seen, now_ms);
  dirty = true;
}

void Model::State::saw(const LoginSeen& seen, u32 account, i64 now_ms) {
  if (account >= accounts.size() || !accounts[account].quota.see(seen, now_ms)) return;
  accounts[account].unsaved = true;
  dirty = true;
}

void Model::State::saw(const HookSeen& seen, u32 account, i64) {
  const u32 number = number_of(seen.session_id);
  const bool changed = take(sessions.at(number), seen);
  mark_if(assign_account(number, account, true) || changed, number);
  if (seen.event != HookEvent::post_tool_use || seen.tool_use_id.empty()) return;
  EventSeen call;
  call.kind = EventKind::tool_call;
  call.session_id = seen.session_id;
  call.id = seen.tool_use_id;
  if (!seen.agent_id.empty()) call.agent = seen.agent_type;  // else it is what the session runs as
  call.name = seen.tool_name;
  call.at_ms = seen.received_at_ms;
  call.source = Source::hook;
  take_in(call.source, call.kind, call.call, ledger.apply(call, number));
}

void Model::State::saw(const LiveSeen& seen, u32 account, i64) {
  // Of a process that is gone only what was known before is of interest.
  if (!seen.alive && !names.find(seen.session_id)) return;
  const u32 number = number_of(seen.session_id);
  const bool changed = take(sessions.at(number), seen);
  mark_if((seen.alive && assign_account(number, account, true)) || changed, number);
}

/// Counts as long as the session has no requests of its own: taken back and booked anew with every
/// change, and taken back for good once it is measured.
void Model::State::saw(const ReportedSeen& seen, u32 account, i64 now_ms) {
  if (!believable(seen)) return refuse();
  ReportedSeen dated = seen;
  if (!shm::known(dated.at_ms) || dated.at_ms < 0 || dated.at_ms > now_ms) dated.at_ms = now_ms;
  const u32 number = number_of(seen.session_id);
  SessionState& state = sessions.at(number);
  put_reported_into_books(number, false);
  const bool newest = dated.at_ms >= state.marks.reported_ms;
  bool changed = take(state, dated);
  if (newest && !seen.model.empty()) {
    if (const auto model = ledger.model_number(seen.model)) state.marks.reported_model = *model;
  }
  changed = assign_account(number, account, false) || changed;
  put_reported_into_books(number, true);
  mark_if(changed, number);
}

void Model::State::put_reported_into_books(u32 number, bool in) {
  SessionState& state = sessions.at(number);
  SessionMarks& marks = state.marks;
  if (in && (marks.has_requests != 0 || !says_usage(marks))) return;
  if (in == (marks.reported_booked != 0)) return;
  if (in && !shm::known(marks.reported_model)) {
    const auto model = ledger.model_number(kReportedModel);
    if (!model) return refuse();
    marks.reported_model = *model;
  }
  marks.reported_booked = in ? 1 : 0;
  const shm::Usage usage = reported_usage(marks);
  ledger.book_reported({number, static_cast<u32>(marks.reported_model), marks.reported_ms,
                        in ? usage : negative(usage)});
}

}  // namespace shmeter::collector
