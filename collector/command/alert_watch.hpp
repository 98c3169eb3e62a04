// SPDX-License-Identifier: MIT
// The alerts of a running collector: the picture is judged when it may have changed, what there is
// to tell is told, and what was told is kept. Invariant: without an alert nothing is done; with
// some, one judgement a second at most; a crossing is on disk before anybody hears of it, so that
// it is not told twice; each trouble is said once.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "collector/command/alert_actions.hpp"
#include "collector/command/webhooks.hpp"
#include "collector/loop/handles.hpp"
#include "collector/model/alerts.hpp"

namespace shmeter::collector {

class AlertWatch {
 public:
  struct Sources {
    /// The picture at this moment.
    std::function<const shm::Picture&()> picture;
    std::function<i64()> now_ms;
    /// As RegionPublisher::take_silence_s().
    std::function<i64()> take_silence_s;
    /// One line for people.
    std::function<void(const std::string&)> say;
  };

  /// `state_path` empty: what was told is forgotten with the process.
  AlertWatch(Loop& loop, const Config& config, std::string state_path, Sources sources);
  AlertWatch(const AlertWatch&) = delete;
  AlertWatch& operator=(const AlertWatch&) = delete;

  /// Another configuration; alerts that stay as they were go on as they are.
  void configure(const Config& config);
  /// As alert_list_json().
  std::string list();
  /// The picture may have changed, or time passed.
  void changed();

 private:
  void judge();
  void save();
  void ended(const ActionEnd& end);
  void say_once(const std::string& about, const std::string& trouble);

  std::string state_path_;
  Sources sources_;
  Alerts alerts_;
  AlertActions actions_;
  Webhooks webhooks_;
  std::map<std::string, std::string> said_;  // the trouble that was said, by what it is about
  Timer timer_;                              // runs until the next judgement may be
  bool again_ = false;                       // and something changed since the last one
};

}  // namespace shmeter::collector
