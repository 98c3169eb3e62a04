// SPDX-License-Identifier: MIT
// Observations that own their texts: what the scanning worker hands to the loop. Invariant: a batch
// is filled by one thread and then read by another, never both; the texts die with it.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "collector/source/observation.hpp"
#include "collector/source/transcript_line.hpp"

namespace shmeter::collector {

class ObservationBatch {
 public:
  void add(const TranscriptLine& line) {
    if (line.request) {
      RequestSeen& seen = requests_.emplace_back(*line.request);
      for (std::string_view* text : {&seen.message_id, &seen.request_id, &seen.uuid}) keep(*text);
      keep_again(seen.session_id, session_id_);
      keep_again(seen.model, model_);
    }
    if (line.session) {
      SessionSeen& seen = sessions_.emplace_back(*line.session);
      keep_again(seen.session_id, session_id_);
      keep_again(seen.cwd, cwd_);
      keep_again(seen.git_branch, git_branch_);
      keep_again(seen.version, version_);
      keep_again(seen.model, model_);
    }
    if (line.cost_state)
      keep_again(cost_states_.emplace_back(*line.cost_state).session_id, session_id_);
    if (line.limit_hit) {
      LimitHitSeen& seen = limit_hits_.emplace_back(*line.limit_hit);
      keep_again(seen.session_id, session_id_);
      keep(seen.window);
    }
  }

  std::size_t size() const {
    return requests_.size() + sessions_.size() + cost_states_.size() + limit_hits_.size();
  }

  /// Calls `take(const Observation&)` for each.
  template <class Take>
  void for_each(Take&& take) const {
    for (const auto& seen : requests_) take(Observation(seen));
    for (const auto& seen : sessions_) take(Observation(seen));
    for (const auto& seen : cost_states_) take(Observation(seen));
    for (const auto& seen : limit_hits_) take(Observation(seen));
  }

 private:
  static constexpr std::size_t kBlockBytes = std::size_t{32} << 10;

  void keep(std::string_view& text) {
    if (text.empty()) return;
    if (text.size() > free_) {
      free_ = std::max(kBlockBytes, text.size());
      blocks_.push_back(std::make_unique<char[]>(free_));
      at_ = blocks_.back().get();
    }
    std::memcpy(at_, text.data(), text.size());
    text = {at_, text.size()};
    at_ += text.size();
    free_ -= text.size();
  }

  /// Line after line says the same of its session: one copy will do.
  void keep_again(std::string_view& text, std::string_view& last) {
    if (text == last) {
      text = last;
      return;
    }
    keep(text);
    last = text;
  }

  std::vector<RequestSeen> requests_;
  std::vector<SessionSeen> sessions_;
  std::vector<CostStateSeen> cost_states_;
  std::vector<LimitHitSeen> limit_hits_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  std::size_t free_ = 0;
  std::string_view session_id_, model_, cwd_, git_branch_, version_;
};

}  // namespace shmeter::collector
