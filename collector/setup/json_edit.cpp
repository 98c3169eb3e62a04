// SPDX-License-Identifier: MIT
#include "collector/setup/json_edit.hpp"

#include <algorithm>
#include <vector>

#include "collector/append_to.hpp"
#include "formats/json_writer.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr int kMostDepth = 100;

struct Member {
  std::string_view name;  // between its quotes
  std::size_t key = 0;    // its opening quote
  std::size_t value = 0;  // where the value begins
  std::size_t end = 0;    // and where it is over
};

struct Object {
  std::size_t open = 0;   // the brace
  std::size_t close = 0;  // the other one
  std::vector<Member> members;

  const Member* find(std::string_view name) const {
    const auto at = std::find_if(members.begin(), members.end(),
                                 [&](const Member& member) { return member.name == name; });
    return at == members.end() ? nullptr : &*at;
  }
};

/// Finds where things begin and end; looks no closer at a value than that needs. Once something was
/// wrong everything answers false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// The object that is all there is from there on, but for space.
  bool whole(Object& to) {
    if (!skip_space() || !object(&to, 0) || !skip_space()) return false;
    return at_ == text_.size() || wrong("something stands behind the object");
  }
  bool object_at(std::size_t at, Object& to) {
    at_ = at;
    return object(&to, 0);
  }
  /// The first place from there on that is neither space nor comment.
  std::size_t behind_space(std::size_t at) {
    at_ = at;
    skip_space();
    return at_;
  }
  /// Whether each of its members of that name is the only one: whoever reads the file takes the
  /// first or the last.
  bool once(const Object& object, std::string_view name) {
    const Member* const first = object.find(name);
    for (const Member& member : object.members) {
      if (member.name != name || &member == first) continue;
      at_ = member.key;
      return wrong("a second member of that name");
    }
    return true;
  }
  /// Of the first thing that was wrong.
  Error error() const {
    const std::string_view before = text_.substr(0, at_);
    const auto line_start = before.rfind('\n') + 1;  // npos + 1 = 0
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    return {Errc::invalid,
            std::to_string(line) + ':' + std::to_string(at_ - line_start + 1) + ": " + what_};
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool wrong(const char* what) {
    if (what_ == nullptr) what_ = what;
    return false;
  }
  bool take(char c, const char* what) { return peek() == c ? (++at_, true) : wrong(what); }

  /// Comments, too.
  bool skip_space() {
    for (;;) {
      at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (rest.starts_with("/*")) {
        const auto end = text_.find("*/", at_ + 2);
        if (end == text_.npos) return wrong("a comment without end");
        at_ = end + 2;
      } else {
        return true;
      }
    }
  }

  bool string(std::string_view* inside = nullptr) {
    const std::size_t begin = at_ + 1;
    if (!take('"', "a text in quotes is expected")) return false;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    if (at_ >= text_.size()) return at_ = begin - 1, wrong("a text without end");
    if (inside != nullptr) *inside = text_.substr(begin, at_ - begin);
    ++at_;
    return true;
  }

  bool value(int depth) {
    switch (peek()) {
      case '"':
        return string();
      case '{':
        return object(nullptr, depth + 1);
      case '[':
        return array(depth + 1);
      default: {
        const std::size_t begin = at_;
        at_ = std::min(text_.find_first_of(" \t\r\n,:{}[]\"/", at_), text_.size());
        return at_ > begin || wrong("a value is expected");
      }
    }
  }

  /// Calls element() until `close`, with commas between; a last comma is let pass, as some programs
  /// do.
  template <class Element>
  bool list(char close, Element&& element) {
    ++at_;
    while (skip_space()) {
      if (peek() == close) return ++at_, true;
      if (!element() || !skip_space()) return false;
      if (peek() == close) continue;
      if (!take(',', "a comma is expected")) return false;
    }
    return false;
  }

  bool array(int depth) {
    if (depth > kMostDepth) return wrong("too deep");
    return list(']', [&] { return value(depth); });
  }

  bool object(Object* to, int depth) {
    if (peek() != '{') return wrong("an object is expected");
    if (depth > kMostDepth) return wrong("too deep");
    if (to != nullptr) to->open = at_;
    const bool done = list('}', [&] {
      Member member;
      member.key = at_;
      if (!string(&member.name) || !skip_space() || !take(':', "a colon is expected") ||
          !skip_space())
        return false;
      member.value = at_;
      if (!value(depth)) return false;
      member.end = at_;
      if (to != nullptr) to->members.push_back(member);
      return true;
    });
    if (done && to != nullptr) to->close = at_ - 1;
    return done;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  const char* what_ = nullptr;
};

/// The objects on the way to a member: the outermost, and as many as there are.
Result<std::vector<Object>> objects_on(std::string_view text, JsonPath path) {
  Scanner scanner(text);
  std::vector<Object> found(1);
  if (!scanner.whole(found[0])) return tl::unexpected(scanner.error());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!scanner.once(found.back(), path[i])) return tl::unexpected(scanner.error());
    const Member* const next = found.back().find(path[i]);
    if (next == nullptr || i + 1 == path.size()) break;
    Object object;
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
std::string space_before_first(std::string_view text, const Object& object) {
  if (object.members.empty()) return "\n  ";
  const std::string_view before =
      text.substr(object.open + 1, object.members[0].key - object.open - 1);
  // A comment that leads the first member does not lead the others.
  const auto line = before.rfind('\n');
  if (line == before.npos) return std::string(before.find('/') == before.npos ? before : " ");
  const std::string_view own = before.substr(line);
  return std::string(own.substr(0, std::min(own.find_first_not_of(kSpace), own.size())));
}

/// Of a member in a line of its own.
std::string indent_of(std::string_view step) {
  return std::string(step.substr(std::min(step.find('\n') + 1, step.size())));  // npos + 1 = 0
}

/// Where the comments in an object without members are over; just behind the brace without any.
std::size_t end_of_comments(std::string_view text, const Object& object) {
  return text.substr(0, object.close).find_last_not_of(kSpace) + 1;
}

/// `value` behind `name`, in the way in which this file writes members at this place.
std::string with_member(std::string_view text, const Object& outermost, const Object& object,
                        std::string_view name, std::string_view value) {
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
bool has_comments(std::string_view text, const Object& object, const Member& member) {
  return text.substr(object.open, member.key - object.open).find('/') != text.npos ||
         text.substr(member.end, object.close - member.end).find('/') != text.npos;
}

/// What stays are its comments, and then the space between them.
std::string without_only_member(std::string_view text, const Object& object, const Member& member) {
  const std::string_view before = text.substr(object.open + 1, member.key - object.open - 1);
  std::string behind(text.substr(member.end, object.close - member.end));
  const std::size_t comma = Scanner(text).behind_space(member.end);
  if (text[comma] == ',') behind.erase(comma - member.end, 1);
  std::string left;
  if (has_comments(text, object, member)) {
    // Without a line's end a comment would go on over what stands behind it.
    const auto next = behind.find_first_not_of(" \t\r");
    const bool ends_line = next != behind.npos && behind[next] == '\n';
    left = before.substr(0, ends_line ? before.find_last_not_of(kSpace) + 1 : before.npos);
    left += behind;
  }
  return std::string(text.substr(0, object.open + 1)) + left +
         std::string(text.substr(object.close));
}

/// The member and the comma that parts it from the one before it, or behind it.
std::string without_member(std::string_view text, const Object& object, const Member& member) {
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
  const Member* const member = objects->back().find(path.back());
  if (member == nullptr) return std::nullopt;
  return text.substr(member->value, member->end - member->value);
}

Result<std::string> json_with(std::string_view text, JsonPath path, std::string_view value) {
  std::string changed(text);
  if (text.find_first_not_of(kSpace) == text.npos) changed = "{}\n";
  for (;;) {
    const auto objects = objects_on(changed, path);
    if (!objects) return tl::unexpected(objects.error());
    const Object& object = objects->back();
    const std::string_view name = path[objects->size() - 1];
    const bool there = objects->size() == path.size();
    const Member* const member = there ? object.find(name) : nullptr;
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
    const Object& object = (*objects)[depth];
    const Member* const member = object.find(path[depth]);
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
