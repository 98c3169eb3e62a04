// SPDX-License-Identifier: MIT
// The event loop. Declared first, so that it dies last. Invariant: when it dies nothing of it is
// left, neither handle nor request: uv_loop_close must answer 0, or it is our bug and we abort.
#pragma once

#include <uv.h>

namespace shmeter::collector {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  uv_loop_t* get() { return &loop_; }
  /// Runs until stop() or until nothing is left to wait for.
  void run();
  /// One turn without waiting. For tests.
  void turn();
  void stop();

 private:
  uv_loop_t loop_;
};

}  // namespace shmeter::collector
