// SPDX-License-Identifier: MIT
#include "collector/report/agents.hpp"

#include <algorithm>
#include <tuple>

#include "collector/ledger/ledger.hpp"
#include "collector/report/export.hpp"

namespace shmeter::collector {

void AgentTally::add(const StoredEvent& event) {
  Agent& agent = agents_[event.agent];
  const auto tell = [&](Told& told) {
    const bool least = event.source == Source::derived || event.source == Source::telemetry;
    (least ? told.derived : event.source == Source::cli ? told.cli : told.lines) += event.value;
  };
  switch (event.kind) {
    case EventKind::tokens:
      return collector::add(agent.usage, usage_of(event));
    case EventKind::tool_call:
      agent.tool_calls += event.value;
      return;
    case EventKind::message:
      return tell(agent.messages);
    case EventKind::compute:
      return tell(agent.compute_ms);
    case EventKind::failure:
      return;
  }
}

std::vector<AgentSum> AgentTally::sums(const Catalogue& catalogue) const {
  std::vector<AgentSum> sums;
  for (const auto& [number, agent] : agents_)
    sums.push_back({std::string(catalogue.agent(number)), agent.usage, agent.messages.best(),
                    agent.tool_calls, agent.compute_ms.best()});
  std::sort(sums.begin(), sums.end(), [](const AgentSum& a, const AgentSum& b) {
    return std::tuple(a.agent != "main", std::string_view(a.agent)) <
           std::tuple(b.agent != "main", std::string_view(b.agent));
  });
  return sums;
}

}  // namespace shmeter::collector
