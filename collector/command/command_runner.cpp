// SPDX-License-Identifier: MIT
#include "collector/command/command_runner.hpp"

#include <chrono>
#include <csignal>

namespace shmeter::collector {

CommandRunner::CommandRunner()
    : on_int_(loop_, SIGINT,
              [this] {
                signal_ = SIGINT;
                loop_.stop();
              }),
      on_term_(loop_, SIGTERM, [this] {
        signal_ = SIGTERM;
        loop_.stop();
      }) {}

CommandRunner::Outcome CommandRunner::run(std::vector<std::string> argv,
                                          ChildProcess::Limits limits, ChildProcess::Given given) {
  using Clock = std::chrono::steady_clock;
  Outcome out{{ChildProcess::Ended::How::not_started, 0, {}, "interrupted"}, 0};
  if (signal_ != 0) return out;
  const auto began = Clock::now();
  ChildProcess child(
      loop_, std::move(argv),
      [&](ChildProcess::Ended ended) {
        out.ended = std::move(ended);
        loop_.stop();
      },
      limits, std::move(given));
  loop_.run();
  out.took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began).count();
  return out;
}

}  // namespace shmeter::collector
