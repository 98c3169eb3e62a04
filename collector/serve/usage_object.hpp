// SPDX-License-Identifier: MIT
// The usage object of API_USAGE, from nothing but published values, so that `shmeter usage` can
// make it from the region too. Here total_tokens is input + output, the figure people recognise.
#pragma once

#include <span>
#include <string>

#include "shm/picture.hpp"

namespace shmeter::collector {

/// One session; null where it is not known. One line without its newline.
std::string usage_object(const shm::Session& session, shm::i64 now_s);

/// All sessions together. `sessions`, newest first, are asked only for what was heard last.
std::string usage_object(const shm::Summary& summary, std::span<const shm::Session* const> sessions,
                         shm::i64 now_s);

}  // namespace shmeter::collector
