// SPDX-License-Identifier: MIT
// The sessions: a published record each, what stands behind it, and their order, newest first.
// Invariant: a value from a transcript line is decided by the line's own time (and by its bytes
// when two lines share it), so the order in which files are read does not matter; and record,
// counted, marks and models of a session are all that a store must keep of it.
#pragma once

#include <deque>
#include <vector>

#include "collector/model/session_models.hpp"
#include "collector/model/session_state.hpp"
#include "collector/source/observation.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

/// Marks of a session just met, or as stored, with sums and flags that begin at 0.
SessionMarks from_zero(SessionMarks marks = {});

struct SessionState {
  shm::Session record;  // as published; usage and what follows from it come by publish()
  shm::Usage counted = shm::no_usage();
  SessionMarks marks = from_zero();
  ModelTallies models;

  /// What was last said that it is doing; published only while the session is live, as nobody
  /// tells when a process was killed. Stored in place of record.status.
  i64 status = kUnknown;

  // From here on nothing is stored.
  shm::Usage period = shm::no_usage();  // counted in the running [usage] period
  int status_rank = 0;                  // who said the status, of several at one moment
  bool name_from_file = false;          // its own file named it, no status line did
  bool unconfirmed = false;             // that it lives is what a store remembers
  bool changed = false;                 // since the last time the order was made
  bool unsaved = false;                 // since the last time it was put into a batch
  bool watched = false;                 // may be live
};

/// shm::SessionStatus as it was said last, kUnknown = by nobody. A status line of a session that
/// had ended says that it goes on.
i64 said_status(const SessionState& state);
/// A process is known to run it, or it was observed within ten minutes and has not ended.
bool is_live(const SessionState& state, i64 now_s);

class Sessions {
 public:
  /// The session of that number, made on first use; numbers are handed out without gaps. Marks it
  /// changed.
  SessionState& change(shm::u32 number, std::string_view id);
  SessionState& at(shm::u32 number) { return states_[number]; }
  const SessionState& at(shm::u32 number) const { return states_[number]; }
  shm::u32 size() const { return static_cast<shm::u32>(states_.size()); }
  bool any_changed() const { return !changed_.empty(); }

  /// Everything counted so far is forgotten, to be booked anew.
  void clear_counted();

  /// Brings the records up to date. `complete` = the first scan is over: before that, what was
  /// counted of a session is unknown.
  void publish(bool complete);
  /// By updated_at_s, then by id. Valid until a session is changed.
  const std::vector<const shm::Session*>& newest_first() const { return order_; }

  /// How many are live, and of these how many wait for their user. `until_s` = when that becomes
  /// another number by itself; max = never. Publishes what each is doing.
  struct Live {
    i64 sessions = 0;
    i64 waiting = 0;
    i64 until_s = 0;
  };
  Live look_who_lives(i64 now_s);

  /// Calls take(number) for each that changed since the last time. Not to change any.
  template <class Take>
  void take_unsaved(Take&& take) {
    for (const shm::u32 number : unsaved_) {
      states_[number].unsaved = false;
      take(number);
    }
    unsaved_.clear();
  }
  /// As it is stored: what follows from sums and marks is filled in.
  SessionRow row(shm::u32 number) const;
  /// Takes a stored session over, in the order of their numbers.
  void restore(SessionRow row, std::string_view id);

 private:
  void mark(shm::u32 number);
  void reorder();
  void watch(SessionState& state);

  std::deque<SessionState> states_;  // addresses stay
  std::vector<SessionState*> changed_;
  std::vector<shm::u32> unsaved_;
  std::vector<SessionState*> watched_;  // the others are not live, and published so
  i64 looked_s_ = kUnknown;
  std::vector<const shm::Session*> order_;
  bool published_complete_ = false;
};

/// What an observation says goes into the state. True when that changed anything.
bool saw_at(SessionState& state, i64 at_ms);
bool take(SessionState& state, const SessionSeen& seen);
bool take(SessionState& state, const StatusLineSeen& seen);
bool take(SessionState& state, const AggregateSeen& seen);
bool take(SessionState& state, const HookSeen& seen);
bool take(SessionState& state, const LiveSeen& seen);
/// Only rate limits and what it said; whether that counts is not decided here. `at_ms` known.
bool take(SessionState& state, const ReportedSeen& seen);

/// What a session's SET_USAGE comes to, in the books.
shm::Usage reported_usage(const SessionMarks& marks);

/// Its process is gone, or it said goodbye.
bool take_end(SessionState& state, i64 at_ms);

}  // namespace shmeter::collector
