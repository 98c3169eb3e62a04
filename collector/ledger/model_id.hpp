// SPDX-License-Identifier: MIT
// One name per model, out of the many that first party, clouds and gateways write for it.
#pragma once

#include <string>
#include <string_view>

namespace shmeter::collector {

/// The name prices and per-model totals go by: lower case, without path, region, vendor, date,
/// version and context-length marks; `claude-opus-4` and `claude-sonnet-4` get their `-0`. Text
/// that names no model we know comes back as cleaned as the rules make it.
/// `us.anthropic.claude-sonnet-4-5-20250929-v1:0` -> `claude-sonnet-4-5`.
std::string normalise_model(std::string_view as_written);

}  // namespace shmeter::collector
