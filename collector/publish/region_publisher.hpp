// SPDX-License-Identifier: MIT
// When the model's picture goes into the region. Invariant: a change is published at once, then at
// most every 50 ms, and the last change is never left out; once a complete picture stood in the
// region, no incomplete one replaces it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "collector/loop/handles.hpp"
#include "collector/model/model.hpp"
#include "collector/result.hpp"
#include "shm/publisher.hpp"

namespace shmeter::collector {

class RegionPublisher {
 public:
  struct Events {
    /// At the end of each heartbeat: the region is in its place, the model has looked at the clock.
    std::function<void()> beat;
    /// One line for people.
    std::function<void(const std::string&)> say;
    /// Publishing is over: another collector took our place, or the region cannot be made.
    std::function<void(const Error&)> ended;
  };

  /// `lock` and `model` must outlive this.
  RegionPublisher(Loop& loop, shm::WriterLock& lock, Model& model, shm::u32 session_capacity,
                  Events events);

  /// Makes the region at once if no picture stands there that is worth keeping until ours is
  /// complete. Starts the heartbeat.
  Result<void> start();
  /// The model may have changed; `complete`: every known transcript was read.
  void changed(bool complete);
  /// The picture at this moment, for others than the region; valid until anything changes. What is
  /// new in it is still published.
  const shm::Picture& picture();
  /// Another one for each picture, larger than before, also after a restart.
  std::uint64_t number();
  /// Publications of something new, and the time from the turn that took it in to the moment it
  /// stood in the region, of all of them together.
  struct Figures {
    std::uint64_t publications = 0;
    double lag_s = 0;
  };
  const Figures& figures() const { return figures_; }
  /// Seconds for which there was no heartbeat, by us or by a collector that was killed, where that
  /// was longer than readers bear; 0 = nothing of that since it was asked the last time.
  shm::i64 take_silence_s() { return std::exchange(silence_s_, 0); }
  /// Clean end: the last picture is published and marked as stopped.
  void stop();

 private:
  Result<void> open_region();
  void note_silence(shm::i64 ns);
  void publish_if_due();
  void publish();
  void beat();
  void look_after_region();

  shm::WriterLock& lock_;
  Model& model_;
  shm::u32 session_capacity_;
  Events events_;
  std::optional<shm::Publisher> publisher_;
  bool complete_ = false;             // what the model holds now
  std::uint64_t number_;              // of the picture as it was given out last
  bool unpublished_ = false;          // somebody else was given what the region does not have yet
  bool seen_complete_ = false;        // a picture that stands or stood in the region
  std::uint64_t waits_since_ns_ = 0;  // 0 = nothing waits to be published
  Figures figures_;
  std::uint64_t beat_ns_ = 0;  // when the heart beat last
  shm::i64 silence_s_ = 0;
  std::string said_trouble_;
  Timer spacing_;
  Timer heartbeat_;
};

}  // namespace shmeter::collector
