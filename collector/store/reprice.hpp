// SPDX-License-Identifier: MIT
// Other prices for all that is stored. Invariant: afterwards every sum is again the sum of the
// events that are still there, plus what retention has left of others at the price they had.
#pragma once

#include <functional>

#include "collector/ledger/journal.hpp"
#include "collector/store/batch_writer.hpp"

namespace shmeter::collector {

/// Inside the caller's transaction; `writer` is of the same connection. `cost` answers with
/// nano-dollars, kUnknown = no price; it is asked about each request whose cost nobody said.
Result<void> reprice_events(Connection& db, BatchWriter& writer, const std::string& price_list,
                            const std::function<i64(std::string_view, const StoredEvent&)>& cost);

}  // namespace shmeter::collector
