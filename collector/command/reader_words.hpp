// SPDX-License-Identifier: MIT
// What verbs that read the region themselves share: where it is and how many colours there are,
// told as the reader is told.
#pragma once

#include "collector/command/client_words.hpp"
#include "formats/values.hpp"
#include "plugin/environment.hpp"
#include "plugin/region.hpp"

namespace shmeter::collector {

inline constexpr ClientOption kRuntimeDirOption{"runtime-dir"};
inline constexpr ClientOption kRegionOption{"region"};
inline constexpr ClientOption kHelpOption{"help", false};

/// As the process was given it.
plugin::Environment reader_environment();
/// By `--runtime-dir`, `--region` and the environment.
plugin::Places reader_places(const ClientWords& words, const plugin::Environment& env);
/// As a line's for a terminal; what is no terminal has colours only where they are forced.
formats::Colour stdout_colour(const plugin::Environment& env);

}  // namespace shmeter::collector
