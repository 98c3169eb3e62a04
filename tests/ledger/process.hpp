// SPDX-License-Identifier: MIT
// A ledger that starts from a store and says everything to it.
#pragma once

#include <limits>

#include "tests/ledger/books.hpp"
#include "tests/ledger/memory_store.hpp"

namespace shmeter::collector {

inline constexpr i64 kAllHot_ms = std::numeric_limits<i64>::min();

/// A ledger with its journal, as long as the process lives.
struct Process {
  Interner sessions;
  Account books;
  Ledger ledger;
  Process(MemoryStore& store, Account carried, i64 hot_since_ms, const Prices& prices = Prices{})
      : books(std::move(carried)), ledger(prices, sessions, books) {
    books.ledger = &ledger;
    books.sessions = &sessions;
    for (const std::string& name : store.names(NameTable::session)) sessions.append(name);
    ledger.restore(store.names(NameTable::model), store.names(NameTable::agent), sessions.size(),
                   store.since(std::max(hot_since_ms, i64{0}) - Ledger::kStraddle_ms));
    ledger.set_journal(&store);
    ledger.set_hot_since(hot_since_ms);
  }
  Ledger::Outcome see(const RequestSeen& seen) {
    return ledger.apply(seen, sessions.intern(seen.session_id));
  }
  Ledger::Outcome see(const EventSeen& seen) {
    return ledger.apply(seen, sessions.intern(seen.session_id));
  }
  /// Asks, is answered at once.
  void ask(const MemoryStore& store) {
    const auto wanted = ledger.take_wanted();
    const auto found = store.look_up(wanted);
    std::vector<StoredEvent> views;
    for (const OwnedEvent& owned : found) views.push_back(owned.view());
    ledger.thaw(wanted, views);
  }
};

}  // namespace shmeter::collector
