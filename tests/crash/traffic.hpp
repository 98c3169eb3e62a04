// SPDX-License-Identifier: MIT
// Who tells the collector something all the while: transcripts that grow, and a client of the
// control socket that sends again what was not acknowledged.
#pragma once

#include <functional>
#include <thread>

#include "tests/crash/world.hpp"

namespace shmeter::crash {

/// A thread that does one thing after the other, and can be told to stand still between two.
class Worker {
 public:
  explicit Worker(std::function<void()> one_thing);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Returns at once; standing_still() once what was begun is done.
  void pause() { paused_ = true; }
  bool standing_still() const { return standing_still_; }
  void go_on();

 private:
  std::function<void()> one_thing_;
  std::atomic<bool> paused_ = false, standing_still_ = false, ending_ = false;
  std::thread thread_;
};

/// One line; every third in two writes, so that a collector also starts over half a line.
void append_line(World& world);
/// One event or report, sent until it is acknowledged or `ending`.
void post_one(World& world, const std::atomic<bool>& ending);
/// The answer to one request; empty when nobody listens or the collector dies over it.
std::string ask(const World& world, const std::string& line, const std::string& body = {});
std::string ingest(const World& world, i64 event);

}  // namespace shmeter::crash
