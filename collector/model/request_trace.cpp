// SPDX-License-Identifier: MIT
#include "collector/model/request_trace.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "collector/model/blocks.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kHour_ms = 3'600'000;
constexpr std::size_t kLoose = 4096;  // put in order when so many more have come

using Moment = RequestTrace::Moment;

/// Marks the first moment of each session and hour, in the order of the iterators.
template <class Iterator, class Mark>
void mark_first(Iterator begin, Iterator end, Mark&& mark) {
  std::unordered_map<u32, i64> hours;
  for (auto at = begin; at != end; ++at) {
    if (at->count <= 0) continue;
    const i64 hour = at->at_ms / kHour_ms;
    const auto [known, is_new] = hours.try_emplace(at->session, hour);
    if (is_new || known->second != hour) mark(*at);
    known->second = hour;
  }
}

}  // namespace

void RequestTrace::note(i64 at_ms, u32 session, int count) {
  moments_.push_back({at_ms, session, count});
  if (moments_.size() >= 2 * tidy_ + kLoose) tidy();
}

void RequestTrace::tidy() {
  std::sort(moments_.begin(), moments_.end(), [](const Moment& a, const Moment& b) {
    return std::tie(a.at_ms, a.session) < std::tie(b.at_ms, b.session);
  });
  std::size_t kept = 0;
  for (const Moment& moment : moments_) {
    const bool again = kept > 0 && moments_[kept - 1].at_ms == moment.at_ms &&
                       moments_[kept - 1].session == moment.session;
    if (again)
      moments_[kept - 1].count += moment.count;
    else
      moments_[kept++] = moment;
  }
  moments_.resize(kept);
  std::vector<bool> wanted(kept);
  const auto want = [&](const Moment& moment) {
    wanted[static_cast<std::size_t>(&moment - moments_.data())] = true;
  };
  mark_first(moments_.begin(), moments_.end(), want);
  mark_first(moments_.rbegin(), moments_.rend(), want);
  const Moment* first = moments_.data();
  std::erase_if(moments_, [&](const Moment& moment) {
    return moment.count >= 0 && !wanted[static_cast<std::size_t>(&moment - first)];
  });
  tidy_ = moments_.size();
}

void RequestTrace::cut(i64 next_ms) {
  tidy();
  const i64 oldest_ms = next_ms - kReach_ms;
  auto from = moments_.end();
  while (from != moments_.begin()) {
    const Moment& before = *std::prev(from);
    if (before.at_ms < oldest_ms || (before.count > 0 && next_ms - before.at_ms > kBlock_ms)) break;
    if (before.count > 0) next_ms = before.at_ms;
    --from;
  }
  moments_.erase(moments_.begin(), from);
  tidy_ = moments_.size();
}

}  // namespace shmeter::collector
