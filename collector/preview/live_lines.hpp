// SPDX-License-Identifier: MIT
// What the region says, chosen for each host as the reader chooses it.
#pragma once

#include "collector/preview/preview.hpp"
#include "collector/result.hpp"
#include "plugin/region.hpp"

namespace shmeter::collector {

struct LivePreview {
  PreviewPart part;
  OwnFormats own;
};

/// `session` empty = the newest. Errors: not_found when there is no picture, or no such session.
Result<LivePreview> live_preview(const plugin::Places& places, const plugin::Environment& env,
                                 std::string_view session, i64 now_s, int width);

}  // namespace shmeter::collector
