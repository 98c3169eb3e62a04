// SPDX-License-Identifier: MIT
// The counting rules read a second time, naively: all lines at once, maps by text, no memory to
// save.
#include <optional>
#include <set>
#include <tuple>

#include "collector/ledger/event_key.hpp"
#include "collector/ledger/model_id.hpp"
#include "tests/ledger/books.hpp"

namespace shmeter::collector {
namespace {

std::optional<i64> price_of(const RequestSeen& s) {
  static const Prices prices;
  if (s.cost_nanousd != kUnknown) return s.cost_nanousd;
  return cost_nanousd(prices.of(normalise_model(s.model)),
                      {s.at_ms, s.fast, s.us_inference, s.batch, s.tokens});
}

auto rank(const RequestSeen& s) {
  const Tokens& t = s.tokens;
  // Greater = better: earlier and smaller are turned around by comparing negated or swapped.
  return std::tuple(t.total(), s.source != Source::telemetry, price_of(s).value_or(-1), s.has_speed,
                    -s.at_ms);
}

std::string_view agent_of(std::string_view agent) { return agent.empty() ? "main" : agent; }

/// A named agent before `main`, then by name, then by source.
bool better_said(std::string_view agent_a, Source a, std::string_view agent_b, Source b) {
  if (agent_a.empty() != agent_b.empty()) return agent_b.empty();
  return std::tuple(agent_a, a) < std::tuple(agent_b, b);
}

bool better(const RequestSeen& a, const RequestSeen& b) {
  if (rank(a) != rank(b)) return rank(a) > rank(b);
  if (a.session_id != b.session_id) return a.session_id < b.session_id;
  const std::string model_a = normalise_model(a.model), model_b = normalise_model(b.model);
  if (model_a != model_b) return model_a < model_b;
  const auto kinds = [](const RequestSeen& s) {
    const Tokens& t = s.tokens;
    return std::tuple(t.input, t.output, t.write_5m, t.write_1h, t.read, t.web_searches, s.fast,
                      s.us_inference, s.batch, s.cost_nanousd != kUnknown);
  };
  if (kinds(a) != kinds(b)) return kinds(a) > kinds(b);
  return better_said(a.agent, a.source, b.agent, b.source);
}

bool better(const EventSeen& a, const EventSeen& b) {
  if (a.value != b.value) return a.value > b.value;
  const bool by_telemetry = a.source == Source::telemetry;
  if (by_telemetry != (b.source == Source::telemetry)) return !by_telemetry;
  if (a.at_ms != b.at_ms) return a.at_ms < b.at_ms;
  if (a.session_id != b.session_id) return a.session_id < b.session_id;
  return better_said(a.agent, a.source, b.agent, b.source);
}

using Told = std::map<u64, RequestSeen>;  // by request

/// `told`: of the requests that are at home in this group.
void recount_group(std::vector<RequestSeen> group, const Told& told, Account& books) {
  const bool alone = group.front().message_id.empty();
  std::set<std::string> without;  // sessions with a line in it that own nothing of it
  for (const RequestSeen& s : group) without.insert(std::string(s.session_id));
  if (std::any_of(group.begin(), group.end(), [](const auto& s) { return !s.side_chain; }))
    std::erase_if(group, [](const auto& s) { return s.side_chain; });
  std::map<u64, RequestSeen> requests;  // by the order of request ids; 0 = none
  for (const RequestSeen& s : group) {
    const u64 id = alone ? 0 : event_key(s.message_id, s.request_id).request;
    const auto [at, added] = requests.try_emplace(id, s);
    if (!added && better(s, at->second)) at->second = s;
  }
  if (requests.size() > 1 && requests.contains(0)) {
    RequestSeen& first = std::next(requests.begin())->second;
    if (better(requests.at(0), first)) first = requests.at(0);
    requests.erase(0);
  }
  for (const auto& [id, s] : requests) without.erase(std::string(s.session_id));
  for (auto& [id, s] : requests) {
    const auto by_telemetry = told.find(id);
    if (by_telemetry != told.end() && better(by_telemetry->second, s)) s = by_telemetry->second;
  }
  for (const auto& [id, s] : requests) {
    const auto cost = price_of(s);
    const Tokens& t = s.tokens;
    books.post_all(s.session_id, normalise_model(s.model), s.at_ms,
                   {1, t.input, t.output, t.write_5m, t.write_1h, t.read, cost.value_or(0),
                    cost ? 0 : t.total()});
  }
  for (const std::string& session : without) ++books.shared[session];
}

}  // namespace

Account recount(const std::vector<RequestSeen>& lines, const std::vector<EventSeen>& events) {
  std::map<std::string, std::vector<RequestSeen>> groups;
  Told told;
  std::map<u64, std::pair<u64, std::string>> homes;  // by request: the smallest message
  for (const RequestSeen& line : lines) {
    const auto [message, request] = event_key(line.message_id, line.request_id);
    if (line.source == Source::telemetry) {
      const auto [at, added] = told.try_emplace(request, line);
      if (!added && better(line, at->second)) at->second = line;
      at->second.side_chain = false;
      continue;
    }
    if (!line.message_id.empty() && request != 0) {
      const std::pair home(message, "message " + std::string(line.message_id));
      const auto [at, added] = homes.try_emplace(request, home);
      if (!added) at->second = std::min(at->second, home);
    }
    const std::string name = line.message_id.empty() ? "uuid " + std::string(line.uuid)
                                                     : "message " + std::string(line.message_id);
    groups[name].push_back(line);
  }
  std::map<std::pair<EventKind, std::string_view>, EventSeen> best;
  for (const EventSeen& seen : events) {
    const auto [at, added] = best.try_emplace({seen.kind, seen.id}, seen);
    if (!added && better(seen, at->second)) at->second = seen;
  }
  Account books;
  std::map<std::string, Told> told_of;  // by group
  for (const auto& [request, one] : told) {
    const auto home = homes.find(request);
    if (home != homes.end())
      told_of[home->second.second].emplace(request, one);
    else
      recount_group({one}, {}, books);
  }
  for (const auto& [name, group] : groups) recount_group(group, told_of[name], books);
  for (const auto& [name, seen] : best)
    books.post_event(seen.session_id, agent_of(seen.agent),
                     {seen.kind, seen.source, 0, 0, seen.at_ms, seen.value, +1});
  return books;
}

}  // namespace shmeter::collector
