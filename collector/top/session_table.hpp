// SPDX-License-Identifier: MIT
// Sessions as rows of one table. Pure. Where it is narrow, columns go, the least important first;
// the name stays last.
#pragma once

#include <vector>

#include "collector/top/frame_parts.hpp"

namespace shmeter::collector {

/// The columns that a width has room for.
class SessionTable {
 public:
  explicit SessionTable(int width);

  std::string title(const Look& look) const;
  /// `selected`: marked, and shown in reverse where there are styles at all.
  std::string row(const shm::Session& session, const TopPicture& picture, const Look& look,
                  bool selected) const;

 private:
  struct Shown {
    std::size_t column;
    int width;
  };
  std::vector<Shown> shown_;  // the name first
};

}  // namespace shmeter::collector
