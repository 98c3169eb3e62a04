// SPDX-License-Identifier: MIT
#include "collector/setup/otel_setup.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "collector/setup/json_edit.hpp"
#include "collector/setup/marked_block.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
constexpr std::array<std::string_view, 1> kHelper = {"otelHeadersHelper"};
constexpr std::string_view kMark = "  # by `shmeter setup otel`";

std::vector<std::pair<std::string, std::string>> variables_of(const OtelSetup& setup) {
  return {{"CLAUDE_CODE_ENABLE_TELEMETRY", "1"},
          {"OTEL_METRICS_EXPORTER", "otlp"},
          {"OTEL_LOGS_EXPORTER", "otlp"},
          {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
          {std::string(kEndpoint), setup.endpoint}};
}

std::array<std::string_view, 2> in_env(std::string_view name) { return {"env", name}; }

bool is_header(std::string_view line, std::string_view header) {
  const auto begin = line.find_first_not_of(" \t");
  if (begin == line.npos || !line.substr(begin).starts_with(header)) return false;
  const std::string_view rest = line.substr(begin + header.size());
  const auto next = rest.find_first_not_of(" \t\r\n");
  return next == rest.npos || rest[next] == '#';
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\n") == line.npos; }

}  // namespace

bool is_exporter_variable(std::string_view name) {
  return name.starts_with("OTEL_EXPORTER_") ||
         (name.starts_with("OTEL_") && name.ends_with("_EXPORTER"));
}

Result<OtelVariables> exporter_variables(std::string_view settings) {
  OtelVariables found;
  if (settings.find_first_not_of(" \t\r\n") == settings.npos) return found;
  const std::array<std::string_view, 1> path = {"env"};
  const auto env = json_value(settings, path);
  if (!env) return tl::unexpected(env.error());
  if (!*env) return found;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(**env)).get(object) != simdjson::SUCCESS)
    return fail(Errc::invalid, "env: not an object");
  for (const auto& [name, value] : object) {
    if (!is_exporter_variable(name)) continue;
    std::string_view text;
    found.emplace(
        name, value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value));
  }
  return found;
}

std::string sends_elsewhere(const OtelVariables& variables, const OtelSetup& setup,
                            std::string_view where) {
  const auto endpoint = variables.find(kEndpoint);
  if (variables.empty() || (endpoint != variables.end() && endpoint->second == setup.endpoint))
    return {};
  const auto& [name, value] = endpoint == variables.end() ? *variables.begin() : *endpoint;
  // A value may hold a secret.
  const bool plain = name == kEndpoint || name.ends_with("_EXPORTER");
  return name + (plain ? "=" + value : "") + " in " + std::string(where) +
         " sends telemetry somewhere already, and a client sends it to one place only; take it out "
         "there first, if it is no longer wanted";
}

Result<std::string> settings_with_otel(std::string_view settings, const OtelSetup& setup) {
  std::string changed(settings);
  const std::string helper = json_quoted(setup.helper);
  if (changed.find_first_not_of(" \t\r\n") != changed.npos) {
    const auto said = json_value(changed, kHelper);
    if (!said) return tl::unexpected(said.error());
    if (*said && **said != helper)
      return fail(Errc::exists, "otelHeadersHelper is " + std::string(**said) +
                                    " already; take it out first, if it is no longer wanted");
  }
  for (const auto& [name, value] : variables_of(setup)) {
    auto next = json_with(changed, in_env(name), json_quoted(value));
    if (!next) return next;
    changed = std::move(*next);
  }
  return json_with(changed, kHelper, helper);
}

Result<std::string> settings_without_otel(std::string_view settings, std::string_view before,
                                          const OtelSetup& setup) {
  std::string changed(settings);
  const auto remove = [&](JsonPath path, const std::string& ours) -> Result<void> {
    const auto said = json_value(changed, path);
    if (!said) return tl::unexpected(said.error());
    if (!*said || **said != ours) return {};
    const auto old = json_value(before, path);
    if (old && *old && **old == ours) return {};
    auto next = json_without(changed, path);
    if (!next) return tl::unexpected(next.error());
    changed = std::move(*next);
    return {};
  };
  if (auto done = remove(kHelper, json_quoted(setup.helper)); !done)
    return tl::unexpected(done.error());
  for (const auto& [name, value] : variables_of(setup))
    if (auto done = remove(in_env(name), json_quoted(value)); !done)
      return tl::unexpected(done.error());
  return changed;
}

std::string headers_script(std::string_view token_path) {
  std::string quoted = "'";
  for (const char c : token_path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "#!/bin/sh\n"
         "# Made by `shmeter setup otel`: with what Claude Code may hand in its telemetry.\n"
         "printf '{\"Authorization\":\"Bearer %s\"}\\n' \"$(cat -- " +
         quoted + "')\"\n";
}

std::string config_with_listen(std::string_view config, std::string_view address) {
  const std::string listen = "listen = \"" + std::string(address) + '"' + std::string(kMark) + '\n';
  std::string changed;
  bool put = false;
  each_line(config, [&](std::string_view line, std::size_t) {
    changed += line;
    if (put || !is_header(line, "[http]")) return;
    if (!changed.ends_with('\n')) changed += '\n';
    changed += listen;
    put = true;
  });
  if (put) return changed;
  if (!changed.empty() && !changed.ends_with('\n')) changed += '\n';
  return changed + "[http]" + std::string(kMark) + '\n' + listen;
}

std::string config_without_listen(std::string_view config) {
  std::vector<std::string_view> lines;
  each_line(config, [&](std::string_view line, std::size_t) { lines.push_back(line); });
  std::string changed;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    const auto mark = line.find(kMark);
    if (mark == line.npos) {
      changed += line;
      continue;
    }
    if (!is_header(line, "[http]")) continue;
    // Somebody may have put more into the section that we began.
    const auto more = std::find_if(
        lines.begin() + static_cast<std::ptrdiff_t>(i) + 1, lines.end(),
        [](std::string_view next) { return !is_blank(next) && next.find(kMark) == next.npos; });
    if (more == lines.end() || more->find_first_not_of(" \t") == more->find('[')) continue;
    changed.append(line.substr(0, mark)).append(line.substr(mark + kMark.size()));
  }
  return changed;
}

}  // namespace shmeter::collector
