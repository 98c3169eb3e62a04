// SPDX-License-Identifier: MIT
// The view at work: keys, pictures, time and signals in, frames out, until somebody ends it.
#pragma once

#include <string>

#include "collector/result.hpp"
#include "formats/values.hpp"
#include "plugin/region.hpp"

namespace shmeter::collector {

struct TopSettings {
  plugin::Places places;
  formats::Colour colour = formats::Colour::none;
  bool ascii = false;  // the terminal shows no UTF-8
};

/// Takes the terminal on stdin and stdout and gives it back. The signal that ended it, as nobody
/// must notice that it was caught; 0 = the person at the keys did. Errors: unavailable.
Result<int> run_top(const TopSettings& settings);

/// The picture once, as lines of at most `width` columns, for whatever reads them.
std::string top_once(const TopSettings& settings, int width);

}  // namespace shmeter::collector
