// SPDX-License-Identifier: MIT
#include "collector/setup/json_list.hpp"

#include <simdjson.h>

#include "collector/setup/json_scanner.hpp"

namespace shmeter::collector {
namespace {

Result<JsonArray> array_of(std::string_view list) {
  JsonScanner scanner(list);
  JsonArray array;
  if (!scanner.whole(array)) return tl::unexpected(scanner.error());
  return array;
}

/// What stands between two elements of this list; one that holds a comment is not taken again.
std::string_view step_of(std::string_view list, const JsonArray& array) {
  const auto& elements = array.elements;
  std::size_t begin = array.open + 1, end = elements[0].begin;
  if (const std::size_t n = elements.size(); n > 1) {
    begin = list.find(',', elements[n - 2].end) + 1;
    end = elements[n - 1].begin;
  }
  const std::string_view step = list.substr(begin, end - begin);
  const bool plain = step.find_first_not_of(kJsonSpace) == step.npos;
  return plain && (elements.size() > 1 || step.find('\n') != step.npos) ? step : " ";
}

}  // namespace

Result<std::vector<std::string_view>> json_elements(std::string_view list) {
  const auto array = array_of(list);
  if (!array) return tl::unexpected(array.error());
  std::vector<std::string_view> elements;
  for (const JsonSpan& one : array->elements)
    elements.push_back(list.substr(one.begin, one.end - one.begin));
  return elements;
}

Result<std::string> json_list_with(std::string_view list, std::string_view element) {
  const auto array = array_of(list);
  if (!array) return tl::unexpected(array.error());
  std::string changed(list);
  if (!array->elements.empty()) {
    const std::string step = "," + std::string(step_of(list, *array)) + std::string(element);
    return changed.insert(array->elements.back().end, step);
  }
  const std::string_view inside = list.substr(array->open + 1, array->close - array->open - 1);
  if (inside.find('/') == inside.npos)
    return changed.replace(array->open + 1, inside.size(), element);
  // Behind the line that a comment may go on to the end of.
  return changed.insert(array->close, "\n" + std::string(element));
}

Result<std::string> json_list_without(std::string_view list, std::size_t index) {
  const auto array = array_of(list);
  if (!array) return tl::unexpected(array.error());
  const auto& elements = array->elements;
  std::size_t begin = elements[index].begin, end = elements[index].end;
  if (index > 0) {
    begin = elements[index - 1].end;
  } else if (elements.size() > 1) {
    end = elements[1].begin;
  } else {
    JsonScanner scanner(list);
    const std::size_t comma = scanner.behind_space(end);
    const bool last_comma = list[comma] == ',';
    std::string changed(list);
    if (last_comma) changed.erase(comma, 1);
    // The line that was begun for it behind a comment.
    if (begin > 0 && list[begin - 1] == '\n' && list.substr(0, begin).find('/') != list.npos)
      --begin;
    return changed.erase(begin, end - begin);
  }
  return std::string(list.substr(0, begin)) + std::string(list.substr(end));
}

bool is_blank_json(std::string_view text) {
  return text.find_first_not_of(kJsonSpace) == text.npos;
}

std::optional<std::string> json_text(std::string_view value) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(simdjson::padded_string(value)).get(text) != simdjson::SUCCESS)
    return std::nullopt;
  return std::string(text);
}

std::string json_replaced(std::string_view text, std::string_view part, std::string_view by) {
  std::string changed(text);
  return changed.replace(static_cast<std::size_t>(part.data() - text.data()), part.size(), by);
}

}  // namespace shmeter::collector
