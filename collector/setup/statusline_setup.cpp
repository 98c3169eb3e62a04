// SPDX-License-Identifier: MIT
#include "collector/setup/statusline_setup.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "collector/setup/hooks_setup.hpp"
#include "collector/setup/json_edit.hpp"
#include "collector/setup/json_list.hpp"
#include "collector/setup/shell_words.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kVerb = "claude";
constexpr std::array<std::string_view, 1> kLine = {"statusLine"};
constexpr std::array<std::string_view, 2> kCommand = {"statusLine", "command"};

std::string command_of(std::string_view shmeter) {
  return "exec " + shell_quoted(shmeter) + " claude --autostart";
}

std::vector<std::pair<std::string_view, std::string>> members_of(std::string_view shmeter) {
  return {{"type", "\"command\""},
          {"command", json_quoted(command_of(shmeter))},
          {"refreshInterval", "10"}};
}

/// What the user's own command is, by ours that runs it; nothing when ours runs none.
std::optional<std::string> then_of(const std::vector<std::string>& words) {
  const auto option = std::find(words.begin(), words.end(), "--then");
  if (option != words.end() && option + 1 != words.end()) return option[1];
  for (const std::string& word : words)
    if (word.starts_with("--then=")) return word.substr(word.find('=') + 1);
  return std::nullopt;
}

Result<std::optional<std::string>> text_at(std::string_view settings, JsonPath path) {
  const auto value = json_value(settings, path);
  if (!value) return tl::unexpected(value.error());
  return *value ? json_text(**value) : std::nullopt;
}

Result<Edited> with_member(std::string_view settings, std::string_view shmeter) {
  std::string changed(settings);
  for (const auto& [name, value] : members_of(shmeter)) {
    const std::array<std::string_view, 2> path = {"statusLine", name};
    auto next = json_with(changed, path, value);
    if (!next) return tl::unexpected(next.error());
    changed = std::move(*next);
  }
  std::string note = note_of_disabled(changed);
  return Edited{std::move(changed), std::move(note)};
}

}  // namespace

std::string statusline_member(std::string_view shmeter) {
  return with_member({}, shmeter).value_or(Edited{}).text;
}

Result<Edited> statusline_with(std::string_view settings, std::string_view shmeter) {
  if (is_blank_json(settings)) return with_member(settings, shmeter);
  const auto line = json_value(settings, kLine);
  if (!line) return tl::unexpected(line.error());
  if (!*line) return with_member(settings, shmeter);
  const auto command = text_at(settings, kCommand);
  if (!command) return tl::unexpected(command.error());
  if (!*command)
    return fail(Errc::invalid,
                " there is a statusLine without a command; take it out, then try again");
  if (const auto words = words_of_ours(**command, kVerb)) {
    const bool starts = std::find(words->begin(), words->end(), "--autostart") != words->end();
    return Edited{std::string(settings),
                  starts ? ""
                         : "the statusLine is shmeter's already; it stays without --autostart, "
                           "which would start the collector"};
  }
  if ((*command)->find("shmeter claude") != std::string::npos)
    return Edited{std::string(settings), "the statusLine runs shmeter already; it stays as it is"};
  auto after = json_with(settings, kCommand,
                         json_quoted(command_of(shmeter) + " --then " + shell_quoted(**command)));
  if (!after) return tl::unexpected(after.error());
  return Edited{std::move(*after), "your own status line goes on being shown"};
}

Result<std::string> statusline_without(std::string_view settings, std::string_view before) {
  if (is_blank_json(settings)) return std::string(settings);
  const auto line = json_value(settings, kLine);
  if (!line) return tl::unexpected(line.error());
  if (!*line) return std::string(settings);
  const auto command = text_at(settings, kCommand);
  if (!command) return tl::unexpected(command.error());
  const auto words = words_of_ours(command->value_or(""), kVerb);
  if (!words) return std::string(settings);
  const auto theirs = then_of(*words);
  if (!theirs) return json_without(settings, kLine);
  // A text can be written in several ways: as it was, when that is known.
  const auto old = text_at(before, kCommand);
  if (old && *old == theirs)
    return json_with(settings, kCommand, json_value(before, kCommand)->value());
  return json_with(settings, kCommand, json_quoted(*theirs));
}

}  // namespace shmeter::collector
