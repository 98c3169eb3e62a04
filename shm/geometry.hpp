// SPDX-License-Identifier: MIT
// Is this header one that a reader can use? Every offset, stride and capacity is held against the
// file's size and against each other, with sums that cannot overflow, before anything is read by
// them.
#pragma once

#include "shm/layout.hpp"

namespace shmeter::shm {

enum class HeaderVerdict { good, not_ready, foreign_version, corrupt };

HeaderVerdict check_header(const Header& header, u64 file_size) noexcept;

}  // namespace shmeter::shm
