// SPDX-License-Identifier: MIT
#include "collector/setup/polybar_setup.hpp"

#include <array>
#include <optional>
#include <vector>

#include "collector/setup/marked_block.hpp"
#include "collector/setup/shell_words.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kName = "shmeter";
constexpr std::array<std::string_view, 3> kLists = {"modules-right", "modules-center",
                                                    "modules-left"};
constexpr std::string_view kElsewhere =
    "the list is said somewhere else; put `shmeter` there yourself, and [module/shmeter] as "
    "contrib/polybar has it";

/// One `modules-…` line: where its value is in the text, without blanks and quotes around it.
struct List {
  std::string_view key;
  bool in_bar = false;
  std::size_t begin = 0;
  std::size_t end = 0;
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// The place of `part`, which is a part of `text`.
std::size_t place_in(std::string_view text, std::string_view part) {
  return static_cast<std::size_t>(part.data() - text.data());
}

std::vector<List> lists_of(std::string_view text) {
  std::vector<List> lists;
  bool in_bar = false;
  each_line(text, [&](std::string_view line, std::size_t) {
    const std::string_view words = bare_line(line);
    if (words.starts_with('[')) in_bar = words.starts_with("[bar/");
    for (const std::string_view key : kLists) {
      const auto equals = words.find('=');
      if (equals == words.npos || bare_line(words.substr(0, equals)) != key) continue;
      List list{key, in_bar, place_in(text, words) + equals + 1,
                place_in(text, words) + words.size()};
      const std::string_view value = bare_line(words.substr(equals + 1));
      if (value.size() > 1 && value.starts_with('"') && value.ends_with('"')) {
        list.begin = place_in(text, value) + 1;
        list.end = place_in(text, value) + value.size() - 1;
      }
      lists.push_back(list);
    }
  });
  return lists;
}

/// Our name in the list, as a word.
std::optional<std::size_t> name_in(std::string_view text, const List& list) {
  const std::string_view value = text.substr(0, list.end);
  for (auto at = value.find(kName, list.begin); at != value.npos; at = value.find(kName, at + 1)) {
    const std::size_t behind = at + kName.size();
    if ((at == list.begin || is_blank(value[at - 1])) &&
        (behind == value.size() || is_blank(value[behind])))
      return at;
  }
  return std::nullopt;
}

/// Bars first, and the right side first.
const List* best_of(const std::vector<List>& lists) {
  for (const std::string_view key : kLists)
    for (const bool in_bar : {true, false})
      for (const List& list : lists)
        if (list.key == key && list.in_bar == in_bar) return &list;
  return nullptr;
}

Result<std::string> with_name(std::string_view text) {
  const std::vector<List> lists = lists_of(text);
  for (const List& list : lists)
    if (name_in(text, list)) return std::string(text);
  const List* const list = best_of(lists);
  if (list == nullptr)
    return fail(Errc::invalid, " no modules-right, modules-center or modules-left here; " +
                                   std::string(kElsewhere));
  const std::string_view value = text.substr(list->begin, list->end - list->begin);
  if (value.find("${") != value.npos) return fail_at(text, list->begin, Errc::invalid, kElsewhere);
  std::string changed(text);
  const bool apart = list->begin != list->end || text[list->begin - 1] == '=';
  return changed.insert(list->end, (apart ? " " : "") + std::string(kName));
}

bool is_module(std::string_view line) { return bare_line(line) == "[module/shmeter]"; }

}  // namespace

std::string polybar_lines(std::string_view shmeter) {
  return "[module/shmeter]\ntype = custom/script\nexec = exec " + shell_quoted(shmeter) +
         " polybar --watch 2>/dev/null\ntail = true\ninterval = 5\n";
}

Result<Edited> polybar_with(std::string_view text, std::string_view shmeter) {
  if (auto free = refuse_by_hand(text, is_module); !free) return tl::unexpected(free.error());
  const auto named = with_name(text);
  if (!named) return tl::unexpected(named.error());
  auto after = with_block(*named, polybar_lines(shmeter));
  if (!after) return tl::unexpected(after.error());
  return Edited{std::move(*after), {}};
}

Result<std::string> polybar_without(std::string_view text) {
  auto changed = without_block(text);
  if (!changed || *changed == text) return changed;
  std::vector<List> lists = lists_of(*changed);
  for (auto list = lists.rbegin(); list != lists.rend(); ++list) {
    const auto at = name_in(*changed, *list);
    if (!at) continue;
    const bool blank_before = is_blank((*changed)[*at - 1]);
    const bool blank_behind = is_blank((*changed)[*at + kName.size()]);
    if (blank_before)
      changed->erase(*at - 1, kName.size() + 1);
    else
      changed->erase(*at, kName.size() + (blank_behind ? 1 : 0));
  }
  return changed;
}

}  // namespace shmeter::collector
