// SPDX-License-Identifier: MIT
// Decides which of all lines seen count, once each, and what they cost. Lines are grouped by
// message id; inside a group side-chain lines count only while there is no main-chain line, a line
// without request id competes for the group's first request, and of a request's lines the greatest
// by a total order is the one that is booked. Invariant: what stands in the books is a pure
// function of the set of lines seen; whatever a later line changes is taken back and booked anew in
// one step. Other events count once each, the greatest of each name. Telemetry knows requests by
// their ids alone: what it says of one is kept under that id, counts while no message holds the
// request, and competes for it with the winner of the one that does.
//
// With a journal memory holds only what is hot, that is young. What a line changes depends on the
// kept lines of its message alone, and lines of one response lie at most kStraddle_ms apart: so for
// a line that is hot all of them are in memory as long as nothing younger than hot_since -
// kStraddle_ms is dropped. For an older line some of them, or all, may be in the store only,
// whatever of its message is in memory: it waits until the store was asked. As the order of lines
// does not matter, nothing else waits for it.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "collector/ledger/event_log.hpp"
#include "collector/ledger/interner.hpp"
#include "collector/ledger/journal.hpp"
#include "collector/ledger/prices.hpp"
#include "collector/ledger/request_homes.hpp"
#include "collector/ledger/request_log.hpp"
#include "collector/ledger/waiting_room.hpp"
#include "collector/source/observation.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

/// A tool call, message, turn or failure entering the books (sign +1), or leaving them (-1).
struct EventBooking {
  EventKind kind = EventKind::message;
  Source source = Source::transcript;
  u32 session = 0;
  u32 agent = 0;
  i64 at_ms = 0;
  i64 value = 0;
  int sign = 1;
};

/// Where the ledger writes.
class Books {
 public:
  virtual ~Books() = default;
  virtual void book(const Booking& booking) = 0;
  virtual void book_event(const EventBooking& booking) { static_cast<void>(booking); }
  /// One more (+1) or one less (-1) response that the session has lines about while other sessions
  /// own it: a copy, after a fork. Of what has left the memory the ledger no longer knows whose
  /// copies it has told of: then it may tell of one again and never take one back, so that a sum of
  /// these which is 0 can be relied on, and one above 0 may be too great.
  virtual void owned_by_another(u32 session, int change) = 0;
};

/// Adds in a ring: no sum of hostile numbers is undefined, and what is taken back is exact.
void add(shm::Usage& to, const shm::Usage& amount) noexcept;

/// The name under which a line or an event is kept, and which no machine changes.
EventKey key_of(const RequestSeen& seen);
EventKey key_of(const EventSeen& seen);

class Ledger {
 public:
  /// `sessions` names the sessions of the lines; both must outlive the ledger.
  Ledger(Prices prices, const Interner& sessions, Books& books);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  enum class Outcome {
    unchanged,  // nothing new in it
    kept,       // new, and something else counts
    booked,     // the books have changed
    waits,      // decided by thaw(), when the store was asked; copied until then
    refused     // no time, or a number beyond what can be kept: the line is damaged; or telemetry
                // that is not hot
  };
  /// Takes in a line; `session` is the number of seen.session_id.
  Outcome apply(const RequestSeen& seen, u32 session);
  /// The same for anything else that counts once. Without an id, or EventKind::tokens: refused.
  Outcome apply(const EventSeen& seen, u32 session);

  /// The number of a model as somebody wrote it, given now (and said to the journal) if it has none
  /// yet; empty = there are too many.
  std::optional<u32> model_number(std::string_view as_written);
  /// Books what no line speaks of (SET_USAGE), or takes it back; `model` by model_number(). Nothing
  /// of it is kept here: rebook() leaves it out.
  void book_reported(const Booking& booking);

  /// Books everything in memory anew, requests at these prices and events; the caller has emptied
  /// the books before. Not with a journal: what is cold could not be booked. The store then
  /// reprices what it has, and it is restored.
  void rebook(Prices prices);

  // ---- memory that outlives the process ----

  /// Everything kept and booked is said to `journal` from now on; nullptr = to nobody. Before the
  /// first line, and after restore().
  void set_journal(Journal* journal) { journal_ = journal; }
  /// Says the names of all sessions that the journal has not heard yet: for rows of sessions that
  /// nothing was counted of. Needless before an event or a booking.
  void name_sessions();
  /// What a store had, before anything else: the texts of numbers 0, 1, 2, ... of models and
  /// agents, how many of the first sessions it knows by name, and what it keeps from
  /// hot_since - kStraddle_ms on. Nothing is booked.
  void restore(std::span<const std::string> models, std::span<const std::string> agents,
               u32 sessions, std::span<const StoredEvent> hot);
  /// How far apart lines of one response may lie.
  static constexpr i64 kStraddle_ms = 86'400'000;
  /// With a journal: what is older waits until the store was asked. It never goes back, also when
  /// the clock does: what was dropped stays dropped.
  void set_hot_since(i64 ms) { hot_since_ms_ = std::max(hot_since_ms_, ms); }
  /// Hot is from now on what is at least as young as `since_ms`; drops what is older than that by
  /// more than kStraddle_ms. Only while everything said to the journal is stored. Without a
  /// journal, and while something waits, nothing happens.
  void cool(i64 since_ms);
  /// EventKey::message of what waits; each is given out once.
  std::vector<u64> take_wanted() { return room_.take_wanted(); }
  /// `found` = all that the store keeps of the messages `wanted`. It was booked long ago; what
  /// waited for these is decided now.
  void thaw(std::span<const u64> wanted, std::span<const StoredEvent> found);
  /// Lines and events that wait. They are in no book and no journal yet: while there are any, the
  /// place they were read from may not be stored as read.
  std::size_t waiting() const { return room_.size(); }

  /// Normalised. Valid until the next apply().
  std::string_view model_name(u32 model) const { return models_.text(model); }
  u32 model_count() const { return models_.size(); }
  /// The number of an agent, given now if it has none yet; 0 = `main`, also for an empty name.
  u32 agent(std::string_view name) { return name.empty() ? 0 : agents_.intern(name); }
  std::string_view agent_name(u32 agent) const { return agents_.text(agent); }
  u32 agent_count() const { return agents_.size(); }

  /// Requests, with what is kept of other chains, and events in memory.
  std::size_t size() const { return log_.size(); }
  std::size_t event_count() const { return events_.size(); }
  /// Memory taken, for the record.
  std::size_t bytes() const;

 private:
  struct Kept {
    RequestLog::Slot slot;
    Line line;
  };
  /// `request`: the one it counts as, in the group of `message`; a line without request id stands
  /// for the first. `owner`: the session of the greatest that is no telemetry, if there is one.
  struct Winner {
    u64 request;
    u64 message;
    u32 owner;
    Line line;
    bool operator==(const Winner&) const = default;
  };
  bool model_of(std::string_view as_written, u32& model);
  bool agent_of(std::string_view name, u32& agent);
  bool better_agent(u32 a, u32 b) const;
  bool make_line(const RequestSeen& seen, u32 session, Line& out);
  bool make_event(const EventSeen& seen, u32 session, Event& out);
  std::optional<i64> list_cost(const Line& line) const;
  std::optional<i64> cost(const Line& line) const;
  bool greater(const Line& a, const Line& b) const;
  bool greater(const Event& a, const Event& b) const;
  bool add(const Line& line);
  void load_group(u64 message);
  void load_groups(const Line& line);
  void find_told();
  const Line* telemetry_of(u64 request) const;
  static std::span<const Winner> winners_by(u64 request, const std::vector<Winner>& winners);
  void winners_of(u64 message, std::vector<Winner>& out) const;
  void winners(std::vector<Winner>& out) const;
  Booking booking(const Line& line, int sign) const;
  void settle();
  void note_owner(u64 message, u32 session);
  void note_owners(const Line& line);
  void book(const Line& line, int sign);
  void book(const Event& event, int sign);
  Outcome take(const Line& line, const Details& details);
  Outcome take(const Event& event, const Details& details);

  bool is_cold(i64 at_ms) const { return at_ms < hot_since_ms_ && journal_ != nullptr; }
  bool must_wait(const Line& line) const;
  void wait(const Line& line, const Details& details);
  void adopt(const StoredEvent& stored);
  void adopt_line(const StoredEvent& stored);
  void find_homes();
  void adopt_event(const StoredEvent& stored);
  void say_names(NameTable table, const Interner& names, u32 up_to);
  void say(const StoredEvent& event);
  StoredEvent stored(const Line& line, bool counted) const;
  void say_groups(const Line& changed, const Details& details);
  void say_joined(const Line& changed);
  void say_event(const Event& event, const Details& details);

  Prices prices_;
  const Interner& sessions_;
  Books& books_;
  RequestLog log_;
  RequestHomes homes_;
  EventLog events_;
  Interner written_;  // model ids as written
  std::vector<u32> model_of_written_;
  Interner models_;  // normalised
  std::vector<ModelPrices> model_prices_;
  Interner agents_;
  std::unordered_set<u64> copies_;  // (message, session) where another session owns the response

  Journal* journal_ = nullptr;
  std::array<u32, 4> said_ = {};  // by NameTable: how many names the journal has heard
  i64 hot_since_ms_ = std::numeric_limits<i64>::min();
  WaitingRoom room_;
  std::unordered_set<u64> whole_;  // messages asked for since the last cool(): all is in memory
  std::vector<u64> joined_;        // of adopted telemetry that did not count: the requests

  // Scratch of one apply(), kept for its memory.
  std::vector<u64> groups_;                        // messages whose outcome may change
  std::vector<Kept> group_;                        // their lines, and telemetry of their requests
  std::vector<std::pair<u64, std::size_t>> told_;  // the latter, by request, in group_
  std::vector<Winner> before_;
  std::vector<Winner> after_;
};

}  // namespace shmeter::collector
