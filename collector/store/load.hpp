// SPDX-License-Identifier: MIT
// Everything that the model starts with. Invariant: all of it is of one commit, as the caller sees
// to it that nobody writes meanwhile.
#pragma once

#include "collector/store/database.hpp"
#include "collector/store/rows.hpp"

namespace shmeter::collector {

/// As Store::load. Events are read by a second thread, which takes as long as all the rest.
/// Errors: as SQLite says.
Result<StoredState> load_state(Connection& db, const Database& database, const Reach& reach);

/// The parts that reports need, too.
struct NameLists {
  std::vector<std::string> sessions, models, agents;
};
Result<NameLists> load_names(Connection& db);
Result<std::vector<AccountRow>> load_accounts(Connection& db);
/// In the order of their numbers; those without a row are left out.
Result<std::vector<SessionRow>> load_sessions(Connection& db);

}  // namespace shmeter::collector
