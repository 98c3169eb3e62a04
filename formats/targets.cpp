// SPDX-License-Identifier: MIT
// The targets by name, and the line that each shows by itself.
#include <array>

#include "formats/render.hpp"

namespace shmeter::formats {

namespace {

// In the order of Target.
constexpr std::array<std::string_view, 11> kNames = {"plain",    "ansi",   "claude",  "tmux",
                                                     "starship", "waybar", "polybar", "zsh",
                                                     "bash",     "fish",   "json"};

// A limit that nobody has told of for an hour carries its age wherever it shows: the age's group is
// the last to go.
constexpr std::string_view kLine =
    "[!1:<accent>{session.model}</>]"
    "[!4:<sep><auto:session.context>{session.context|bar:6}</> {session.context}]"
    "[!2:<sep><link>{session.cost}</>]"
    "[!6:<sep>today {today.cost}]"
    "[!3:<sep>5h <auto:five_hour.used>{five_hour.used}</>[!7: <dim>({five_hour.resets_in})</>]"
    "[!1: <dim>{five_hour.old} old</>]]"
    "[!5:<sep>7d <auto:seven_day.used>{seven_day.used}</>[!1: <dim>{seven_day.old} old</>]]";

}  // namespace

bool parse_target(std::string_view name, Target& target) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] != name) continue;
    target = static_cast<Target>(i);
    return true;
  }
  return false;
}

std::string_view target_name(Target target) noexcept {
  return kNames[static_cast<std::size_t>(target)];
}

std::string_view default_template(Target target) noexcept {
  return target == Target::json ? std::string_view{} : kLine;
}

// Asked for every line; the texts themselves seldom are (plugin/sys/reader.ld).
std::string_view named_template(std::string_view name, Target target) noexcept {
  if (name == "default") return default_template(target);
  if (name == "compact") return compact_template();
  if (name == "full") return full_template();
  return name == "rich" ? rich_template() : std::string_view{};
}

}  // namespace shmeter::formats
