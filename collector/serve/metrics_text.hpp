// SPDX-License-Identifier: MIT
// The picture in the text form of Prometheus. Invariant: names, units and labels are a published
// contract; what is not known has no sample, never 0; the number of series is bounded by accounts,
// models and statuses, never by sessions.
#pragma once

#include <string>

#include "collector/serve/process_figures.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

std::string metrics_text(const shm::Picture& picture, shm::i64 now_s,
                         const ProcessFigures& process);

}  // namespace shmeter::collector
