// SPDX-License-Identifier: MIT
// Real programs, one after another.
#include "collector/command/command_runner.hpp"

#include <gtest/gtest.h>
#include <signal.h>

namespace shmeter::collector {
namespace {

using How = ChildProcess::Ended::How;

TEST(CommandRunner, RunsOneAfterAnother) {
  CommandRunner runner;
  for (int code = 0; code < 3; ++code) {
    const auto outcome =
        runner.run({"/bin/sh", "-c", "echo $0; exit $0", std::to_string(code)}, {60'000, 4096});
    EXPECT_EQ(outcome.ended.how, How::exited);
    EXPECT_EQ(outcome.ended.code, code);
    EXPECT_EQ(outcome.ended.out, std::to_string(code) + "\n");
    EXPECT_GE(outcome.took_ms, 0);
  }
  EXPECT_EQ(runner.run({"/no/such/program"}, {60'000, 4096}).ended.how, How::not_started);
  EXPECT_EQ(runner.run({"/bin/sh", "-c", "cat"}, {60'000, 4096}, {"given", {}}).ended.out, "given");
  EXPECT_EQ(runner.interrupted(), 0);
}

TEST(CommandRunner, StartsNothingMoreOnceItWasInterrupted) {
  CommandRunner runner;
  // The one that runs sends the signal; it would stay for ten minutes.
  const auto outcome = runner.run(
      {"/bin/sh", "-c", "kill -TERM $0; sleep 600", std::to_string(::getpid())}, {600'000, 4096});
  EXPECT_EQ(runner.interrupted(), SIGTERM);
  EXPECT_EQ(outcome.ended.how, How::not_started);
  EXPECT_EQ(runner.run({"/bin/sh", "-c", "echo again"}, {60'000, 4096}).ended.out, "");
}

}  // namespace
}  // namespace shmeter::collector
