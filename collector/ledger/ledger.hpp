// SPDX-License-Identifier: MIT
// Decides which of all lines seen count, once each, and what they cost. Lines are grouped by
// message id; inside a group side-chain lines count only while there is no main-chain line, a line
// without request id competes for the group's first request, and of a request's lines the greatest
// by a total order is the one that is booked. Invariant: what stands in the books is a pure
// function of the set of lines seen; whatever a later line changes is taken back and booked anew in
// one step.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "collector/ledger/interner.hpp"
#include "collector/ledger/journal.hpp"
#include "collector/ledger/prices.hpp"
#include "collector/ledger/request_log.hpp"
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
  /// own it: a copy, after a fork.
  virtual void owned_by_another(u32 session, int change) = 0;
};

/// Adds in a ring: no sum of hostile numbers is undefined, and what is taken back is exact.
void add(shm::Usage& to, const shm::Usage& amount) noexcept;

class Ledger {
 public:
  /// `sessions` names the sessions of the lines; both must outlive the ledger.
  Ledger(Prices prices, const Interner& sessions, Books& books);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  enum class Outcome {
    unchanged,  // nothing new in it
    booked,     // the books have changed
    waits,      // older than hot_since: decided by thaw(), when the store was asked
    refused     // no time, or a number beyond what can be kept: the line is damaged
  };
  /// Takes in a line; `session` is the number of seen.session_id.
  Outcome apply(const RequestSeen& seen, u32 session);
  /// The same for anything else that counts once. EventKind::tokens is refused.
  Outcome apply(const EventSeen& seen, u32 session);

  /// Books everything anew at other prices; the caller has emptied the books before. Only while
  /// there is no journal: what is cold could not be booked.
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
  /// Lines of one response lie at most this far apart.
  static constexpr i64 kStraddle_ms = 86'400'000;
  /// With a journal: what is older may be in the store only, and waits until it was asked.
  void set_hot_since(i64 ms) { hot_since_ms_ = ms; }
  /// Hot is from now on what is at least as young as `since_ms`; drops what is older than that by
  /// more than kStraddle_ms. Only while everything said to the journal is stored. Without a journal
  /// nothing is dropped.
  void cool(i64 since_ms);
  /// EventKey::message of what waits; each is given out once.
  std::vector<u64> take_wanted();
  /// `found` = all that the store keeps of the messages `wanted`. It was booked long ago; what
  /// waited for these is decided now.
  void thaw(std::span<const u64> wanted, std::span<const StoredEvent> found);
  /// Lines and events that wait.
  std::size_t waiting() const;

  /// Normalised. Valid until the next apply().
  std::string_view model_name(u32 model) const { return models_.text(model); }
  u32 model_count() const { return models_.size(); }
  /// The number of an agent, given now if it has none yet; 0 = `main`, also for an empty name.
  u32 agent(std::string_view name);
  std::string_view agent_name(u32 agent) const { return agents_.text(agent); }
  u32 agent_count() const { return agents_.size(); }
  /// Requests and duplicates of other chains that are kept, and the memory that they, the events
  /// and what waits take.
  std::size_t size() const { return log_.size(); }
  std::size_t bytes() const;

 private:
  struct Kept {
    RequestLog::Slot slot;
    Line line;
  };
  bool model_of(std::string_view as_written, u32& model);
  bool make_line(const RequestSeen& seen, u32 session, Line& out);
  std::optional<i64> cost(const Line& line) const;
  bool greater(const Line& a, const Line& b) const;
  void load_group(u64 message);
  void winners(std::vector<Line>& out) const;
  void settle();
  void note_owner(u64 message, u32 session);
  void book(const Line& line, int sign);

  Prices prices_;
  const Interner& sessions_;
  Books& books_;
  RequestLog log_;
  Interner written_;  // model ids as written
  std::vector<u32> model_of_written_;
  Interner models_;  // normalised
  Interner agents_;
  Journal* journal_ = nullptr;
  i64 hot_since_ms_ = std::numeric_limits<i64>::min();
  std::vector<ModelPrices> model_prices_;
  std::unordered_set<u64> copies_;  // (message, session) where another session owns the response
  // Scratch of one apply(), kept for its memory.
  std::vector<Kept> group_;
  std::vector<Line> before_;
  std::vector<Line> after_;
};

}  // namespace shmeter::collector
