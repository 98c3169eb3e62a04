// SPDX-License-Identifier: MIT
// Five-hour blocks as logs show them: not the service's five-hour limit, and never called so. One
// walk over requests in the order of time serves the active block of the picture and the reports.
// Invariant: a block is a function of the times walked over, the mode, and nothing else.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "collector/config/config.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

inline constexpr i64 kBlock_ms = i64{5} * 3'600'000;

/// A block, or the gap before one.
struct BlockSpan {
  i64 begin_ms = 0;
  i64 end_ms = 0;    // of a block: begin + 5 h; on the grid 20:00 ends at 24:00
  i64 first_ms = 0;  // requests: first and last. Of a gap: begin and end
  i64 last_ms = 0;
  bool is_gap = false;
  shm::Usage usage = shm::no_usage();
  bool operator==(const BlockSpan&) const = default;
};

/// activity: a block begins at the full UTC hour of the first request more than five hours after
/// the begin of the block before, or more than five hours after the request before; one exactly at
/// the end still belongs to the old block. utc_grid: 00, 05, 10, 15, 20 h UTC, so that the last
/// block of a day has four hours; a request exactly at such an hour belongs to the block that
/// begins there.
class BlockWalk {
 public:
  explicit BlockWalk(BlockMode mode) : mode_(mode) {}
  /// Continues behind the first request of a block that an earlier walk found.
  BlockWalk(BlockMode mode, i64 begin_ms, i64 first_ms);

  /// The next request, not earlier than the one before. True: it begins a new block (then what the
  /// caller has summed belongs to the block before, and gap() may be of interest).
  bool step(i64 at_ms);

  bool empty() const { return !begun_; }
  /// The block of the last request, without usage. Not while empty().
  const BlockSpan& block() const { return block_; }
  /// The pause before that block: more than five hours without request on `activity`, grid blocks
  /// without request on `utc_grid`.
  const std::optional<BlockSpan>& gap() const { return gap_; }

 private:
  BlockMode mode_;
  bool begun_ = false;
  BlockSpan block_;
  std::optional<BlockSpan> gap_;
};

struct TimedUsage {
  i64 at_ms = 0;
  shm::Usage usage = shm::no_usage();
};
/// All blocks and the gaps between them, by time. `requests` by time.
std::vector<BlockSpan> split_blocks(BlockMode mode, std::span<const TimedUsage> requests);

/// The block still runs: its end, and five hours since its last request, are yet to come.
bool is_active(const BlockSpan& block, i64 now_ms);

/// From first to last request; unknown when these are one moment. Half up.
struct BurnRate {
  i64 tokens_per_min = kUnknown;    // all four kinds
  i64 nanousd_per_hour = kUnknown;  // also unknown when nothing in it has a known price
  bool operator==(const BurnRate&) const = default;
};
BurnRate burn_rate(const BlockSpan& block);

/// What the block comes to if it goes on at its burn rate for the whole minutes left; unknown as
/// the rate is. Only of an active block.
struct BlockProjection {
  i64 tokens = kUnknown;
  i64 cost_nanousd = kUnknown;
};
BlockProjection projection(const BlockSpan& block, i64 now_ms);

/// As it is published; all unknown when it is not active.
shm::Block published(const BlockSpan& block, i64 now_ms);

}  // namespace shmeter::collector
