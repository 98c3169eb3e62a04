// SPDX-License-Identifier: MIT
#include "collector/command/managed_settings.hpp"

#include <array>
#include <filesystem>

#include "collector/setup/json_edit.hpp"
#include "collector/setup/text_file.hpp"

namespace shmeter::collector {
namespace {

#ifdef __APPLE__
constexpr const char* kManaged = "/Library/Application Support/ClaudeCode";
#else
constexpr const char* kManaged = "/etc/claude-code";
#endif

}  // namespace

std::string client_settings(const ClientWords& words, const Environment& environment) {
  std::string dir(words.value("config-dir"));
  if (dir.empty()) dir = environment.claude_config_dir;
  if (dir.empty() && !environment.home.empty()) dir = environment.home + "/.claude";
  return dir.empty() ? dir : dir + "/settings.json";
}

std::vector<std::string> managed_settings() {
  std::vector<std::string> paths = {std::string(kManaged) + "/managed-settings.json"};
  std::error_code none;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(kManaged) + "/managed-settings.d", none))
    if (entry.path().extension() == ".json") paths.push_back(entry.path().string());
  return paths;
}

std::string ruling_settings(std::string_view member) {
  const std::array<std::string_view, 1> path = {member};
  for (const std::string& place : managed_settings()) {
    const auto file = read_text_file(place);
    if (!file || !file->there) continue;
    const auto value = json_value(file->text, path);
    if (value && *value && **value != "false" && **value != "null") return file->path;
  }
  return {};
}

}  // namespace shmeter::collector
