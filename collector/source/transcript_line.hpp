// SPDX-License-Identifier: MIT
// One line of a transcript to observations. Invariant: nothing of a line is believed before the
// whole line was walked to its end; a line that is not one JSON object, or that counts tokens in
// anything but whole numbers, is damaged and gives no observation at all, never a guessed 0.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "collector/source/observation.hpp"
#include "collector/source/transcript_agent.hpp"

namespace shmeter::collector {

/// Bytes after the end of a line that must be readable (they are looked at, not believed).
inline constexpr std::size_t kLinePadding = 64;

/// No turn takes longer; what a line says beyond is not believed.
inline constexpr i64 kLongestTurn_ms = i64{31} * 24 * 3600 * 1000;

enum class LineVerdict {
  nothing,  // whole, but not about usage
  seen,     // at least one observation
  damaged,  // not what a line must be
};

/// What one line says. Texts and spans live until the parser's next line and as long as the line's
/// bytes.
struct TranscriptLine {
  LineVerdict verdict = LineVerdict::nothing;
  std::optional<RequestSeen> request;
  std::optional<SessionSeen> session;
  std::optional<AggregateSeen> aggregate;
  std::optional<LimitHitSeen> limit_hit;
  std::vector<EventSeen> events;

  /// For who times the main chain's turns (TurnClock): id and time of what begins one, and whether
  /// the client says here how long one took.
  std::string_view turn_prompt;
  i64 turn_began_ms = kUnknown;
  bool turn_timed = false;

  bool says_nothing() const {
    return !request && !session && !aggregate && !limit_hit && events.empty();
  }
  /// Calls `take(const Observation&)` for each.
  template <class Take>
  void for_each(Take&& take) const {
    if (request) take(Observation(*request));
    if (session) take(Observation(*session));
    if (aggregate) take(Observation(*aggregate));
    if (limit_hit) take(Observation(*limit_hit));
    for (const EventSeen& event : events) take(Observation(event));
  }
};

/// Parses lines one after another in memory it keeps. Not for two threads at once.
class TranscriptLineParser {
 public:
  TranscriptLineParser();
  ~TranscriptLineParser();
  TranscriptLineParser(TranscriptLineParser&&) noexcept;
  TranscriptLineParser& operator=(TranscriptLineParser&&) noexcept;

  /// `line` without its newline, followed by kLinePadding readable bytes. `file_session` names the
  /// session of a line that does not name one itself, `file_agent` the agent of a side chain.
  /// `together`: as for TakeLine, all of whose lines are then parsed in turn; empty = the line
  /// alone.
  const TranscriptLine& parse(std::string_view line, std::string_view file_session,
                              AgentOfFile* file_agent = nullptr, std::string_view together = {});

  /// Gives memory back that only lines over `keep_bytes` need. Ends the life of the last line.
  void shrink(std::size_t keep_bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace shmeter::collector
