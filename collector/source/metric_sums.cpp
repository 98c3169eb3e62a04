// SPDX-License-Identifier: MIT
#include "collector/source/metric_sums.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

/// Whole numbers beyond this are nobody's usage.
constexpr i64 kMostSum = i64{1} << 53;
/// Of one session; tokens of more models are in the sums alone.
constexpr std::size_t kMaxModels = 64;

bool is_tokens(Quantity quantity) {
  return quantity >= Quantity::input_tokens && quantity <= Quantity::cache_creation_tokens;
}

/// Two processes may speak of one session at once; only a cumulative sum says which is which.
u64 stream_key(const MetricPoint& point) {
  const u64 kind = static_cast<u64>(point.quantity) * 2 + (point.cumulative ? 1 : 0);
  const u64 start = point.cumulative ? static_cast<u64>(point.start_ns) : 0;
  return (point.stream ^ (start * 0x9e3779b97f4a7c15u)) * 64 + kind;
}

}  // namespace

MetricSums::Session& MetricSums::newest(std::string_view session_id) {
  const auto known = by_id_.find(session_id);
  if (known != by_id_.end()) {
    sessions_.splice(sessions_.begin(), sessions_, known->second);
    return sessions_.front();
  }
  sessions_.emplace_front();
  sessions_.front().sums.session_id = session_id;
  by_id_.emplace(session_id, sessions_.begin());
  return sessions_.front();
}

/// For one stream more of the newest session.
bool MetricSums::make_room() {
  while (streams_ >= most_streams_ && sessions_.size() > 1) {
    streams_ -= sessions_.back().streams.size();
    by_id_.erase(sessions_.back().sums.session_id);
    sessions_.pop_back();
  }
  return streams_ < most_streams_;
}

void MetricSums::grow(Session& session, const MetricPoint& point, i64 came) {
  SessionSums& sums = session.sums;
  i64& sum = sums.all[static_cast<std::size_t>(point.quantity)];
  sum = std::max(sum, i64{0}) + came;
  sums.at_ms = std::max(sums.at_ms, point.time_ns / 1'000'000);
  session.grown = true;
  if (!is_tokens(point.quantity) || point.model.empty()) return;
  const auto model = sums.tokens_by_model.find(point.model);
  if (model != sums.tokens_by_model.end())
    model->second += came;
  else if (sums.tokens_by_model.size() < kMaxModels)
    sums.tokens_by_model.emplace(point.model, came);
}

MetricSums::Taken MetricSums::add(const MetricPoint& point) {
  const u64 key = stream_key(point);
  Stream before;
  i64 sum = 0;
  bool known = false;
  if (const auto session = by_id_.find(point.session_id); session != by_id_.end()) {
    const auto stream = session->second->streams.find(key);
    known = stream != session->second->streams.end();
    if (known) before = stream->second;
    sum = std::max(session->second->sums.of(point.quantity), sum);
  }
  if (known && point.time_ns <= before.time_ns) return Taken::repeated;
  if (point.value < before.value) return Taken::fell;
  const i64 came = point.value - before.value;
  if (came > kMostSum - sum) return Taken::too_much;

  Session& session = newest(point.session_id);
  if (!known && !make_room()) return Taken::too_much;
  if (!known) ++streams_;
  session.streams[key] = {point.time_ns, point.cumulative ? point.value : 0};
  grow(session, point, came);
  return Taken::added;
}

const SessionSums* MetricSums::find(std::string_view session_id) const {
  const auto known = by_id_.find(session_id);
  return known == by_id_.end() ? nullptr : &known->second->sums;
}

}  // namespace shmeter::collector
