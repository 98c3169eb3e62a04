// SPDX-License-Identifier: MIT
// What the ledger says to the journal, and how memory holds only what is hot: dropping, asking,
// taking back what a store kept.
#include "collector/ledger/ledger.hpp"

#include <malloc.h>

#include <algorithm>
#include <utility>

namespace shmeter::collector {
namespace {

EventKey key_of(const Line& line) { return {line.message, line.request}; }

}  // namespace

// ---- The journal --------------------------------------------------------------------------------

void Ledger::say_names(NameTable table, const Interner& names, u32 up_to) {
  u32& said = said_[static_cast<std::size_t>(table)];
  for (; said < up_to; ++said) journal_->name(table, said, names.text(said));
}

void Ledger::name_sessions() {
  if (journal_ != nullptr) say_names(NameTable::session, sessions_, sessions_.size());
}

void Ledger::say(const StoredEvent& event) {
  say_names(NameTable::session, sessions_, event.session + 1);
  if (event.model != kNone) say_names(NameTable::model, models_, event.model + 1);
  say_names(NameTable::agent, agents_, event.agent + 1);
  journal_->keep(event);
}

StoredEvent Ledger::stored(const Line& line, bool counted) const {
  StoredEvent event;
  event.key = key_of(line);
  event.side_chain = line.side_chain;
  event.counted = counted;
  event.source = line.source;
  event.session = line.session;
  event.model = line.model;
  event.agent = line.agent;
  event.at_ms = line.at_ms;
  event.value = line.tokens.input + line.tokens.output;
  event.tokens = line.tokens;
  event.fast = line.fast;
  event.has_speed = line.has_speed;
  event.us_inference = line.us_inference;
  event.batch = line.batch;
  event.cost_nanousd = cost(line).value_or(kUnknown);
  event.cost_given = line.cost_by == CostBy::sender;
  return event;
}

/// The line that changed, whole, and which others of the groups count now or no longer.
void Ledger::say_groups(const Line& changed, const Details& details) {
  // Only a line without request id may count as another request.
  const auto counts = [](const std::vector<Winner>& winners, const Line& line) {
    const auto some =
        line.request == 0 ? std::span<const Winner>(winners) : winners_by(line.request, winners);
    return std::any_of(some.begin(), some.end(),
                       [&](const Winner& winner) { return same_place(winner.line, line); });
  };
  for (const Kept& kept : group_) {
    const bool counted = counts(after_, kept.line);
    const bool changes = same_place(kept.line, changed);
    if (!changes && counted == counts(before_, kept.line)) continue;
    StoredEvent event = stored(kept.line, counted);
    event.only_counted = !changes;
    if (changes) {
      event.request_id = details.text;
      event.call = details.call;
    }
    say(event);
  }
  if (homes_.needed()) say_joined(changed);
}

/// A request that counts has the details that telemetry told of it, whatever was said of either.
void Ledger::say_joined(const Line& changed) {
  for (const Winner& winner : after_) {
    if (winner.line.request == 0 || is_telemetry(winner.line)) continue;
    const Line* const told = telemetry_of(winner.request);
    if (told == nullptr || homes_.of(winner.request) != winner.message) continue;
    const auto before = winners_by(winner.request, before_);
    const bool as_before =
        std::find(before.begin(), before.end(), winner) != before.end() && *told != changed;
    if (!as_before) journal_->join({key_of(*told), key_of(winner.line), winner.line.side_chain});
  }
}

void Ledger::say_event(const Event& event, const Details& details) {
  StoredEvent out;
  out.key.message = event.key;
  out.kind = event.kind;
  out.source = event.source;
  out.session = event.session;
  out.agent = event.agent;
  out.at_ms = event.at_ms;
  out.value = event.value;
  out.name = details.text;
  out.call = details.call;
  say(out);
}

// ---- What a store kept --------------------------------------------------------------------------

/// A line as it stands in the store; one whose numbers cannot be is passed over. What is in memory
/// already is newer.
void Ledger::adopt_line(const StoredEvent& stored) {
  Line line;
  line.message = stored.key.message;
  line.request = stored.key.request;
  line.session = stored.session;
  line.model = stored.model;
  line.agent = stored.agent;
  line.source = stored.source;
  line.at_ms = stored.at_ms;
  line.side_chain = stored.side_chain;
  line.fast = stored.fast;
  line.has_speed = stored.has_speed;
  line.us_inference = stored.us_inference;
  line.batch = stored.batch;
  line.tokens = stored.tokens;
  const bool possible = stored.model < models_.size() && RequestLog::fits(stored.tokens) &&
                        (stored.cost_nanousd >= 0 || !shm::known(stored.cost_nanousd));
  if (!possible) return;
  if (stored.cost_given) line.cost_by = CostBy::sender;
  if (!stored.cost_given && stored.cost_nanousd != list_cost(line).value_or(kUnknown))
    line.cost_by = CostBy::stored;
  if (line.cost_by != CostBy::list) line.cost_nanousd = stored.cost_nanousd;
  bool there = false;
  log_.group(line.message,
             [&](RequestLog::Slot, const Line& kept) { there = there || same_place(kept, line); });
  if (is_telemetry(line) && !homes_.needed()) homes_.need(log_);
  if (!there) static_cast<void>(add(line));
  if (is_telemetry(line) && !stored.counted) joined_.push_back(line.request);
}

/// After all was adopted.
void Ledger::find_homes() {
  for (const u64 request : std::exchange(joined_, {})) homes_.note_elsewhere(request);
}

void Ledger::adopt_event(const StoredEvent& stored) {
  if (stored.value < 0 || stored.value > EventLog::kMaxValue) return;
  if (events_.find(stored.key.message)) return;
  Event event;
  event.key = stored.key.message;
  event.kind = stored.kind;
  event.source = stored.source;
  event.session = stored.session;
  event.agent = stored.agent;
  event.at_ms = stored.at_ms;
  event.value = stored.value;
  static_cast<void>(events_.add(event));
}

void Ledger::adopt(const StoredEvent& stored) {
  const bool possible = stored.session < sessions_.size() && stored.agent < agents_.size() &&
                        stored.at_ms >= 0 && stored.at_ms < RequestLog::kMaxTime_ms;
  if (!possible) return;
  if (stored.kind == EventKind::tokens) {
    adopt_line(stored);
  } else {
    adopt_event(stored);
  }
}

void Ledger::restore(std::span<const std::string> models, std::span<const std::string> agents,
                     u32 sessions, std::span<const StoredEvent> hot) {
  for (const std::string& name : models) {
    models_.append(name);
    model_prices_.push_back(prices_.of(name));
  }
  if (!agents.empty()) agents_ = Interner();
  for (const std::string& name : agents) agents_.append(name);
  said_ = {0, sessions, static_cast<u32>(models.size()), static_cast<u32>(agents.size())};
  for (const StoredEvent& event : hot) adopt(event);
  find_homes();
}

// ---- Hot and cold -------------------------------------------------------------------------------

bool Ledger::must_wait(const Line& line) const {
  return is_cold(line.at_ms) &&
         !(whole_.contains(line.message) && (line.request == 0 || whole_.contains(line.request)));
}

/// A response's lines come one after another and mostly say the same: they wait as one.
void Ledger::wait(const Line& line, const Details& details) {
  WaitingRoom::WaitingLine* last = room_.last_line();
  if (last == nullptr || !same_place(last->line, line) || last->line.session != line.session)
    room_.add(line, details);
  else if (greater(line, last->line))
    *last = {line, room_.kept(details)};
}

void Ledger::thaw(std::span<const u64> wanted, std::span<const StoredEvent> found) {
  whole_.insert(wanted.begin(), wanted.end());
  for (const StoredEvent& event : found) adopt(event);
  find_homes();
  room_.release(wanted, [&](const auto& what, const Details& details) { take(what, details); });
}

void Ledger::cool(i64 since_ms) {
  // The answer on its way may be older than what is in memory.
  if (journal_ == nullptr || room_.size() > 0) return;
  hot_since_ms_ = std::max(hot_since_ms_, since_ms);
  const auto stays = [&](const auto& what) { return what.at_ms >= since_ms - kStraddle_ms; };
  log_.keep_only(stays);
  events_.keep_only(stays);
  if (homes_.needed()) homes_.follow(log_);
  whole_ = {};
  copies_ = {};
  // What was freed lies between what stays: only this gives its pages back.
  ::malloc_trim(0);
}

std::size_t Ledger::bytes() const {
  constexpr std::size_t kSetEntry = 32;  // a node and its place in the table
  return log_.bytes() + homes_.bytes() + events_.bytes() + room_.bytes() + written_.bytes() +
         models_.bytes() + agents_.bytes() + (copies_.size() + whole_.size()) * kSetEntry;
}

}  // namespace shmeter::collector
