// SPDX-License-Identifier: MIT
// Sums of roll-ups and requests by what a report lists: days, weeks, months, sessions, blocks.
// Pure: what comes in is values, and the time zone. Invariant: every amount taken in is in exactly
// one row, unless it lies outside the days or sessions asked for.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "collector/model/blocks.hpp"
#include "collector/model/calendar.hpp"
#include "collector/report/catalogue.hpp"

namespace shmeter::collector {

/// [from, until) in epoch seconds; kUnknown = no bound.
struct Range {
  i64 from_s = kUnknown;
  i64 until_s = kUnknown;
  bool contains(i64 at_s) const {
    return (!shm::known(from_s) || from_s <= at_s) && (!shm::known(until_s) || at_s < until_s);
  }
};
/// The days a question is about.
Range range_of(const Question& question, const Calendar& calendar);

/// Every verb but blocks and export, from roll-ups in any order.
class Tally {
 public:
  /// All must outlive it. `chosen` as Catalogue::choose gives it.
  Tally(const Question& question, const Calendar& calendar, const Catalogue& catalogue,
        const std::vector<bool>& chosen);

  void add(const RollupKey& key, const shm::Usage& amount);
  Report report() const;

 private:
  i64 row_of(const RollupKey& key);
  i64 period_of(i64 at_s);
  Sums sums(const std::map<u32, shm::Usage>& models) const;

  const Question& question_;
  const Calendar& calendar_;
  const Catalogue& catalogue_;
  const std::vector<bool>& chosen_;
  Range range_;
  Period period_;  // the last one asked for: roll-ups come by time
  i64 first_day_ = 0;
  std::map<i64, std::map<u32, shm::Usage>> rows_;  // by first day or session, then by model
  std::map<i64, i64> last_used_s_;                 // by session
};

/// Blocks, from requests by time. All requests of the chosen sessions must come, also those before
/// the days asked for: they decide where blocks begin.
class BlockTally {
 public:
  BlockTally(const Question& question, BlockMode mode, const Calendar& calendar,
             const Catalogue& catalogue);

  void add(i64 at_ms, u32 model, const shm::Usage& amount);
  /// Ends the walk: once, and last.
  Report report(i64 now_ms);

 private:
  struct Kept {
    BlockSpan span;
    std::map<u32, shm::Usage> models;
  };
  void finish(BlockSpan block);
  bool asked_for(const BlockFacts& block, i64 now_ms) const;

  const Question& question_;
  const Catalogue& catalogue_;
  Range range_;
  BlockWalk walk_;
  std::map<u32, shm::Usage> models_;  // of the block that is being walked
  std::vector<Kept> blocks_;
};

}  // namespace shmeter::collector
