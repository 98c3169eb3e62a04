// SPDX-License-Identifier: MIT
// How long turns took where the client does not write it: from a prompt to the last answer on the
// main chain. What it must remember lies in the file's cursor, so that a turn may go on in the next
// read, or after a restart. Invariant: a file whose client times its turns gives no derived times
// from then on, and each turn is told at most once a read, with the greatest value so far.
#pragma once

#include <cstdio>
#include <string>

#include "collector/source/observation.hpp"
#include "collector/source/transcript_file.hpp"
#include "collector/source/transcript_line.hpp"

namespace shmeter::collector {

class TurnClock {
 public:
  /// A line of the file, in order. Calls `take(const TranscriptLine&)` when the turn before it is
  /// known in full.
  template <class Take>
  void saw(const TranscriptLine& line, FileCursor& cursor, Take&& take) {
    if (line.turn_timed) {
      cursor.turns_timed = true;
      taken_ms_ = kUnknown;
    }
    if (!line.turn_prompt.empty()) begin(line, cursor, take);
    if (line.request && line.request->agent.empty()) answered(*line.request, cursor);
  }

  /// The read is over: tells what the running turn took so far.
  template <class Take>
  void tell(const FileCursor& cursor, Take&& take) {
    if (taken_ms_ == kUnknown) return;
    char id[20];
    const int size =
        std::snprintf(id, sizeof id, "%016llx", static_cast<unsigned long long>(cursor.turn));
    EventSeen event;
    event.kind = EventKind::compute;
    event.source = Source::derived;
    event.session_id = session_;
    event.id = {id, static_cast<std::size_t>(size)};
    event.at_ms = cursor.turn_began_ms;
    event.value = taken_ms_;
    line_.verdict = LineVerdict::seen;
    line_.events.assign(1, event);
    taken_ms_ = kUnknown;
    take(line_);
  }

 private:
  template <class Take>
  void begin(const TranscriptLine& line, FileCursor& cursor, Take&& take) {
    const shm::u64 turn = shm::hash_text(line.turn_prompt);
    if (turn == cursor.turn) return;  // more of the same prompt
    tell(cursor, take);
    cursor.turn = turn;
    cursor.turn_began_ms = line.turn_began_ms;
  }

  void answered(const RequestSeen& answer, const FileCursor& cursor) {
    if (cursor.turn == 0 || cursor.turns_timed || cursor.turn_began_ms < 0) return;
    const i64 taken_ms = answer.at_ms - cursor.turn_began_ms;
    if (taken_ms < 0 || taken_ms > kLongestTurn_ms || taken_ms <= taken_ms_) return;
    taken_ms_ = taken_ms;
    session_ = answer.session_id;
  }

  i64 taken_ms_ = kUnknown;  // by the running turn, of what was not told yet
  std::string session_;
  TranscriptLine line_;
};

}  // namespace shmeter::collector
