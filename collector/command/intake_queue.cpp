// SPDX-License-Identifier: MIT
#include "collector/command/intake_queue.hpp"

#include <algorithm>
#include <utility>

namespace shmeter::collector {

IntakeQueue::IntakeQueue(Loop& loop, Sink sink)
    : sink_(std::move(sink)), next_turn_(loop, [this] {
        called_ = false;
        work();
      }) {}

void IntakeQueue::take(ObservationBatch batch, u32 account, Done done) {
  waiting_ += batch.size();
  queue_.push_back({std::move(batch), account, std::move(done)});
  if (!working_ && !called_) work();
}

/// One part, of one batch or of several small ones.
void IntakeQueue::work() {
  working_ = true;
  if (!work_one_part()) {
    called_ = true;
    next_turn_.ring();
  }
  working_ = false;
}

/// False: the turn is full.
bool IntakeQueue::work_one_part() {
  std::size_t room = kPart;
  while (!queue_.empty() && sink_.ready()) {
    Waiting& first = queue_.front();
    const std::size_t count = std::min(room, first.batch.size() - first.applied);
    first.batch.for_some(first.applied, count,
                         [&](const Observation& seen) { sink_.apply(seen, first.account); });
    first.applied += count;
    waiting_ -= count;
    room -= count;
    if (count > 0) sink_.turn_ends();
    // To hand it over takes as long as half a part.
    if (first.applied < first.batch.size() || room < kPart / 2) return false;
    const Done done = std::move(first.done);
    queue_.pop_front();
    sink_.flush(done);
  }
  return true;
}

}  // namespace shmeter::collector
