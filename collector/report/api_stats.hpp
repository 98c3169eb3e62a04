// SPDX-License-Identifier: MIT
// Sums by agent, session and model. Pure. Invariant: messages, tool calls and times by session add
// up to those by agent, as both are taken from the same source.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "collector/report/catalogue.hpp"

namespace shmeter::collector {

struct ApiWork {
  shm::Usage usage = shm::no_usage();
  i64 messages = 0;
  i64 tool_calls = 0;
  i64 compute_ms = 0;
};

class StatsTally {
 public:
  /// What was booked: by session and model.
  void book(u32 session, u32 model, const shm::Usage& amount);
  /// An event, in any order: its agent's usage and everything that is no request.
  void add(const StoredEvent& event);

  std::string json(const Catalogue& catalogue) const;

 private:
  /// What several sources tell of is taken from the first that tells anything of the session:
  /// transcripts and posted events, CLI results, what follows from requests.
  static constexpr std::size_t kRanks = 3;
  using Told = std::array<i64, kRanks>;
  struct Part {  // of one agent in one session
    shm::Usage usage = shm::no_usage();
    Told messages{};
    Told compute_ms{};
    i64 tool_calls = 0;
  };
  using Parts = std::map<u32, Part>;  // by agent
  static std::size_t rank(const Parts& parts, Told Part::*told);

  std::map<u32, Parts> sessions_;
  std::map<u32, shm::Usage> session_usage_;
  std::map<u32, shm::Usage> models_;
};

}  // namespace shmeter::collector
