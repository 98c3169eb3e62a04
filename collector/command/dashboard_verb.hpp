// SPDX-License-Identifier: MIT
// `shmeter dashboard`: a link to the page, printed and, where there is a screen, opened. Invariant:
// it waits for no browser.
#pragma once

#include <span>

#include "collector/command/environment.hpp"

namespace shmeter::collector {

int run_dashboard(std::span<char* const> words, const Environment& environment);

}  // namespace shmeter::collector
