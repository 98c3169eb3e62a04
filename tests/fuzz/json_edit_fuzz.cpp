// SPDX-License-Identifier: MIT
// A settings file with a member more and a member less. Input: the path, dots between its keys; the
// value; then the file. What goes in comes out, every other byte stays, and what was JSON stays so.
#include "collector/setup/json_edit.hpp"

#include <algorithm>
#include <vector>

#include "tests/fuzz/fuzz.hpp"

namespace shmeter::fuzz {
namespace {

using collector::json_quoted;
using collector::json_value;
using collector::json_with;
using collector::json_without;

/// Ours are plain words.
bool is_plain(std::string_view key) {
  return !key.empty() && key.find_first_not_of(
                             "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == key.npos;
}

std::vector<std::string_view> path_of(std::string_view line) {
  std::vector<std::string_view> path;
  while (!line.empty() && path.size() < 3) path.push_back(take_until(line, "."));
  for (const std::string_view key : path)
    if (!is_plain(key)) return {"env", "A_NAME"};
  return path.empty() ? std::vector<std::string_view>{"env"} : path;
}

/// `whole` is `text` with something put in at one place.
bool only_adds(std::string_view text, std::string_view whole) {
  if (whole.size() < text.size()) return false;
  std::size_t front = 0;
  while (front < text.size() && text[front] == whole[front]) ++front;
  return whole.ends_with(text.substr(front));
}

std::string without_space(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
  return out;
}

/// Its space goes when something is put into it, and it goes itself when that is taken out.
bool has_empty_object(std::string_view text) {
  for (auto open = text.find('{'); open != text.npos; open = text.find('{', open + 1))
    if (text.substr(open + 1, text.find_first_not_of(" \t\r\n", open + 1) - open).ends_with('}'))
      return true;
  return false;
}

void check_put_in(std::string_view text, collector::JsonPath path, std::string_view value) {
  const auto before = json_value(text, path);
  const auto with = json_with(text, path, value);
  const bool empty = text.find_first_not_of(" \t\r\n") == text.npos;
  if (!with) {
    holds(is_one_line(with.error().message), "an error is one line", with.error().message);
    return holds(!empty, "an empty file is an empty object");
  }
  const auto there = json_value(*with, path);
  holds(there && *there && **there == value, "what was put in is there", *with);
  holds(json_with(*with, path, value) == *with, "putting it in again changes nothing", *with);
  if (empty) return;
  holds(before.has_value(), "what can be changed can be read");
  if (is_json(text)) holds(is_json(*with), "what was JSON stays so", *with);
  if (*before) return;
  const bool had_empty = has_empty_object(text);
  holds(had_empty || only_adds(text, *with), "every other byte stays", *with);
  const auto without = json_without(*with, path);
  holds(without.has_value(), "what was put in can be taken out", *with);
  // Beside a comment a line's end may stay.
  const bool same = text.find('/') == text.npos ? *without == text
                                                : without_space(*without) == without_space(text);
  holds(had_empty || same, "taking it out gives back what was there", *without);
  holds(json_value(*without, path).value().has_value() == false, "it is not there any more");
}

void check_taken_out(std::string_view text, collector::JsonPath path) {
  const auto without = json_without(text, path);
  if (!without) return;
  if (is_json(text)) holds(is_json(*without), "what was JSON stays so", *without);
  const auto left = json_value(*without, path);
  holds(left && !*left, "it is not there any more", *without);
  holds(json_without(*without, path) == *without, "taking it out again changes nothing", *without);
}

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter::fuzz;
  std::string_view rest = text_of(data, size);
  const auto path = path_of(take_line(rest));
  std::string_view given = take_line(rest);
  given.remove_prefix(std::min(given.find_first_not_of(" \t\r"), given.size()));
  given = given.substr(0, given.find_last_not_of(" \t\r") + 1);
  const std::string quoted = json_quoted(given);
  holds(is_json(quoted), "a text is quoted", quoted);
  check_put_in(rest, path, is_json(given) ? given : quoted);
  check_taken_out(rest, path);
  return 0;
}
