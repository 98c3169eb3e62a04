// SPDX-License-Identifier: MIT
// From one frame to the next with as few bytes as need be. Pure. Invariant: what it returns,
// written whole, makes the screen show the frame, whatever it showed before; autowrap is off and
// every line fits, so no line moves another.
#pragma once

#include <string>

#include "collector/top/frame_parts.hpp"

namespace shmeter::collector {

class FrameWriter {
 public:
  /// Bytes for the rows that changed; none when nothing did.
  std::string update(const Lines& lines);
  /// The screen may show anything by now: the next frame is drawn whole.
  void forget() { known_ = false; }

 private:
  Lines shown_;
  bool known_ = false;
};

}  // namespace shmeter::collector
