// SPDX-License-Identifier: MIT
// The tables, and how an older file becomes a current one. Invariant: a file is brought forward in
// one transaction or not at all; one made by a newer version, or by another program, is not
// touched.
#pragma once

#include <span>

#include "collector/store/sqlite.hpp"

namespace shmeter::collector {

/// PRAGMA application_id of our files: "shmt".
inline constexpr i64 kApplicationId = 0x73686d74;
/// PRAGMA user_version: raised with each step that an older program could not live with. Columns
/// that are made from field tables are added without a new number.
inline constexpr i64 kSchemaVersion = 4;

/// An event's id is its time and its place among those of that millisecond, so that the table
/// itself is in the order of time. 44 bits of time are what the ledger keeps, too.
inline constexpr int kPlaceBits = 19;
inline constexpr i64 kMaxEventTime_ms = (i64{1} << 44) - 2;  // one more ends at 2^63

/// One step forward. Runs in the transaction of them all.
struct MigrationStep {
  i64 to;  // the version it makes
  Result<void> (*go)(Connection&);
};
/// In order, each one more than the one before.
std::span<const MigrationStep> migration_steps();

/// Brings the file to the newest step's version and adds the columns that it lacks. Errors:
/// invalid: made by a newer version or by another program; what SQLite says otherwise.
Result<void> migrate(Connection& db, std::span<const MigrationStep> steps = migration_steps());

/// Before anything is done to a file. Errors: invalid, as migrate().
Result<void> check_not_newer(Connection& db);

/// For readers, who cannot bring a file forward. Errors: invalid.
Result<void> check_version(Connection& db);

}  // namespace shmeter::collector
