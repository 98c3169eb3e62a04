// SPDX-License-Identifier: MIT
// One line of a transcript to observations. Invariant: nothing of a line is believed before the
// whole line was walked to its end; a line that is not one JSON object, or that counts tokens in
// anything but whole numbers, is damaged and gives no observation at all, never a guessed 0.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// Bytes after the end of a line that must be readable (they are looked at, not believed).
inline constexpr std::size_t kLinePadding = 64;

enum class LineVerdict {
  nothing,  // whole, but not about usage
  seen,     // at least one observation
  damaged,  // not what a line must be
};

/// What one line says. Texts live until the parser's next line and as long as the line's bytes.
struct TranscriptLine {
  LineVerdict verdict = LineVerdict::nothing;
  std::optional<RequestSeen> request;
  std::optional<SessionSeen> session;
  std::optional<CostStateSeen> cost_state;
  std::optional<LimitHitSeen> limit_hit;
};

/// Parses lines one after another in memory it keeps. Not for two threads at once.
class TranscriptLineParser {
 public:
  TranscriptLineParser();
  ~TranscriptLineParser();
  TranscriptLineParser(TranscriptLineParser&&) noexcept;
  TranscriptLineParser& operator=(TranscriptLineParser&&) noexcept;

  /// `line` without its newline, followed by kLinePadding readable bytes. `file_session` names the
  /// session of a line that does not name one itself.
  const TranscriptLine& parse(std::string_view line, std::string_view file_session);

  /// Gives memory back that only lines over `keep_bytes` need. Ends the life of the last line.
  void shrink(std::size_t keep_bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace shmeter::collector
