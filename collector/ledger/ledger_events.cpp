// SPDX-License-Identifier: MIT
// Tool calls, prompts, turns and failures: each name counts once, by the greatest of what is said
// of it.
#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {
namespace {

std::optional<NameKind> name_kind(EventKind kind) {
  switch (kind) {
    case EventKind::tool_call:
      return NameKind::tool_call;
    case EventKind::message:
      return NameKind::prompt;
    case EventKind::compute:
      return NameKind::turn;
    case EventKind::failure:
      return NameKind::failure;
    case EventKind::tokens:
      break;
  }
  return std::nullopt;
}

}  // namespace

EventKey key_of(const EventSeen& seen) {
  return {hash_name(name_kind(seen.kind).value_or(NameKind::content), seen.id), 0};
}

bool Ledger::make_event(const EventSeen& seen, u32 session, Event& out) {
  if (!name_kind(seen.kind) || seen.id.empty()) return false;
  if (seen.at_ms < 0 || seen.at_ms >= RequestLog::kMaxTime_ms) return false;
  if (seen.value < 0 || seen.value > EventLog::kMaxValue || session >= RequestLog::kMaxSessions)
    return false;
  if (!agent_of(seen.agent, out.agent)) return false;
  out.key = key_of(seen).message;
  out.kind = seen.kind;
  out.source = seen.source;
  out.session = session;
  out.at_ms = seen.at_ms;
  out.value = seen.value;
  return true;
}

/// A total order, as that of lines.
bool Ledger::greater(const Event& a, const Event& b) const {
  if (a.value != b.value) return a.value > b.value;
  const bool by_telemetry = a.source == Source::telemetry;
  if (by_telemetry != (b.source == Source::telemetry)) return !by_telemetry;
  if (a.at_ms != b.at_ms) return a.at_ms < b.at_ms;
  if (a.session != b.session) return sessions_.text(a.session) < sessions_.text(b.session);
  return a.agent != b.agent ? better_agent(a.agent, b.agent) : a.source < b.source;
}

void Ledger::book(const Event& event, int sign) {
  books_.book_event(
      {event.kind, event.source, event.session, event.agent, event.at_ms, event.value, sign});
}

Ledger::Outcome Ledger::apply(const EventSeen& seen, u32 session) {
  Event event;
  if (!make_event(seen, session, event)) return Outcome::refused;
  const Details details{seen.name, seen.call};
  const bool decided = !is_cold(event.at_ms) || whole_.contains(event.key);
  if (decided || events_.find(event.key)) return take(event, details);
  room_.add(event, details);
  return Outcome::waits;
}

Ledger::Outcome Ledger::take(const Event& event, const Details& details) {
  const auto place = events_.find(event.key);
  if (place) {
    const Event before = events_.at(*place);
    if (!greater(event, before)) return Outcome::unchanged;
    events_.replace(*place, event);
    book(before, -1);
  } else if (!events_.add(event)) {
    return Outcome::refused;
  }
  if (journal_ != nullptr) say_event(event, details);
  book(event, +1);
  return Outcome::booked;
}

}  // namespace shmeter::collector
