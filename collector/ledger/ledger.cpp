// SPDX-License-Identifier: MIT
// A line on its way: what it is called, what it costs, and what it changes in the books.
#include "collector/ledger/ledger.hpp"

#include <algorithm>

#include "collector/ledger/event_key.hpp"
#include "collector/ledger/model_id.hpp"

namespace shmeter::collector {
namespace {

/// A million dollars: no single request costs that, and sums of such stay far from 2^63.
constexpr i64 kMaxCost_nanousd = 1'000'000'000'000'000;

/// All that a line says, as text: names a line that has no id of any kind.
std::string content_of(const RequestSeen& seen) {
  std::string text;
  for (const std::string_view part : {seen.session_id, seen.model, seen.request_id})
    text.append(part).push_back('\0');
  const Tokens& t = seen.tokens;
  for (const i64 number :
       {seen.at_ms, t.input, t.output, t.write_5m, t.write_1h, t.read, t.web_searches})
    text.append(std::to_string(number)).push_back(' ');
  for (const bool flag :
       {seen.side_chain, seen.fast, seen.has_speed, seen.us_inference, seen.batch})
    text.push_back(flag ? '1' : '0');
  return text;
}

Charged charged(const Line& line) {
  return {line.at_ms, line.fast, line.us_inference, line.batch, line.tokens};
}

i64 ring_add(i64 a, i64 b) { return static_cast<i64>(static_cast<u64>(a) + static_cast<u64>(b)); }

}  // namespace

EventKey key_of(const RequestSeen& seen) {
  if (!seen.message_id.empty()) return event_key(seen.message_id, seen.request_id);
  if (!seen.uuid.empty()) return {hash_name(NameKind::uuid, seen.uuid), 0};
  if (seen.source == Source::telemetry && !seen.request_id.empty()) {
    const u64 request = hash_name(NameKind::request, seen.request_id);
    return {request, request};
  }
  return {hash_name(NameKind::content, content_of(seen)), 0};
}

void add(shm::Usage& to, const shm::Usage& amount) noexcept {
#define SHMETER_ADD(type, name, unit, help) to.name = ring_add(to.name, amount.name);
  SHMETER_USAGE_FIELDS(SHMETER_ADD)
#undef SHMETER_ADD
}

Ledger::Ledger(Prices prices, const Interner& sessions, Books& books)
    : prices_(std::move(prices)), sessions_(sessions), books_(books) {
  agents_.intern("main");
}

bool Ledger::model_of(std::string_view as_written, u32& model) {
  if (const auto known = written_.find(as_written)) {
    model = model_of_written_[*known];
    return true;
  }
  if (std::max(written_.size(), models_.size()) == RequestLog::kMaxModels) return false;
  const std::string name = normalise_model(as_written);
  model = models_.intern(name);
  if (model == model_prices_.size()) model_prices_.push_back(prices_.of(name));
  written_.intern(as_written);
  model_of_written_.push_back(model);
  return true;
}

bool Ledger::agent_of(std::string_view name, u32& out) {
  if (!name.empty() && agents_.size() == RequestLog::kMaxAgents && !agents_.find(name))
    return false;
  out = agent(name);
  return true;
}

/// Who says that a sub-agent did it knows more than who does not.
bool Ledger::better_agent(u32 a, u32 b) const {
  if (a == 0 || b == 0) return b == 0;
  return agents_.text(a) < agents_.text(b);
}

bool Ledger::make_line(const RequestSeen& seen, u32 session, Line& out) {
  if (seen.at_ms < 0 || seen.at_ms >= RequestLog::kMaxTime_ms) return false;
  if (session >= RequestLog::kMaxSessions || !RequestLog::fits(seen.tokens)) return false;
  const bool says_cost = shm::known(seen.cost_nanousd);
  if (says_cost && (seen.cost_nanousd < 0 || seen.cost_nanousd > kMaxCost_nanousd)) return false;
  if (!model_of(seen.model, out.model) || !agent_of(seen.agent, out.agent)) return false;
  const EventKey key = key_of(seen);
  out.message = key.message;
  out.request = key.request;
  out.session = session;
  out.source = seen.source;
  out.cost_by = says_cost ? CostBy::sender : CostBy::list;
  out.at_ms = seen.at_ms;
  out.side_chain = seen.side_chain && !is_telemetry(out);  // one line of a request is enough
  out.fast = seen.fast;
  out.has_speed = seen.has_speed;
  out.us_inference = seen.us_inference;
  out.batch = seen.batch;
  out.tokens = seen.tokens;
  out.cost_nanousd = seen.cost_nanousd;
  return true;
}

std::optional<i64> Ledger::list_cost(const Line& line) const {
  return cost_nanousd(model_prices_[line.model], charged(line));
}

std::optional<i64> Ledger::cost(const Line& line) const {
  if (line.cost_by == CostBy::list) return list_cost(line);
  if (!shm::known(line.cost_nanousd)) return std::nullopt;
  return line.cost_nanousd;
}

Booking Ledger::booking(const Line& line, int sign) const {
  const Tokens& t = line.tokens;
  const std::optional<i64> price = cost(line);
  const shm::Usage amount{sign,
                          sign * t.input,
                          sign * t.output,
                          sign * t.write_5m,
                          sign * t.write_1h,
                          sign * t.read,
                          sign * price.value_or(0),
                          price ? 0 : sign * t.total()};
  return {line.session, line.model, line.at_ms, amount};
}

void Ledger::book(const Line& line, int sign) {
  const Booking entry = booking(line, sign);
  books_.book(entry);
  if (journal_ != nullptr) journal_->book(entry);
}

std::optional<u32> Ledger::model_number(std::string_view as_written) {
  u32 model = 0;
  if (!model_of(as_written, model)) return std::nullopt;
  if (journal_ != nullptr) say_names(NameTable::model, models_, model + 1);
  return model;
}

void Ledger::book_reported(const Booking& booking) {
  books_.book(booking);
  if (journal_ == nullptr) return;
  say_names(NameTable::session, sessions_, booking.session + 1);
  journal_->book(booking);
}

Ledger::Outcome Ledger::apply(const RequestSeen& seen, u32 session) {
  Line line;
  if (!make_line(seen, session, line)) return Outcome::refused;
  // Nobody could say which message in the store holds its request.
  if (is_telemetry(line) && is_cold(line.at_ms)) return Outcome::refused;
  const Details details{seen.request_id, seen.call};
  if (!must_wait(line)) return take(line, details);
  wait(line, details);
  return Outcome::waits;
}

Ledger::Outcome Ledger::take(const Line& line, const Details& details) {
  load_groups(line);
  const auto same = std::find_if(group_.begin(), group_.end(),
                                 [&](const Kept& kept) { return same_place(kept.line, line); });
  if (same != group_.end() && !greater(line, same->line)) {
    if (same->line.session != line.session && !is_telemetry(line)) {
      winners(after_);
      note_owner(line.message, line.session);
    }
    return Outcome::unchanged;
  }
  winners(before_);
  if (same != group_.end()) {
    if (!log_.replace(same->slot, line)) return Outcome::refused;
    same->line = line;
  } else {
    if (!add(line)) return Outcome::refused;
    group_.push_back({0, line});
  }
  if (homes_.needed()) find_told();
  winners(after_);
  if (journal_ != nullptr) say_groups(line, details);
  settle();
  if (before_.empty()) return Outcome::booked;  // its message's first line: nobody has a copy yet
  note_owners(line);
  return before_ == after_ ? Outcome::kept : Outcome::booked;
}

void Ledger::rebook(Prices prices) {
  prices_ = std::move(prices);
  for (u32 model = 0; model < models_.size(); ++model)
    model_prices_[model] = prices_.of(models_.text(model));
  log_.each_message([&](u64 message) {
    Line any;
    any.message = message;
    load_groups(any);
    winners(after_);
    for (const Winner& winner : after_) books_.book(booking(winner.line, +1));
  });
  events_.each([&](const Event& event) { book(event, +1); });
}

}  // namespace shmeter::collector
