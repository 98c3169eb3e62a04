// SPDX-License-Identifier: MIT
#include "collector/serve/picture_line.hpp"

#include <unistd.h>

namespace shmeter::collector {

std::string picture_line(const formats::JsonPicture& picture) {
  std::string line;
  formats::write_json(picture, append_to, &line);
  line.pop_back();
  return line;
}

std::string accounts_line(formats::JsonPicture picture) {
  picture.models = {};
  picture.sessions = {};
  std::string line = picture_line(picture);
  // A quote inside a text is escaped, so this stands in no text.
  line.resize(line.find("],\"totals\":{"));
  return line.append("]}");
}

formats::JsonPicture own_picture(const shm::Picture& picture, shm::i64 now_s) {
  const bool complete =
      picture.summary.completeness == static_cast<shm::i64>(shm::Completeness::complete);
  return {.summary = &picture.summary,
          .accounts = picture.accounts,
          .freshness = complete ? formats::Freshness::live : formats::Freshness::partial,
          .now_s = now_s,
          .age_s = 0,
          .writer_pid = static_cast<shm::u64>(::getpid()),
          .writer_version = SHMETER_VERSION};
}

}  // namespace shmeter::collector
