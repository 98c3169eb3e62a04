// SPDX-License-Identifier: MIT
// A thread for what may take a while, there while there is something to do. Who owns what: pieces
// of work and what follows them are shared and guarded by `mutex_`. Invariant: the loop never waits
// for the thread, nor does the thread take the processor from it; pieces run one after another, in
// the order in which they came, and what follows each runs on the loop in the same order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "collector/loop/handles.hpp"

namespace shmeter::collector {

/// For a thread's beginning: when it has something to do it waits for its turn instead of taking it
/// from who runs. Its share of the processor stays the same.
void wait_for_ones_turn();

class Worker {
 public:
  using Call = std::function<void()>;

  /// `idle` is called on the thread before it ends, some seconds after its last piece.
  explicit Worker(Loop& loop, Call idle = {});
  /// Waits for the piece that runs; of the others nothing is run.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// `work` is run on the thread, then `follow` on the loop.
  void post(Call work, Call follow);
  /// Pieces that were posted and have not been followed yet.
  std::size_t waiting() const { return waiting_; }

 private:
  struct Piece {
    Call work;
    Call follow;
  };
  void run();
  void deliver();

  Call idle_;
  std::size_t waiting_ = 0;  // the loop's
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Piece> pieces_;
  std::vector<Call> done_;
  bool stop_ = false;
  bool running_ = false;
  Doorbell doorbell_;
  std::thread thread_;
};

}  // namespace shmeter::collector
