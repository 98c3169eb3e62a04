// SPDX-License-Identifier: MIT
// What a watcher is told: the picture once, then what changed since its last line. Invariant: what
// a line leaves out has not changed since the watcher was last told about it, however many pictures
// there were in between.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/serve/answer.hpp"
#include "collector/serve/intake.hpp"

namespace shmeter::collector {

class PictureFeed final : public Feed {
 public:
  enum class About {
    everything,
    quota,  // a line only when the limits of an account have changed
  };

  /// `intake` must outlive it.
  PictureFeed(Intake& intake, About about) : intake_(intake), about_(about) {}

  /// The first time the whole line of `shmeter json`; later one with accounts, totals, models and
  /// only those sessions that changed, or nothing when nothing did.
  std::string next() override;

 private:
  using Known = std::vector<std::pair<shm::u64, shm::u64>>;  // id and record, hashed; sorted

  bool quota_changed(const shm::Picture& picture);
  bool rest_changed(const shm::Picture& picture);
  std::vector<shm::Session> changed_sessions(const shm::Picture& picture);

  Intake& intake_;
  About about_;
  bool first_ = true;
  shm::u64 quota_ = 0;  // hash of all limits
  shm::u64 rest_ = 0;   // hash of everything but sessions
  Known sessions_;
};

}  // namespace shmeter::collector
