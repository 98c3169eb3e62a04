// SPDX-License-Identifier: MIT
#include "collector/command/managed_settings.hpp"

#include <filesystem>

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

}  // namespace shmeter::collector
