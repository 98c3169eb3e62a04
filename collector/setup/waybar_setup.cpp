// SPDX-License-Identifier: MIT
#include "collector/setup/waybar_setup.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "collector/setup/json_edit.hpp"
#include "collector/setup/json_list.hpp"
#include "collector/setup/json_scanner.hpp"
#include "collector/setup/marked_block.hpp"
#include "collector/setup/shell_words.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kName = "custom/shmeter";
constexpr std::array<std::string_view, 1> kModule = {kName};
constexpr std::array<std::string_view, 2> kExec = {kName, "exec"};
constexpr std::array<std::string_view, 3> kLists = {"modules-right", "modules-center",
                                                    "modules-left"};

std::vector<std::pair<std::string_view, std::string>> members_of(std::string_view shmeter) {
  return {{"exec", json_quoted("exec " + shell_quoted(shmeter) + " waybar --watch")},
          {"return-type", "\"json\""},
          {"restart-interval", "5"},
          {"format", "\"{}\""}};
}

/// The objects of all bars: the file is one, or a list of them.
Result<std::vector<std::string_view>> bars_of(std::string_view text) {
  const std::size_t begin = JsonScanner(text).behind_space(0);
  if (begin == text.size())
    return fail(Errc::invalid,
                " there is nothing in it; copy waybar's own /etc/xdg/waybar/config.jsonc there "
                "first, then try again");
  if (text[begin] == '[') return json_elements(text);
  JsonScanner scanner(text);
  JsonObject object;
  if (!scanner.whole(object)) return tl::unexpected(scanner.error());
  return std::vector{text.substr(object.open, object.close + 1 - object.open)};
}

bool is_name(std::string_view value) { return json_text(value) == kName; }

/// One `modules-…` list of one bar; empty when it has none.
struct List {
  std::size_t bar = 0;
  std::string_view key;
  std::string_view text;
};

Result<List> list_of(std::string_view text, const std::vector<std::string_view>& bars,
                     std::size_t bar, std::string_view key) {
  const std::array<std::string_view, 1> path = {key};
  const auto value = json_value(bars[bar], path);
  if (!value) {
    // A column in the bar is none in the file.
    return fail_at(text, static_cast<std::size_t>(bars[bar].data() - text.data()), Errc::invalid,
                   "this bar: " + value.error().message);
  }
  return List{bar, key, value->value_or(std::string_view())};
}

/// All that there are, by the side that they are on.
Result<std::vector<List>> lists_of(std::string_view text,
                                   const std::vector<std::string_view>& bars) {
  std::vector<List> lists;
  for (const std::string_view key : kLists) {
    for (std::size_t bar = 0; bar < bars.size(); ++bar) {
      auto list = list_of(text, bars, bar, key);
      if (!list) return tl::unexpected(list.error());
      if (!list->text.empty()) lists.push_back(*list);
    }
  }
  return lists;
}

std::optional<std::size_t> name_in(const List& list) {
  const auto elements = json_elements(list.text);
  if (!elements) return std::nullopt;
  const auto at = std::find_if(elements->begin(), elements->end(), is_name);
  if (at == elements->end()) return std::nullopt;
  return static_cast<std::size_t>(at - elements->begin());
}

bool is_ours(std::string_view bar) {
  const auto exec = json_value(bar, kExec);
  return exec && *exec && words_of_ours(json_text(**exec).value_or(""), "waybar");
}

Result<std::string> with_module(std::string_view bar, std::string_view shmeter) {
  std::string changed(bar);
  for (const auto& [name, value] : members_of(shmeter)) {
    const std::array<std::string_view, 2> path = {kName, name};
    auto next = json_with(changed, path, value);
    if (!next) return next;
    changed = std::move(*next);
  }
  return changed;
}

/// The bar's lists without our name, then the bar without our module.
Result<std::string> without_ours(std::string bar) {
  for (const std::string_view key : kLists) {
    const std::array<std::string_view, 1> path = {key};
    const auto list = json_value(bar, path);
    if (!list) return tl::unexpected(list.error());
    const auto at = *list ? name_in({0, key, **list}) : std::nullopt;
    if (!at) continue;
    const auto shorter = json_list_without(**list, *at);
    if (!shorter) return shorter;
    bar = json_replaced(bar, **list, *shorter);
  }
  return is_ours(bar) ? json_without(bar, kModule) : Result<std::string>(std::move(bar));
}

}  // namespace

std::string waybar_member(std::string_view shmeter) {
  const std::string object = with_module("{}", shmeter).value_or("");
  std::string member;  // as it stands in a bar, without the braces around it
  each_line(object, [&](std::string_view line, std::size_t) {
    if (line.starts_with("  ")) member += line.substr(2);
  });
  return member;
}

Result<Edited> waybar_with(std::string_view text, std::string_view shmeter) {
  const auto bars = bars_of(text);
  if (!bars) return tl::unexpected(bars.error());
  for (const std::string_view bar : *bars) {
    const auto module = json_value(bar, kModule);
    if (!module || !*module) continue;
    if (is_ours(bar)) return Edited{std::string(text), {}};
    return fail_at(text, static_cast<std::size_t>((**module).data() - text.data()), Errc::exists,
                   "there is a module custom/shmeter that is not ours; take it out first");
  }
  const auto lists = lists_of(text, *bars);
  if (!lists) return tl::unexpected(lists.error());
  const auto named = std::find_if(lists->begin(), lists->end(),
                                  [](const List& list) { return name_in(list).has_value(); });
  if (lists->empty())
    return fail(Errc::invalid,
                " no modules-right, modules-center or modules-left here; put \"custom/shmeter\" "
                "into the list where it is, and the module as contrib/waybar has it");
  const List& list = named != lists->end() ? *named : lists->front();
  std::string bar((*bars)[list.bar]);
  if (named == lists->end()) {
    const auto longer = json_list_with(list.text, json_quoted(kName));
    if (!longer)
      return fail_at(text, static_cast<std::size_t>(list.text.data() - text.data()), Errc::invalid,
                     "a list of modules is expected");
    bar = json_replaced((*bars)[list.bar], list.text, *longer);
  }
  const auto after = with_module(bar, shmeter);
  if (!after) return tl::unexpected(after.error());
  return Edited{json_replaced(text, (*bars)[list.bar], *after), {}};
}

Result<std::string> waybar_without(std::string_view text) {
  if (is_blank_json(text)) return std::string(text);
  const auto bars = bars_of(text);
  if (!bars) return tl::unexpected(bars.error());
  std::string changed(text);
  // From the last one on: what stands before a changed one stays where it is.
  for (auto bar = bars->rbegin(); bar != bars->rend(); ++bar) {
    auto without = without_ours(std::string(*bar));
    if (!without) return without;
    changed.replace(static_cast<std::size_t>(bar->data() - text.data()), bar->size(), *without);
  }
  return changed;
}

}  // namespace shmeter::collector
