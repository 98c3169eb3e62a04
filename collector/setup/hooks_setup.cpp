// SPDX-License-Identifier: MIT
#include "collector/setup/hooks_setup.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "collector/setup/json_edit.hpp"
#include "collector/setup/json_list.hpp"
#include "collector/setup/shell_words.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kVerb = "hook";
constexpr std::array<std::string_view, 8> kEvents = {
    "SessionStart", "SessionEnd", "UserPromptSubmit", "PostToolUse",
    "Notification", "Stop",       "StopFailure",      "SubagentStop"};
constexpr std::array<std::string_view, 1> kHooks = {"hooks"};

std::array<std::string_view, 2> path_of(std::string_view event) { return {"hooks", event}; }

/// One entry of an event's list.
std::string entry_of(std::string_view shmeter) {
  return "{ \"hooks\": [{ \"type\": \"command\", \"command\": " +
         json_quoted("exec " + shell_quoted(shmeter) + " hook") + ", \"timeout\": 5 }] }";
}

/// The hooks of an entry; none when it is in another form, which is not ours then.
std::vector<std::string_view> hooks_of(std::string_view entry) {
  const auto list = json_value(entry, kHooks);
  if (!list || !*list) return {};
  return json_elements(**list).value_or(std::vector<std::string_view>{});
}

bool is_ours(std::string_view hook) {
  constexpr std::array<std::string_view, 1> kCommand = {"command"};
  const auto command = json_value(hook, kCommand);
  if (!command || !*command) return false;
  return words_of_ours(json_text(**command).value_or(""), kVerb).has_value();
}

/// Where a hook of ours stands in an event's list: the entry's index, and its own in the entry.
struct Place {
  std::size_t entry = 0;
  std::size_t hook = 0;
};

std::optional<Place> place_of_ours(const std::vector<std::string_view>& entries) {
  for (std::size_t entry = 0; entry < entries.size(); ++entry) {
    const auto hooks = hooks_of(entries[entry]);
    for (std::size_t hook = 0; hook < hooks.size(); ++hook)
      if (is_ours(hooks[hook])) return Place{entry, hook};
  }
  return std::nullopt;
}

/// Another column than that of the file would mislead.
tl::unexpected<Error> no_list(std::string_view event) {
  return fail(Errc::invalid,
              " hooks." + std::string(event) + " is no list; put it right, then try again");
}

Result<std::string> with_event(const std::string& settings, std::string_view event,
                               std::string_view shmeter) {
  const auto path = path_of(event);
  if (is_blank_json(settings)) return json_with(settings, path, '[' + entry_of(shmeter) + ']');
  const auto list = json_value(settings, path);
  if (!list) return tl::unexpected(list.error());
  if (!*list) return json_with(settings, path, '[' + entry_of(shmeter) + ']');
  const auto entries = json_elements(**list);
  if (!entries) return no_list(event);
  if (place_of_ours(*entries)) return settings;
  const auto longer = json_list_with(**list, entry_of(shmeter));
  if (!longer) return no_list(event);
  return json_replaced(settings, **list, *longer);
}

/// An event's list without one hook of ours, and without the entry that it leaves empty.
Result<std::string> without_one(std::string_view list, std::string_view entry, Place place) {
  if (hooks_of(entry).size() == 1) return json_list_without(list, place.entry);
  const auto hooks = json_value(entry, kHooks);
  const auto shorter = json_list_without(**hooks, place.hook);
  if (!shorter) return shorter;
  return json_replaced(list, **hooks, *shorter);
}

Result<std::string> without_event(std::string settings, std::string_view event) {
  const auto path = path_of(event);
  for (;;) {
    const auto list = json_value(settings, path);
    if (!list) return tl::unexpected(list.error());
    if (!*list) return settings;
    const auto entries = json_elements(**list);
    const auto place = entries ? place_of_ours(*entries) : std::nullopt;
    if (!place) return settings;
    if (entries->size() == 1 && hooks_of(entries->front()).size() == 1)
      return json_without(settings, path);
    auto shorter = without_one(**list, (*entries)[place->entry], *place);
    if (!shorter) return shorter;
    settings = json_replaced(settings, **list, *shorter);
  }
}

}  // namespace

std::string hooks_member(std::string_view shmeter) {
  return hooks_with({}, shmeter).value_or(Edited{}).text;
}

Result<Edited> hooks_with(std::string_view settings, std::string_view shmeter) {
  std::string changed(settings);
  for (const std::string_view event : kEvents) {
    auto next = with_event(changed, event, shmeter);
    if (!next) return tl::unexpected(next.error());
    changed = std::move(*next);
  }
  std::string note = note_of_disabled(changed);
  return Edited{std::move(changed), std::move(note)};
}

std::string note_of_disabled(std::string_view settings) {
  constexpr std::array<std::string_view, 1> kDisabled = {"disableAllHooks"};
  const auto value = json_value(settings, kDisabled);
  if (!value || *value != "true") return {};
  return "disableAllHooks is true there: hooks and status line are off until it is taken out";
}

Result<std::string> hooks_without(std::string_view settings) {
  std::string changed(settings);
  if (is_blank_json(settings)) return changed;
  for (const std::string_view event : kEvents) {
    auto next = without_event(std::move(changed), event);
    if (!next) return next;
    changed = std::move(*next);
  }
  return changed;
}

}  // namespace shmeter::collector
