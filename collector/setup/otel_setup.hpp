// SPDX-License-Identifier: MIT
// What Claude Code's settings and our configuration say when telemetry comes to us: texts in, texts
// out. Invariant: no secret gets into the settings; telemetry that goes somewhere else goes on
// going there.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "collector/result.hpp"

namespace shmeter::collector {

struct OtelSetup {
  std::string endpoint;  // http://127.0.0.1:7483
  std::string helper;    // absolute path of the script that says the headers
};

/// Variables that send a client's telemetry somewhere, with their values.
using OtelVariables = std::map<std::string, std::string, std::less<>>;

/// Whether `name` is one of them.
bool is_exporter_variable(std::string_view name);
/// Those in the member `env` of a settings file. Errors (invalid): line:column and what is wrong.
Result<OtelVariables> exporter_variables(std::string_view settings);
/// The reason why telemetry goes somewhere else already; empty = it does not. `where` is how people
/// call the place that they stand in.
std::string sends_elsewhere(const OtelVariables& variables, const OtelSetup& setup,
                            std::string_view where);

/// The settings with telemetry that comes to us. Errors (invalid): line:column and what is wrong;
/// (exists) another program says the headers already.
Result<std::string> settings_with_otel(std::string_view settings, const OtelSetup& setup);
/// The settings without it. What stood in `before` already, if that is known, stays.
Result<std::string> settings_without_otel(std::string_view settings, std::string_view before,
                                          const OtelSetup& setup);

/// The script: prints the header with the token that stands in `token_path` at that moment.
std::string headers_script(std::string_view token_path);

/// Our configuration with `[http] listen`, which it does not have yet, by lines that bear a mark.
std::string config_with_listen(std::string_view config, std::string_view address);
/// Without the lines that bear it.
std::string config_without_listen(std::string_view config);

}  // namespace shmeter::collector
