// SPDX-License-Identifier: MIT
// Every entry of the log is the greatest line of one (message, request or none, chain). As the
// greatest of a set does not depend on the order of arrival, and the winners of a group are made
// from these alone, neither do the books.
#include "collector/ledger/ledger.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "collector/ledger/event_key.hpp"
#include "collector/ledger/model_id.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kMaxCount = 0xffffffff;

bool countable(const Tokens& t) {
  const auto ok = [](i64 count) { return count >= 0 && count <= kMaxCount; };
  return ok(t.input) && ok(t.output) && ok(t.write_5m) && ok(t.write_1h) && ok(t.read) &&
         ok(t.web_searches);
}

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

EventKey key_of(const RequestSeen& seen) {
  if (!seen.message_id.empty()) return event_key(seen.message_id, seen.request_id);
  if (!seen.uuid.empty()) return {hash_name(NameKind::uuid, seen.uuid), 0};
  return {hash_name(NameKind::content, content_of(seen)), 0};
}

/// Half of the request's name tells the few requests of one message apart; 0 stays "none".
u32 request_tag(u64 request) {
  const u32 tag = static_cast<u32>(request >> 32);
  return request != 0 && tag == 0 ? 1 : tag;
}

Charged charged(const Line& line) {
  return {line.at_ms, line.fast, line.us_inference, line.batch, line.tokens};
}

auto counts(const Tokens& t) {
  return std::tie(t.input, t.output, t.write_5m, t.write_1h, t.read, t.web_searches);
}

bool owns_one(const std::vector<Line>& lines, u32 session) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const Line& line) { return line.session == session; });
}

i64 ring_add(i64 a, i64 b) { return static_cast<i64>(static_cast<u64>(a) + static_cast<u64>(b)); }

}  // namespace

void add(shm::Usage& to, const shm::Usage& amount) noexcept {
#define SHMETER_ADD(type, name, unit, help) to.name = ring_add(to.name, amount.name);
  SHMETER_USAGE_FIELDS(SHMETER_ADD)
#undef SHMETER_ADD
}

Ledger::Ledger(Prices prices, const Interner& sessions, Books& books)
    : prices_(std::move(prices)), sessions_(sessions), books_(books) {
  agents_.intern("main");
}

u32 Ledger::agent(std::string_view name) { return name.empty() ? 0 : agents_.intern(name); }

Ledger::Outcome Ledger::apply(const EventSeen&, u32) { return Outcome::refused; }
void Ledger::name_sessions() {}
void Ledger::restore(std::span<const std::string>, std::span<const std::string>, u32,
                     std::span<const StoredEvent>) {}
void Ledger::cool(i64 since_ms) { hot_since_ms_ = std::max(hot_since_ms_, since_ms); }
std::vector<u64> Ledger::take_wanted() { return {}; }
void Ledger::thaw(std::span<const u64>, std::span<const StoredEvent>) {}
std::size_t Ledger::waiting() const { return 0; }
std::size_t Ledger::bytes() const { return log_.bytes(); }

bool Ledger::model_of(std::string_view as_written, u32& model) {
  if (const auto known = written_.find(as_written)) {
    model = model_of_written_[*known];
    return true;
  }
  if (written_.size() == RequestLog::kMaxModels) return false;
  const std::string name = normalise_model(as_written);
  model = models_.intern(name);
  if (model == model_prices_.size()) model_prices_.push_back(prices_.of(name));
  written_.intern(as_written);
  model_of_written_.push_back(model);
  return true;
}

bool Ledger::make_line(const RequestSeen& seen, u32 session, Line& out) {
  if (seen.at_ms < 0 || seen.at_ms >= RequestLog::kMaxTime_ms) return false;
  if (session >= RequestLog::kMaxSessions || !countable(seen.tokens)) return false;
  if (!model_of(seen.model, out.model)) return false;
  const EventKey key = key_of(seen);
  out.message = key.message;
  out.request = request_tag(key.request);
  out.session = session;
  out.at_ms = seen.at_ms;
  out.side_chain = seen.side_chain;
  out.fast = seen.fast;
  out.has_speed = seen.has_speed;
  out.us_inference = seen.us_inference;
  out.batch = seen.batch;
  out.tokens = seen.tokens;
  return true;
}

std::optional<i64> Ledger::cost(const Line& line) const {
  return cost_nanousd(model_prices_[line.model], charged(line));
}

/// The total order of a request's lines; what follows the session decides only between lines that
/// differ in what would be booked, so that the books never depend on which came first.
bool Ledger::greater(const Line& a, const Line& b) const {
  if (a.tokens.total() != b.tokens.total()) return a.tokens.total() > b.tokens.total();
  const i64 cost_a = cost(a).value_or(-1);
  const i64 cost_b = cost(b).value_or(-1);
  if (cost_a != cost_b) return cost_a > cost_b;
  if (a.has_speed != b.has_speed) return a.has_speed;
  if (a.at_ms != b.at_ms) return a.at_ms < b.at_ms;
  if (a.session != b.session) return sessions_.text(a.session) < sessions_.text(b.session);
  if (a.model != b.model) return models_.text(a.model) < models_.text(b.model);
  if (a.tokens != b.tokens) return counts(a.tokens) > counts(b.tokens);
  return std::tie(a.fast, a.us_inference, a.batch) > std::tie(b.fast, b.us_inference, b.batch);
}

void Ledger::load_group(u64 message) {
  group_.clear();
  log_.group(message, [&](RequestLog::Slot slot, const Line& line) {
    group_.push_back({slot, line});
  });
}

/// What of the group counts, by request.
void Ledger::winners(std::vector<Line>& out) const {
  out.clear();
  const bool main_chain = std::any_of(group_.begin(), group_.end(),
                                      [](const Kept& kept) { return !kept.line.side_chain; });
  for (const Kept& kept : group_) {
    if (kept.line.side_chain != main_chain) out.push_back(kept.line);
  }
  std::sort(out.begin(), out.end(),
            [](const Line& a, const Line& b) { return a.request < b.request; });
  if (out.size() < 2 || out[0].request != 0) return;
  const u32 first = out[1].request;  // the line without request id joins the first request
  if (greater(out[0], out[1])) out[1] = out[0];
  out[1].request = first;
  out.erase(out.begin());
}

void Ledger::book(const Line& line, int sign) {
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
  books_.book({line.session, line.model, line.at_ms, amount});
}

/// Makes the books follow from before_ to after_, both sorted by request.
void Ledger::settle() {
  auto old = before_.begin();
  auto now = after_.begin();
  while (old != before_.end() || now != after_.end()) {
    const bool left = now == after_.end() || (old != before_.end() && old->request < now->request);
    const bool came = old == before_.end() || (now != after_.end() && now->request < old->request);
    if (!left && !came && *old == *now) {
      ++old, ++now;
      continue;
    }
    if (!came) book(*old++, -1);
    if (!left) book(*now++, +1);
  }
}

/// Keeps true that copies_ names the sessions that have a line in the group and own nothing of it.
void Ledger::note_owner(u64 message, u32 session) {
  const bool owns = owns_one(after_, session);
  if (owns && copies_.empty()) return;
  const u64 name = mix_bits(message ^ mix_bits(u64{session} + 1));
  const bool changed = owns ? copies_.erase(name) != 0 : copies_.insert(name).second;
  if (changed) books_.owned_by_another(session, owns ? -1 : +1);
}

Ledger::Outcome Ledger::apply(const RequestSeen& seen, u32 session) {
  Line line;
  if (!make_line(seen, session, line)) return Outcome::refused;
  load_group(line.message);
  const auto same = std::find_if(group_.begin(), group_.end(), [&](const Kept& kept) {
    return kept.line.request == line.request && kept.line.side_chain == line.side_chain;
  });
  if (same != group_.end() && !greater(line, same->line)) {
    if (same->line.session != session) {
      winners(after_);
      note_owner(line.message, session);
    }
    return Outcome::unchanged;
  }
  winners(before_);
  if (same != group_.end()) {
    if (!log_.replace(same->slot, line)) return Outcome::refused;
    same->line = line;
  } else {
    if (!log_.add(line)) return Outcome::refused;
    group_.push_back({0, line});
  }
  winners(after_);
  settle();
  note_owner(line.message, session);
  for (const Line& owner : before_) note_owner(line.message, owner.session);
  for (const Line& owner : after_) note_owner(line.message, owner.session);
  return before_ == after_ ? Outcome::unchanged : Outcome::booked;
}

void Ledger::rebook(Prices prices) {
  prices_ = std::move(prices);
  for (u32 model = 0; model < models_.size(); ++model)
    model_prices_[model] = prices_.of(models_.text(model));
  log_.each_message([&](u64 message) {
    load_group(message);
    winners(after_);
    for (const Line& line : after_) book(line, +1);
  });
}

}  // namespace shmeter::collector
