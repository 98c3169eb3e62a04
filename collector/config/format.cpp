// SPDX-License-Identifier: MIT
#include "collector/config/format.hpp"

#include <algorithm>

#include "collector/config/keys.hpp"
#include "collector/config/line_groups.hpp"
#include "collector/config/node.hpp"
#include "formats/render.hpp"

namespace shmeter::collector {
namespace {

void check(const std::string& templ, const toml::node& node, std::string_view file) {
  formats::TemplateError error;
  if (formats::check_template(templ, error)) return;
  refuse(place_in_file(file, place(node), {error.line, error.column}), error.message);
}

std::vector<std::string_view> target_names() {
  std::vector<std::string_view> names;
  for (int i = 0; i < static_cast<int>(formats::Target::json); ++i)
    names.push_back(formats::target_name(static_cast<formats::Target>(i)));
  return names;
}

/// Known names of that kind, each once.
std::vector<std::string> names_of(const toml::node& node, std::string_view kind,
                                  const std::vector<std::string_view>& known,
                                  std::string_view example) {
  const auto* list = node.as_array();
  if (list == nullptr || list->empty())
    refuse(place(node),
           "write a list of " + std::string(kind) + "s such as [" + std::string(example) + "]");
  std::vector<std::string> names;
  for (const toml::node& one : *list) {
    std::string name(known[choice(one, kind, known)]);
    if (std::find(names.begin(), names.end(), name) != names.end())
      refuse(place(one), in_quotes(name) + " stands here twice; remove one");
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> group_names(const toml::node& node) {
  return names_of(node, "group", line_group_names(), R"("model", "cost", "five_hour")");
}

/// A template, the name of one, or groups to make one of.
std::string line_template(const Table& table, std::string_view target, std::string_view file) {
  const toml::node* const groups = table.find("groups");
  const toml::node* const priority = table.find("priority");
  const toml::node* const templ = table.find("template");
  if (groups != nullptr && templ != nullptr)
    refuse(place(*groups), "\"template\" says already what the line shows; remove one");
  if (groups != nullptr)
    return line_of_groups(group_names(*groups), priority == nullptr ? std::vector<std::string>()
                                                                    : group_names(*priority));
  if (priority != nullptr)
    refuse(place(*priority), "is for \"groups\"; in a template write [!1:...] to [!9:...]");
  const toml::node& node = table.need("template");
  std::string text = text_of(node);
  formats::Target parsed{};
  formats::parse_target(target, parsed);
  if (const auto named = formats::named_template(text, parsed); !named.empty())
    return std::string(named);
  check(text, node, file);
  return text;
}

}  // namespace

void read_formats(const toml::node* node, std::string_view file, Config& config) {
  if (node == nullptr) return;
  const Table table(*node, "[format]", target_names());
  std::size_t bytes = config.theme.size();
  for (const auto& [key, value] : table.all()) {
    const Table target(value, "[format." + std::string(key.str()) + "]", config_keys("format"));
    FormatConfig format{std::string(key.str()), line_template(target, key.str(), file)};
    bytes += format.text.size() + sizeof(shm::u64);
    if (bytes > shm::kFormatTextBytes)
      refuse(place(value), "all templates together are longer than 16 KiB; shorten them");
    config.formats.push_back(std::move(format));
  }
}

LinesConfig read_lines(const toml::node& node) {
  static constexpr std::string_view kColours[] = {"16", "256", "truecolor"};
  const Table table(node, "[lines]", config_keys("lines"));
  LinesConfig lines;
  if (const auto* targets = table.find("targets"))
    lines.targets = names_of(*targets, "target", target_names(), R"("zsh", "tmux")");
  if (const auto* colours = table.find("colours"))
    lines.colour = static_cast<LinesConfig::Colour>(choice(*colours, "colours", kColours));
  return lines;
}

}  // namespace shmeter::collector
