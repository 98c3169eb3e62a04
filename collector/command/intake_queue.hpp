// SPDX-License-Identifier: MIT
// Batches on their way into the pipeline, a part in each turn of the loop, so that nobody waits for
// somebody else's large one. Invariant: they are taken in whole and in the order in which they
// came, and what is to be done behind them is done behind them; while the pipeline is not ready
// they wait.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

#include "collector/loop/handles.hpp"
#include "collector/serve/intake.hpp"

namespace shmeter::collector {

class IntakeQueue {
 public:
  using Done = Intake::Done;

  struct Sink {
    std::function<bool()> ready;
    std::function<void(const Observation&, u32 account)> apply;
    /// After each part.
    std::function<void()> turn_ends;
    /// Calls `done` when all that was applied is durable.
    std::function<void(Done done)> flush;
  };

  /// Observations of one turn: some 0.05 ms.
  static constexpr std::size_t kPart = 32;

  IntakeQueue(Loop& loop, Sink sink);

  void take(ObservationBatch batch, u32 account, Done done);
  /// Behind all that was taken.
  void flush(Done done) { take({}, 0, std::move(done)); }
  /// The pipeline is ready again.
  void go_on() {
    if (!working_) work();
  }

  /// Observations that wait.
  std::size_t waiting() const { return waiting_; }

 private:
  struct Waiting {
    ObservationBatch batch;
    u32 account;
    Done done;
    std::size_t applied = 0;
  };
  void work();
  bool work_one_part();

  Sink sink_;
  std::deque<Waiting> queue_;
  std::size_t waiting_ = 0;
  bool working_ = false;  // whoever is called meanwhile may take more
  bool called_ = false;   // for the next turn
  Doorbell next_turn_;    // a timer would fire again in the same one
};

}  // namespace shmeter::collector
