// SPDX-License-Identifier: MIT
#include "collector/top/frame_writer.hpp"

namespace shmeter::collector {

std::string FrameWriter::update(const Lines& lines) {
  std::string out;
  const bool whole = !known_ || lines.size() != shown_.size();
  if (whole) out += "\x1b[0m\x1b[2J";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (whole ? lines[i].empty() : lines[i] == shown_[i]) continue;
    out += "\x1b[" + std::to_string(i + 1) + ";1H";
    if (!whole) out += "\x1b[K";  // before the text: behind a full line it would eat its last cell
    out += lines[i];
  }
  shown_ = lines;
  known_ = true;
  return out;
}

}  // namespace shmeter::collector
