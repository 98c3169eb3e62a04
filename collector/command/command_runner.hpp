// SPDX-License-Identifier: MIT
// Programs that are run one after another by who has nothing to do meanwhile. Invariant: nothing
// outlives its limits, nor an interruption by the user, after which nothing more is started.
#pragma once

#include <string>
#include <vector>

#include "collector/loop/child_process.hpp"
#include "collector/loop/handles.hpp"
#include "collector/loop/loop.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

class CommandRunner {
 public:
  struct Outcome {
    ChildProcess::Ended ended;
    shm::i64 took_ms = 0;
  };

  CommandRunner();

  Outcome run(std::vector<std::string> argv, ChildProcess::Limits limits,
              ChildProcess::Given given = {});
  /// The signal that came, or 0.
  int interrupted() const { return signal_; }

 private:
  Loop loop_;
  int signal_ = 0;
  SignalHandler on_int_;
  SignalHandler on_term_;
};

}  // namespace shmeter::collector
