// SPDX-License-Identifier: MIT
// A picture as a busy user has it: two accounts, five models, any number of sessions. What readers
// are measured over when no collector runs. Every field a default line shows is known.
#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include "shm/format_list.hpp"
#include "shm/picture.hpp"

namespace shmeter::bench {

class Sample {
 public:
  /// `session_id` is the id of one session in the middle, so that a reader asked for it must look.
  Sample(std::size_t sessions, std::string_view session_id, shm::i64 now_s);

  /// Valid as long as the sample and its formats.
  shm::Picture picture() const;
  /// Own formats and theme; none at first.
  shm::FormatList& formats() { return formats_; }
  shm::Summary& summary() { return summary_; }
  const std::deque<shm::Session>& sessions() const { return sessions_; }
  const shm::Account& account() const { return accounts_.front(); }

 private:
  shm::Summary summary_;
  std::vector<shm::Account> accounts_;
  std::vector<shm::Model> models_;
  std::deque<shm::Session> sessions_;
  std::vector<const shm::Session*> order_;
  shm::FormatList formats_;
};

}  // namespace shmeter::bench
