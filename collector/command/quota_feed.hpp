// SPDX-License-Identifier: MIT
// Limits from commands of the user's own ([quota] command): each is run now and then, one at a
// time, and what it prints is taken as SET_QUOTA would be. Off unless configured. Invariant: a
// command that fails, hangs or prints something else changes no number, and is told of once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/config/config.hpp"
#include "collector/loop/child_process.hpp"
#include "collector/loop/handles.hpp"

namespace shmeter::collector {

class QuotaFeed {
 public:
  struct Sink {
    /// Takes what a command printed. Errors: why it is not what it must be.
    std::function<Result<void>(const AccountConfig& account, const std::string& output)> printed;
    /// One line for people.
    std::function<void(const std::string&)> say;
  };

  /// Runs every command for the first time at once.
  QuotaFeed(Loop& loop, const Config& config, Sink sink);
  QuotaFeed(const QuotaFeed&) = delete;
  QuotaFeed& operator=(const QuotaFeed&) = delete;

 private:
  struct Feed {
    AccountConfig account;
    std::uint64_t due_ms = 0;  // of the loop's clock
    std::string said;          // the trouble it has been in
  };
  void next();
  void ended(Feed& feed, const Result<std::string>& output);

  Loop& loop_;
  Sink sink_;
  std::vector<Feed> feeds_;
  std::unique_ptr<ChildProcess> child_;
  Timer timer_;
};

}  // namespace shmeter::collector
