// SPDX-License-Identifier: MIT
// What must outlive the process, as the ledger says it: each event as it stands from now on, and
// every booking. Invariant: whoever keeps the newest StoredEvent of every (key, side_chain) and the
// sum of all bookings can build the ledger and its books anew.
#pragma once

#include <string_view>

#include "collector/ledger/event_key.hpp"
#include "collector/ledger/interner.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// No such thing: an event without model.
inline constexpr u32 kNone = 0xffffffffu;

/// One event as it is stored. `session`, `model` and `agent` are numbers that the ledger gave and
/// that stay the same over restarts; agent 0 is `main`. Texts live during the call, or as long as
/// what holds the event.
struct StoredEvent {
  EventKey key;             // unique together with side_chain
  bool side_chain = false;  // tokens only: a side chain's line is kept beside the main chain's
  bool counted = true;      // false: kept, for the decision, but another line counts
  EventKind kind = EventKind::tokens;
  Source source = Source::transcript;
  u32 session = 0;
  u32 model = kNone;
  u32 agent = 0;
  i64 at_ms = 0;
  i64 value = 0;  // tokens: input + output
  Tokens tokens = {};
  bool fast = false;
  bool has_speed = false;
  bool us_inference = false;
  bool batch = false;
  i64 cost_nanousd = kUnknown;  // as booked; kUnknown = no price known
  bool cost_given = false;      // somebody said it: no price list changes it
  std::string_view request_id;  // as text; empty = none
  std::string_view name;        // tool, kind of failure
  CallDetails call;
  /// True: nothing but `counted` differs from what was kept last under this key and side_chain.
  /// request_id, name and call are then empty because the ledger no longer has them: what keeps
  /// events changes `counted` there and leaves all other columns alone. Never so in what a store
  /// gives back.
  bool only_counted = false;
};

/// One request entering the books, or leaving them: then every number of `amount` is negative.
struct Booking {
  u32 session = 0;  // who owns it
  u32 model = 0;    // Ledger::model_name tells which
  i64 at_ms = 0;    // its date
  shm::Usage amount = shm::no_usage();
};

/// Which names a number belongs to.
enum class NameTable : std::uint8_t { session = 1, model = 2, agent = 3 };

/// What telemetry told of a request, and the event that counts as that request.
struct Joined {
  EventKey telemetry;
  EventKey request;
  bool side_chain = false;
  bool operator==(const Joined&) const = default;
};

class Journal {
 public:
  virtual ~Journal() = default;
  /// Before the first use of a number. Numbers of a table come in order from 0.
  virtual void name(NameTable table, u32 number, std::string_view text) = 0;
  /// New, or in place of the one with the same key and side_chain (see only_counted).
  virtual void keep(const StoredEvent& event) = 0;
  virtual void book(const Booking& booking) = 0;
  /// Both were kept, in whatever order: the request's `call` is from now on that of the telemetry.
  virtual void join(const Joined& joined) = 0;
};

}  // namespace shmeter::collector
