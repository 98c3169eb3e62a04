// SPDX-License-Identifier: MIT
// A picture as a person writes it down: one `path = value` a line, paths by the names of the field
// table (`session.0.cost_nanousd = 4116942000`), times as epoch seconds or `now+2h13m`. What is not
// said is unknown, as in the field table; counts follow from what is said.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shm/format_list.hpp"
#include "shm/picture.hpp"

namespace shmeter::test {

/// How the writer of the picture ended up. A writer that is not live leaves no heartbeat, so that a
/// stale picture is as old as its `published = now-2h` says.
enum class Writer { live, stopped, gone };

class PictureText {
 public:
  /// Throws std::runtime_error with the line that is wrong.
  PictureText(std::string_view text, shm::i64 now_s);

  /// Valid as long as this and unchanged.
  shm::Picture picture();
  Writer writer() const { return writer_; }

 private:
  void line(std::string_view path, std::string_view value);
  void format(std::string_view target, std::string_view value);

  shm::i64 now_s_;
  Writer writer_ = Writer::live;
  shm::Summary summary_;
  std::vector<shm::Account> accounts_;
  std::vector<shm::Model> models_;
  std::vector<shm::Session> sessions_;
  std::vector<const shm::Session*> order_;
  shm::FormatList formats_;
};

}  // namespace shmeter::test
