// SPDX-License-Identifier: MIT
#include "collector/doctor/trial_samples.hpp"

#include "collector/setup/json_edit.hpp"

namespace shmeter::collector {

std::string statusline_sample(std::string_view session, std::string_view config_dir,
                              std::string_view cwd) {
  const std::string path =
      std::string(config_dir) + "/projects/-shmeter/" + std::string(session) + ".jsonl";
  return R"({"session_id":)" + json_quoted(session) + R"(,"transcript_path":)" + json_quoted(path) +
         R"(,"cwd":)" + json_quoted(cwd) + R"(,"workspace":{"current_dir":)" + json_quoted(cwd) +
         R"(,"project_dir":)" + json_quoted(cwd) +
         R"(},"model":{"id":"claude-opus-5-5","display_name":"Opus 5.5"},"version":"2.1.330")"
         R"(,"output_style":{"name":"default"},"cost":{"total_cost_usd":1.23,)"
         R"("total_duration_ms":600000,"total_api_duration_ms":120000,"total_lines_added":12,)"
         R"("total_lines_removed":3},"context_window":{"context_window_size":200000,)"
         R"("current_usage":{"input_tokens":4000,"output_tokens":900,)"
         R"("cache_creation_input_tokens":2000,"cache_read_input_tokens":78000},)"
         R"("used_percentage":42,"remaining_percentage":58},"exceeds_200k_tokens":false})"
         "\n";
}

std::string hook_sample(std::string_view session, std::string_view cwd) {
  return R"({"session_id":)" + json_quoted(session) + R"(,"cwd":)" + json_quoted(cwd) +
         R"(,"hook_event_name":"Notification","message":"a sample of shmeter doctor"})"
         "\n";
}

std::string without_autostart(std::string_view command) {
  constexpr std::string_view kOption = "--autostart";
  std::string out(command);
  for (auto at = out.find(kOption); at != out.npos; at = out.find(kOption, at))
    out.erase(at, kOption.size());
  return out;
}

}  // namespace shmeter::collector
