// SPDX-License-Identifier: MIT
// An alert reaches somebody: its command, the desktop, tmux. All are programs that are run without
// a shell. Invariant: of one alert one program runs at a time, each for ten seconds at most, and
// what waits is bounded; a program that fails is told of and keeps no other from running.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector/command/alert_words.hpp"
#include "collector/loop/child_process.hpp"

namespace shmeter::collector {

/// How one of an alert's actions ended.
struct ActionEnd {
  enum class How { told, nobody, failed, later };
  std::string alert;
  std::string_view action;  // as its key in the configuration
  How how = How::told;
  std::string what;  // one line for people, unless it was told
};

class AlertActions {
 public:
  using Ended = std::function<void(const ActionEnd&)>;

  AlertActions(Loop& loop, Ended ended) : loop_(loop), ended_(std::move(ended)) {}
  AlertActions(const AlertActions&) = delete;
  AlertActions& operator=(const AlertActions&) = delete;

  /// Runs what the alert asks for, after what it asked for before. Keeps nothing of `firing`.
  void tell(const Firing& firing, i64 now_s, Sample sample);

 private:
  struct Step {
    std::string_view action;
    std::vector<std::string> argv;
    ChildProcess::Given given;
    std::string message;  // of tmux: its clients are asked for first
  };
  struct Queue {
    explicit Queue(Loop& loop, std::function<void()> next) : timer(loop, std::move(next)) {}
    std::deque<Step> waiting;
    std::unique_ptr<ChildProcess> child;
    Timer timer;
  };

  Queue& queue(const std::string& alert);
  void next(const std::string& alert, Queue& queue);
  void step_ended(const std::string& alert, Queue& queue, const Step& step,
                  const Result<std::string>& output);
  void to_clients(const std::string& alert, Queue& queue, const Step& step,
                  const std::string& clients);

  Loop& loop_;
  Ended ended_;
  std::map<std::string, std::unique_ptr<Queue>> queues_;  // by alert
};

}  // namespace shmeter::collector
