// SPDX-License-Identifier: MIT
// The rules are those of the reports that people compare with: a block is five hours from a full
// hour, both of its limits are strict, and rates are taken from first to last request.
#include "collector/model/blocks.hpp"

#include <algorithm>
#include <limits>

#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kHour_ms = 3'600'000;
constexpr i64 kDay_ms = 24 * kHour_ms;
constexpr i64 kMinute_ms = 60'000;

i64 floor_to(i64 at_ms, i64 unit_ms) {
  return at_ms / unit_ms * unit_ms - (at_ms % unit_ms < 0 ? unit_ms : 0);
}

/// The block of the fixed grid that a moment lies in; days have no leap seconds here.
BlockSpan grid_block(i64 at_ms) {
  const i64 day_ms = floor_to(at_ms, kDay_ms);
  BlockSpan block;
  block.begin_ms = day_ms + floor_to(at_ms - day_ms, kBlock_ms);
  block.end_ms = std::min(block.begin_ms + kBlock_ms, day_ms + kDay_ms);
  return block;
}

BlockSpan activity_block(i64 at_ms) {
  const i64 begin_ms = floor_to(at_ms, kHour_ms);
  return {begin_ms, begin_ms + kBlock_ms};
}

BlockSpan gap_between(i64 begin_ms, i64 end_ms) {
  return {begin_ms, end_ms, begin_ms, end_ms, true};
}

__extension__ using Wide = __int128;

i64 narrow(Wide number) {
  constexpr Wide kMost = std::numeric_limits<i64>::max();
  return static_cast<i64>(std::clamp(number, -kMost, kMost));
}

/// amount * times / parts, half up in its size; `parts` > 0.
i64 share_of(i64 amount, i64 times, i64 parts) {
  const Wide product = Wide{amount} * times;
  const Wide half = product < 0 ? -Wide{parts / 2} : Wide{parts / 2};
  return narrow((product + half) / parts);
}

/// Nothing in it has a known price.
bool is_unpriced(const shm::Usage& usage) {
  return usage.unpriced_tokens > 0 && usage.unpriced_tokens >= shm::total_tokens(usage);
}

}  // namespace

BlockWalk::BlockWalk(BlockMode mode, i64 begin_ms, i64 first_ms) : mode_(mode), begun_(true) {
  block_ = mode == BlockMode::utc_grid ? grid_block(first_ms)
                                       : BlockSpan{begin_ms, begin_ms + kBlock_ms};
  block_.first_ms = block_.last_ms = first_ms;
}

bool BlockWalk::step(i64 at_ms) {
  const bool grid = mode_ == BlockMode::utc_grid;
  const bool paused = begun_ && at_ms - block_.last_ms > kBlock_ms;
  const bool past_end = grid ? at_ms >= block_.end_ms : at_ms > block_.end_ms;
  if (begun_ && !past_end && !paused) {
    block_.last_ms = std::max(block_.last_ms, at_ms);
    return false;
  }
  const BlockSpan before = block_;
  block_ = grid ? grid_block(at_ms) : activity_block(at_ms);
  block_.first_ms = block_.last_ms = at_ms;
  gap_.reset();
  if (!begun_) {
    begun_ = true;
  } else if (grid && before.end_ms < block_.begin_ms) {
    gap_ = gap_between(before.end_ms, block_.begin_ms);
  } else if (!grid && paused) {
    gap_ = gap_between(before.last_ms + kBlock_ms, at_ms);
  }
  return true;
}

std::vector<BlockSpan> split_blocks(BlockMode mode, std::span<const TimedUsage> requests) {
  std::vector<BlockSpan> out;
  BlockWalk walk(mode);
  for (const TimedUsage& request : requests) {
    if (walk.step(request.at_ms)) {
      if (walk.gap()) out.push_back(*walk.gap());
      out.push_back(walk.block());
    }
    out.back().last_ms = request.at_ms;
    add(out.back().usage, request.usage);
  }
  return out;
}

bool is_active(const BlockSpan& block, i64 now_ms) {
  return !block.is_gap && now_ms < block.end_ms && now_ms - block.last_ms < kBlock_ms;
}

BurnRate burn_rate(const BlockSpan& block) {
  const i64 span_ms = block.last_ms - block.first_ms;
  BurnRate rate;
  if (block.is_gap || span_ms <= 0) return rate;
  rate.tokens_per_min = share_of(shm::total_tokens(block.usage), kMinute_ms, span_ms);
  if (!is_unpriced(block.usage))
    rate.nanousd_per_hour = share_of(block.usage.cost_nanousd, kHour_ms, span_ms);
  return rate;
}

BlockProjection projection(const BlockSpan& block, i64 now_ms) {
  const i64 span_ms = block.last_ms - block.first_ms;
  BlockProjection out;
  if (!is_active(block, now_ms) || span_ms <= 0) return out;
  const i64 left_ms = (block.end_ms - now_ms) / kMinute_ms * kMinute_ms;
  const auto at_end = [&](i64 amount) {
    return narrow(Wide{amount} + share_of(amount, left_ms, span_ms));
  };
  out.tokens = at_end(shm::total_tokens(block.usage));
  if (!is_unpriced(block.usage)) out.cost_nanousd = at_end(block.usage.cost_nanousd);
  return out;
}

shm::Block published(const BlockSpan& block, i64 now_ms) {
  shm::Block out;
  if (!is_active(block, now_ms)) return out;
  const BurnRate rate = burn_rate(block);
  out.started_at_s = block.begin_ms / 1000;
  out.ends_at_s = block.end_ms / 1000;
  out.first_request_at_s = block.first_ms / 1000;
  out.burn_rate_tokens_per_min = rate.tokens_per_min;
  out.burn_rate_nanousd_per_hour = rate.nanousd_per_hour;
  out.projected_cost_nanousd = projection(block, now_ms).cost_nanousd;
  out.usage = block.usage;
  return out;
}

}  // namespace shmeter::collector
