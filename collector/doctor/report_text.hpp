// SPDX-License-Identifier: MIT
// Findings as people read them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "collector/doctor/finding.hpp"

namespace shmeter::collector {

/// Every finding under its section with a mark that needs no colour, then the remedies, each once,
/// those of what is bad first; or that there is nothing to do.
std::string report_text(const Findings& findings, Privacy privacy, std::string_view home);

bool has_bad(const Findings& findings);

}  // namespace shmeter::collector
