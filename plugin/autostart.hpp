// SPDX-License-Identifier: MIT
// Starting a collector for those who have none running: at most once a minute over all readers, in
// a session of its own, never waited for.
#pragma once

#include "plugin/region.hpp"

namespace shmeter::plugin {

/// Starts `shmeterd daemon run` from beside this executable unless some collector holds a lock in
/// one of the places, or some reader started one less than a minute ago. Silent; failing, it leaves
/// everything to the next call.
void start_collector(const Places& places, const Arguments& arguments, const Environment& env);

}  // namespace shmeter::plugin
