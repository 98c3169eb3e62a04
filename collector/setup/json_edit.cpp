// SPDX-License-Identifier: MIT
#include "collector/setup/json_edit.hpp"

#include <algorithm>
#include <vector>

#include "collector/append_to.hpp"
#include "collector/setup/json_scanner.hpp"
#include "formats/json_writer.hpp"

namespace shmeter::collector {
namespace {

/// The objects on the way to a member: the outermost, and as many as there are.
Result<std::vector<JsonObject>> objects_on(std::string_view text, JsonPath path) {
  JsonScanner scanner(text);
  std::vector<JsonObject> found(1);
  if (!scanner.whole(found[0])) return tl::unexpected(scanner.error());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!scanner.once(found.back(), path[i])) return tl::unexpected(scanner.error());
    const JsonMember* const next = found.back().find(path[i]);
    if (next == nullptr || i + 1 == path.size()) break;
    JsonObject object;
    if (!scanner.object_at(next->value, object)) return tl::unexpected(scanner.error());
    found.push_back(std::move(object));
  }
  return found;
}

std::string indent_of_line(std::string_view text, std::size_t at) {
  const std::size_t begin = text.substr(0, at).rfind('\n') + 1;
  const std::string_view line = text.substr(begin, at - begin);
  return std::string(line.substr(0, std::min(line.find_first_not_of(" \t"), line.size())));
}

/// What stands before each member of the outermost object: a line and its indent, or less.
std::string space_before_first(std::string_view text, const JsonObject& object) {
  if (object.members.empty()) return "\n  ";
  const std::string_view before =
      text.substr(object.open + 1, object.members[0].key - object.open - 1);
  // A comment that leads the first member does not lead the others.
  const auto line = before.rfind('\n');
  if (line == before.npos) return std::string(before.find('/') == before.npos ? before : " ");
  const std::string_view own = before.substr(line);
  return std::string(own.substr(0, std::min(own.find_first_not_of(kJsonSpace), own.size())));
}

/// Of a member in a line of its own.
std::string indent_of(std::string_view step) {
  return std::string(step.substr(std::min(step.find('\n') + 1, step.size())));  // npos + 1 = 0
}

/// Where the comments in an object without members are over; just behind the brace without any.
std::size_t end_of_comments(std::string_view text, const JsonObject& object) {
  return text.substr(0, object.close).find_last_not_of(kJsonSpace) + 1;
}

/// `value` behind `name`, in the way in which this file writes members at this place.
std::string with_member(std::string_view text, const JsonObject& outermost,
                        const JsonObject& object, std::string_view name, std::string_view value) {
  const std::string step = space_before_first(text, outermost);
  const bool in_lines = step.find('\n') != step.npos;
  std::string member = '"' + std::string(name) + "\":" + (in_lines ? " " : "") + std::string(value);
  if (!object.members.empty()) {
    const std::size_t end = object.members.back().end;
    return std::string(text.substr(0, end)) + ',' + space_before_first(text, object) + member +
           std::string(text.substr(end));
  }
  const std::string indent = indent_of_line(text, object.open);
  if (const std::size_t end = end_of_comments(text, object); end > object.open + 1)
    return std::string(text.substr(0, end)) + '\n' + indent + indent_of(step) + member +
           std::string(text.substr(end));
  if (in_lines) member = '\n' + indent + indent_of(step) + member + '\n' + indent;
  return std::string(text.substr(0, object.open + 1)) + member +
         std::string(text.substr(object.close));
}

/// Whether the object is more than its only member.
bool has_comments(std::string_view text, const JsonObject& object, const JsonMember& member) {
  return text.substr(object.open, member.key - object.open).find('/') != text.npos ||
         text.substr(member.end, object.close - member.end).find('/') != text.npos;
}

/// What stays are its comments, and then the space between them.
std::string without_only_member(std::string_view text, const JsonObject& object,
                                const JsonMember& member) {
  const std::string_view before = text.substr(object.open + 1, member.key - object.open - 1);
  std::string behind(text.substr(member.end, object.close - member.end));
  const std::size_t comma = JsonScanner(text).behind_space(member.end);
  if (text[comma] == ',') behind.erase(comma - member.end, 1);
  std::string left;
  if (has_comments(text, object, member)) {
    // Without a line's end a comment would go on over what stands behind it.
    const auto next = behind.find_first_not_of(" \t\r");
    const bool ends_line = next != behind.npos && behind[next] == '\n';
    left = before.substr(0, ends_line ? before.find_last_not_of(kJsonSpace) + 1 : before.npos);
    left += behind;
  }
  return std::string(text.substr(0, object.open + 1)) + left +
         std::string(text.substr(object.close));
}

/// The member and the comma that parts it from the one before it, or behind it.
std::string without_member(std::string_view text, const JsonObject& object,
                           const JsonMember& member) {
  const auto index = static_cast<std::size_t>(&member - object.members.data());
  std::size_t begin = object.open + 1;
  std::size_t end = object.close;
  if (object.members.size() == 1) return without_only_member(text, object, member);
  if (index > 0) {
    begin = object.members[index - 1].end;
    end = member.end;
  } else {
    begin = member.key;
    end = object.members[1].key;
  }
  return std::string(text.substr(0, begin)) + std::string(text.substr(end));
}

}  // namespace

Result<std::optional<std::string_view>> json_value(std::string_view text, JsonPath path) {
  const auto objects = objects_on(text, path);
  if (!objects) return tl::unexpected(objects.error());
  if (objects->size() < path.size()) return std::nullopt;
  const JsonMember* const member = objects->back().find(path.back());
  if (member == nullptr) return std::nullopt;
  return text.substr(member->value, member->end - member->value);
}

Result<std::string> json_with(std::string_view text, JsonPath path, std::string_view value) {
  std::string changed(text);
  if (text.find_first_not_of(kJsonSpace) == text.npos) changed = "{}\n";
  for (;;) {
    const auto objects = objects_on(changed, path);
    if (!objects) return tl::unexpected(objects.error());
    const JsonObject& object = objects->back();
    const std::string_view name = path[objects->size() - 1];
    const bool there = objects->size() == path.size();
    const JsonMember* const member = there ? object.find(name) : nullptr;
    if (member != nullptr)
      return changed.replace(member->value, member->end - member->value, value);
    changed = with_member(changed, objects->front(), object, name, there ? value : "{}");
    if (there) return changed;
  }
}

Result<std::string> json_without(std::string_view text, JsonPath path) {
  const auto objects = objects_on(text, path);
  if (!objects) return tl::unexpected(objects.error());
  if (objects->size() < path.size()) return std::string(text);
  for (std::size_t depth = path.size(); depth-- > 0;) {
    const JsonObject& object = (*objects)[depth];
    const JsonMember* const member = object.find(path[depth]);
    if (member == nullptr) break;
    if (object.members.size() > 1 || depth == 0 || has_comments(text, object, *member))
      return without_member(text, object, *member);
  }
  return std::string(text);
}

std::string json_quoted(std::string_view text) {
  std::string out;
  formats::JsonWriter writer(append_to, &out);
  writer.string(text);
  writer.end();
  return out;
}

}  // namespace shmeter::collector
