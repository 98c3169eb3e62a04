// SPDX-License-Identifier: MIT
#include "collector/config/line_groups.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

constexpr std::string_view kFill = "fill";
constexpr int kLeastImportant = 9;

/// `text` follows a separator. Importance: 1 stays longest.
struct Group {
  std::string_view name;
  int importance;
  std::string_view text;
};
constexpr Group kGroups[] = {
    {"model", 1, "<icon:model><accent>{session.model}</>"},
    {"effort", 7, "<dim>{session.effort}</>[ <warn>{session.fast}</>]||<warn>{session.fast}</>"},
    {"session", 6, "{session.name}||{session.dir}"},
    {"status", 5, "{session.status}"},
    {"agent", 7, "<icon:agent>{session.agent}"},
    {"dir", 5, "<icon:dir>{session.dir}"},
    {"branch", 7, "<icon:branch>{session.branch}"},
    {"context", 4,
     "<icon:context><auto:session.context>{session.context|bar:6}</> {session.context}"},
    {"cache", 8, "<icon:cache><ok>{session.cache_left}</>"},
    {"cost", 2, "<icon:cost>{session.cost}"},
    {"tokens", 6, "{session.tokens} tok"},
    {"lines", 9, "<icon:lines><ok>+{session.lines_added}</> <crit>-{session.lines_removed}</>"},
    {"tools", 9, "<icon:tools>{session.tool_calls} tools"},
    {"today", 6, "<icon:today>today {today.cost}"},
    {"week", 7, "week {week.cost}"},
    {"month", 8, "month {month.cost}"},
    {"block", 7, "<icon:block>block {block.cost}[ <dim>({block.ends_in})</>]"},
    {"burn", 8, "<icon:burn>{block.cost_per_hour}/h"},
    {"hours", 9, "<dim>{hours.cost|spark}</>"},
    {"five_hour", 3,
     "<icon:five_hour>5h <auto:five_hour.used>{five_hour.used}</>"
     "[!7: <dim>({five_hour.resets_in})</>][!1: <dim>{five_hour.old} old</>]"},
    {"seven_day", 5,
     "<icon:seven_day>7d <auto:seven_day.used>{seven_day.used}</>"
     "[!8: <dim>({seven_day.resets_in})</>][!1: <dim>{seven_day.old} old</>]"},
    {"scoped", 8, "{scoped.name} <auto:scoped.used>{scoped.used}</>[!1: <dim>{scoped.old} old</>]"},
    {"pace", 8, "pace {five_hour.pace}"},
    {"projection", 8, "-> <auto:five_hour.projected>{five_hour.projected}</>"},
    {"health", 6, "<icon:health><auto:account.health>{account.health}</>"},
    {"account", 6, "{account.name}"},
    {"sessions", 8,
     "<icon:sessions>{sessions.active} active[, <warn>{sessions.waiting} waiting</>]"},
};

int importance_of(const Group& group, std::span<const std::string> priority) {
  if (priority.empty()) return group.importance;
  const auto at = std::find(priority.begin(), priority.end(), group.name);
  if (at == priority.end()) return kLeastImportant;
  return static_cast<int>(std::min<std::ptrdiff_t>(at - priority.begin() + 1, kLeastImportant - 1));
}

}  // namespace

std::vector<std::string_view> line_group_names() {
  std::vector<std::string_view> names;
  for (const Group& group : kGroups) names.push_back(group.name);
  names.push_back(kFill);
  return names;
}

std::string line_of_groups(std::span<const std::string> groups,
                           std::span<const std::string> priority) {
  std::string line;
  for (const std::string& name : groups) {
    if (name == kFill) line += "{fill}";
    for (const Group& group : kGroups) {
      if (group.name != name) continue;
      line += "[!" + std::to_string(importance_of(group, priority)) + ":<sep>";
      // Each alternative stands behind a separator of its own.
      for (const char* at = group.text.begin(); at != group.text.end(); ++at) {
        line += *at;
        if (line.ends_with("||")) line += "<sep>";
      }
      line += ']';
    }
  }
  return line;
}

}  // namespace shmeter::collector
