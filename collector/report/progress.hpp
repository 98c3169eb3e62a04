// SPDX-License-Identifier: MIT
// How far a long first scan is, as a line.
#pragma once

#include <string>

#include "shm/picture.hpp"

namespace shmeter::collector {

/// `reading transcripts ████░░░░ 123/456`, within `width` columns (0 = any); what does not fit is
/// left out from the left. Empty when `of` is not known yet.
std::string progress_line(shm::i64 files, shm::i64 of, int width);

}  // namespace shmeter::collector
