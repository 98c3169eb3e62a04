// SPDX-License-Identifier: MIT
// Lines that belong together, and which of them count. Every entry of the log is the greatest line
// of one (message, request or none, chain). As the greatest of a set does not depend on the order
// of arrival, and the winners of a group are made from these alone, neither do the books.
#include <algorithm>
#include <set>
#include <tuple>

#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {
namespace {

auto counts(const Tokens& t) {
  return std::tie(t.input, t.output, t.write_5m, t.write_1h, t.read, t.web_searches);
}

}  // namespace

/// The total order of a request's lines; what follows the session decides only between lines that
/// differ in what would be booked or stored, so that neither depends on which came first.
bool Ledger::greater(const Line& a, const Line& b) const {
  if (a.tokens.total() != b.tokens.total()) return a.tokens.total() > b.tokens.total();
  // Who heard the response knows more of it than telemetry tells.
  const bool by_telemetry = a.source == Source::telemetry;
  if (by_telemetry != (b.source == Source::telemetry)) return !by_telemetry;
  const i64 cost_a = cost(a).value_or(-1);
  const i64 cost_b = cost(b).value_or(-1);
  if (cost_a != cost_b) return cost_a > cost_b;
  if (a.has_speed != b.has_speed) return a.has_speed;
  if (a.at_ms != b.at_ms) return a.at_ms < b.at_ms;
  if (a.session != b.session) return sessions_.text(a.session) < sessions_.text(b.session);
  if (a.model != b.model) return models_.text(a.model) < models_.text(b.model);
  if (a.tokens != b.tokens) return counts(a.tokens) > counts(b.tokens);
  const auto marks = [](const Line& line) {
    return std::tie(line.fast, line.us_inference, line.batch, line.cost_by);
  };
  if (marks(a) != marks(b)) return marks(a) > marks(b);
  return a.agent != b.agent ? better_agent(a.agent, b.agent) : a.source < b.source;
}

bool Ledger::add(const Line& line) {
  if (!log_.add(line)) return false;
  if (homes_.needed()) homes_.note(line);
  return true;
}

void Ledger::load_group(u64 message) {
  groups_.push_back(message);
  log_.group(message, [&](RequestLog::Slot slot, const Line& line) {
    group_.push_back({slot, line});
  });
}

/// All groups whose outcome the line can change. Where telemetry tells of its request these are
/// also that of the telemetry and the one that it belonged to before.
void Ledger::load_groups(const Line& line) {
  groups_.clear();
  group_.clear();
  load_group(line.message);
  if (is_telemetry(line) && !homes_.needed()) homes_.need(log_);
  if (!homes_.needed()) return;
  if (line.request != 0) {
    if (!is_telemetry(line)) load_group(line.request);
    const u64 home = homes_.of(line.request);
    if (home != RequestHomes::kElsewhere && home != line.message) load_group(home);
  }
  // Telemetry of their other requests competes in these groups.
  std::set<u64> others;
  for (const Kept& kept : group_) others.insert(kept.line.request);
  for (const u64 loaded : groups_) others.erase(loaded);
  for (const u64 request : others)
    log_.group(request, [&](RequestLog::Slot slot, const Line& one) {
      group_.push_back({slot, one});
    });
  find_told();
}

/// Whenever lines were loaded or added. A message may have thousands of requests.
void Ledger::find_told() {
  told_.clear();
  for (std::size_t i = 0; i < group_.size(); ++i)
    if (is_telemetry(group_[i].line)) told_.emplace_back(group_[i].line.request, i);
  std::sort(told_.begin(), told_.end());
}

/// Of those loaded; nullptr = there is none.
const Line* Ledger::telemetry_of(u64 request) const {
  const auto found =
      std::lower_bound(told_.begin(), told_.end(), std::pair(request, std::size_t{0}));
  return found == told_.end() || found->first != request ? nullptr : &group_[found->second].line;
}

/// Those of the request; `winners` are by request.
std::span<const Ledger::Winner> Ledger::winners_by(u64 request,
                                                   const std::vector<Winner>& winners) {
  const auto begin =
      std::lower_bound(winners.begin(), winners.end(), request,
                       [](const Winner& winner, u64 wanted) { return winner.request < wanted; });
  auto end = begin;
  while (end != winners.end() && end->request == request) ++end;
  return {begin, end};
}

/// What of the group counts.
void Ledger::winners_of(u64 message, std::vector<Winner>& out) const {
  const std::size_t first = out.size();
  bool main_chain = false;
  for (const Kept& kept : group_)
    main_chain = main_chain || (kept.line.message == message && !kept.line.side_chain);
  for (const Kept& kept : group_) {
    const Line& line = kept.line;
    if (line.message != message || line.side_chain == main_chain) continue;
    if (!is_telemetry(line) || !homes_.has(line.request))
      out.push_back({line.request, message, line.session, line});
  }
  const auto begin = out.begin() + static_cast<std::ptrdiff_t>(first);
  std::sort(begin, out.end(),
            [](const Winner& a, const Winner& b) { return a.request < b.request; });
  if (out.size() - first > 1 && begin->request == 0) {
    // The line without request id joins the first request.
    if (greater(begin[0].line, begin[1].line)) {
      begin[1].line = begin[0].line;
      begin[1].owner = begin[0].owner;
    }
    out.erase(begin);
  }
  if (!homes_.needed()) return;
  for (std::size_t i = first; i < out.size(); ++i) {
    Winner& winner = out[i];
    const Line* const told = winner.request == 0 ? nullptr : telemetry_of(winner.request);
    if (told != nullptr && homes_.of(winner.request) == message && greater(*told, winner.line))
      winner.line = *told;  // the owner stays: it is nobody's copy
  }
}

/// What of the groups counts, by request.
void Ledger::winners(std::vector<Winner>& out) const {
  out.clear();
  for (const u64 message : groups_) winners_of(message, out);
  if (groups_.size() > 1)
    std::sort(out.begin(), out.end(), [](const Winner& a, const Winner& b) {
      return std::pair(a.request, a.message) < std::pair(b.request, b.message);
    });
}

/// Makes the books follow from before_ to after_, both sorted by request.
void Ledger::settle() {
  auto old = before_.begin();
  auto now = after_.begin();
  while (old != before_.end() || now != after_.end()) {
    const auto name = [](const Winner& winner) {
      return std::pair(winner.request, winner.message);
    };
    const bool left = now == after_.end() || (old != before_.end() && name(*old) < name(*now));
    const bool came = old == before_.end() || (now != after_.end() && name(*now) < name(*old));
    if (!left && !came && *old == *now) {
      ++old, ++now;
      continue;
    }
    if (!came) book((old++)->line, -1);
    if (!left) book((now++)->line, +1);
  }
}

/// Keeps true that copies_ names the sessions that have a line in the group and own nothing of it.
void Ledger::note_owner(u64 message, u32 session) {
  const bool owns = std::any_of(after_.begin(), after_.end(), [&](const Winner& winner) {
    return winner.message == message && winner.owner == session;
  });
  if (owns && copies_.empty()) return;
  const u64 name = mix_bits(message ^ mix_bits(u64{session} + 1));
  const bool changed = owns ? copies_.erase(name) != 0 : copies_.insert(name).second;
  if (changed) books_.owned_by_another(session, owns ? -1 : +1);
}

/// After `line` was taken in. Telemetry is no copy, and owns none.
void Ledger::note_owners(const Line& line) {
  if (is_telemetry(line)) return;
  note_owner(line.message, line.session);
  for (const auto* const winners : {&before_, &after_})
    for (const Winner& owner : *winners)
      if (owner.message == line.message) note_owner(line.message, owner.owner);
}

}  // namespace shmeter::collector
