// SPDX-License-Identifier: MIT
#include "collector/top/burn.hpp"

#include <algorithm>

#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

using shm::known;
using shm::kUnknown;

constexpr std::size_t kMostIntervals = 360;  // an hour, wider than any screen that we draw
constexpr i64 kMinute_s = 60;

}  // namespace

void Burn::take(i64 now_s, i64 all_tokens) {
  const i64 interval = formats::floor_div(now_s, kBurnInterval_s);
  if (!known(running_) || interval < running_ ||
      interval - running_ > static_cast<i64>(kMostIntervals)) {
    intervals_.clear();  // the clock was set, or we slept for long
    counted_ = kUnknown;
    running_ = interval - 1;
  }
  if (interval - running_ > 1) counted_ = kUnknown;
  for (; running_ < interval; ++running_) intervals_.push_back(kUnknown);
  while (intervals_.size() > kMostIntervals) intervals_.pop_front();

  i64& running = intervals_.back();
  if (known(all_tokens) && !known(running)) running = 0;
  // Less than before: it was counted anew.
  const i64 grown = formats::difference(all_tokens, counted_);
  const i64 more = formats::sum(running, grown);
  if (known(more) && grown > 0) running = more;
  counted_ = all_tokens;
}

std::vector<i64> Burn::recent(std::size_t n) const {
  const std::size_t shown = std::min(n, intervals_.size());
  return {intervals_.end() - static_cast<std::ptrdiff_t>(shown), intervals_.end()};
}

i64 Burn::tokens_last_minute() const {
  i64 all = kUnknown;
  for (const i64 tokens : recent(kMinute_s / kBurnInterval_s))
    if (known(tokens)) all = known(all) ? formats::sum(all, tokens) : tokens;
  return all;
}

std::string sparkline(const std::vector<i64>& values) {
  const i64 most = values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  std::string out;
  for (const i64 value : values) {
    if (!known(value)) {
      out += ' ';
      continue;
    }
    formats::Word glyph;
    formats::write_spark(glyph, formats::spark_level(value, most), false);
    out += glyph.view();
  }
  return out;
}

}  // namespace shmeter::collector
