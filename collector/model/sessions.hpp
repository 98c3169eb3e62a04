// SPDX-License-Identifier: MIT
// The sessions: a published record each, what stands behind it, and their order, newest first.
// Invariant: a value from a transcript line is decided by the line's own time (and by its bytes
// when two lines share it), so the order in which files are read does not matter.
#pragma once

#include <deque>
#include <vector>

#include "collector/source/observation.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

struct SessionState {
  shm::Session record;  // as published; usage and uncounted cost follow by publish()
  shm::Usage counted = shm::no_usage();
  bool has_requests = false;   // a request of it was seen, counted or not
  i64 owned_by_others = 0;     // responses it has lines about that another session owns
  bool account_said = false;   // the account is known from a status line, not by its folder
  bool changed = false;        // since the last time the order was made
  i64 response_ms = kUnknown;  // its newest response
  i64 status_ms = kUnknown;    // its newest status line
  i64 status_cost_nanousd = kUnknown;
  i64 status_api_ms = kUnknown;
  i64 client_cost_nanousd = kUnknown;  // of its greatest cost-state
  i64 client_tokens = kUnknown;
  // When the newest line said it.
  i64 cwd_ms = kUnknown;
  i64 branch_ms = kUnknown;
  i64 version_ms = kUnknown;
  i64 model_ms = kUnknown;
  i64 context_ms = kUnknown;
};

class Sessions {
 public:
  /// The session of that number, made on first use; numbers are handed out without gaps. Marks it
  /// changed.
  SessionState& change(shm::u32 number, std::string_view id);
  SessionState& at(shm::u32 number) { return states_[number]; }
  shm::u32 size() const { return static_cast<shm::u32>(states_.size()); }
  bool any_changed() const { return !changed_.empty(); }

  /// Everything counted so far is forgotten, to be booked anew.
  void clear_counted();

  /// Brings the records up to date. `complete` = the first scan is over: before that, what was
  /// counted of a session is unknown.
  void publish(bool complete);
  /// By updated_at_s, then by id. Valid until a session is changed.
  const std::vector<const shm::Session*>& newest_first() const { return order_; }

 private:
  void mark(SessionState& state);
  void reorder();

  std::deque<SessionState> states_;  // addresses stay
  std::vector<SessionState*> changed_;
  std::vector<const shm::Session*> order_;
  bool published_complete_ = false;
};

/// What an observation says goes into the state. True when that changed anything.
bool saw_at(SessionState& state, i64 at_ms);
bool take(SessionState& state, const SessionSeen& seen);
bool take(SessionState& state, const StatusLineSeen& seen);
bool take(SessionState& state, const CostStateSeen& seen);

}  // namespace shmeter::collector
