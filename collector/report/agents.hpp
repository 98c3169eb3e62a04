// SPDX-License-Identifier: MIT
// Who in a session did what: its main agent and the sub-agents it started. Pure. Invariant: every
// request is in exactly one agent's sum, so that these add up to the session's.
#pragma once

#include <map>
#include <vector>

#include "collector/report/catalogue.hpp"

namespace shmeter::collector {

/// The counted events of one session, in any order.
class AgentTally {
 public:
  void add(const StoredEvent& event);
  /// `main` first, then by name.
  std::vector<AgentSum> sums(const Catalogue& catalogue) const;

 private:
  /// What several sources tell of is taken from the first that tells anything, as for the session:
  /// transcripts and posted events, CLI results, what follows from requests.
  struct Told {
    i64 lines = 0;
    i64 cli = 0;
    i64 derived = 0;
    i64 best() const { return lines != 0 ? lines : cli != 0 ? cli : derived; }
  };
  struct Agent {
    shm::Usage usage = shm::no_usage();
    Told messages;
    Told compute_ms;
    i64 tool_calls = 0;
  };
  std::map<u32, Agent> agents_;
};

}  // namespace shmeter::collector
