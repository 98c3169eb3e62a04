// SPDX-License-Identifier: MIT
// The first walk over a line, which takes it for an assistant's and its texts as they stand there:
// whether there is an escape in one is looked for later, if the line turns out to be of interest.
// Invariant: as of token_walk.hpp, false decides nothing; where it is true, the members are what a
// careful walk would have found, once reads_as_it_stands().
#pragma once

#include <string_view>

#include "collector/source/line_content.hpp"
#include "collector/source/line_members.hpp"
#include "collector/source/line_usage.hpp"
#include "collector/source/token_walk.hpp"

namespace shmeter::collector {

/// Escapes included.
inline bool note_text(TokenWalk& value, std::string_view& out) {
  out = {};
  return value.token() == '"' ? value.take_text(out) : value.skip();
}

/// Looks no further than it must: most blocks are texts and results, and say so at their beginning.
/// False also when there is an escape in a block's type.
inline bool glance_at_block(TokenWalk& walk, Content& content) {
  if (walk.token() != '{') return walk.skip();
  walk.take('{');
  if (walk.take('}')) return true;
  std::string_view type;
  ToolUse tool;
  bool tool_use = false;
  const auto leave = [&] { return (walk.token() == ',' || walk.token() == '}') && walk.leave(1); };
  do {
    std::string_view key;
    if (!walk.take_key(key)) return false;
    if (key == "type") {
      if (!note_text(walk, type) || has_escape(type)) return false;
      tool_use = is_tool_use(type);
      content.speaks = content.speaks || (!tool_use && type != "tool_result");
      if (!tool_use) return leave();
    } else if (key == "id") {
      if (!note_text(walk, tool.id)) return false;
    } else if (key == "name") {
      if (!note_text(walk, tool.name)) return false;
    } else if (!walk.skip_member(key)) {
      return false;
    }
    if (tool_use && tool.id.data() != nullptr && tool.name.data() != nullptr) {
      content.tools.push_back(tool);
      return leave();
    }
  } while (walk.take(','));
  if (tool_use) content.tools.push_back(tool);
  return walk.take('}');
}

inline bool glance_at_content(TokenWalk& walk, Content& content) {
  content.speaks = content.speaks || walk.token() == '"';
  if (walk.token() != '[') return walk.skip();
  walk.take('[');
  if (walk.take(']')) return true;
  std::size_t count = 0;
  do {
    if (++count <= kMaxBlocks ? !glance_at_block(walk, content) : !walk.skip()) return false;
  } while (walk.take(','));
  return walk.take(']');
}

/// What a glance finds beside the members.
struct Glance {
  std::string_view type;
  std::string_view attachment;  // its type
};

inline bool glance_at_message(TokenWalk& value, Members& members, std::string_view type) {
  const bool may_speak = type.data() == nullptr || type == "assistant" || type == "user";
  return walk_object(value, Else::ignored, [&](std::string_view key, TokenWalk& member) {
    switch (key.size()) {
      case 2:
        return key != "id" || note_text(member, members.message_id);
      case 5:
        if (key == "model") return note_text(member, members.model);
        return key != "usage" || read_usage(member, members.usage);
      case 7:
        return !may_speak || key != "content" || glance_at_content(member, members.content);
      default:
        return true;
    }
  });
}

inline bool glance_at_attachment(TokenWalk& value, std::string_view& type) {
  return walk_object(value, Else::ignored, [&](std::string_view key, TokenWalk& member) {
    return key != "type" || note_text(member, type);
  });
}

/// By length first: a line has some fifteen members at its top, and there are many lines.
[[gnu::always_inline]] inline bool glance_at_member(std::string_view key, TokenWalk& value,
                                                    Members& members, Glance& seen) {
  switch (key.size()) {
    case 3:
      return key != "cwd" || note_text(value, members.cwd);
    case 4:
      if (key == "type") return note_text(value, seen.type);
      return key != "uuid" || note_text(value, members.uuid);
    case 7:
      if (key == "message") return glance_at_message(value, members, seen.type);
      if (key == "subtype") return note_text(value, members.subtype);
      return key != "version" || note_text(value, members.version);
    case 9:
      if (key == "sessionId") return note_text(value, members.session_id);
      if (key == "requestId") return note_text(value, members.request_id);
      if (key == "timestamp") return note_text(value, members.timestamp);
      return key != "gitBranch" || note_text(value, members.git_branch);
    case 10:
      return key != "attachment" || glance_at_attachment(value, seen.attachment);
    case 11:
      if (key == "isSidechain") return read_flag(value, members.side_chain);
      return key != "quotaLimits";  // limits, errors: rare, left to the careful walk
    case 14:
      return key != "apiErrorParams";
    case 16:
      return key != "attributionAgent" || note_text(value, members.agent);
    case 17:
      return key != "isApiErrorMessage";
    default:
      return true;
  }
}

/// False: no verdict. True: the members are broken nowhere, and the line's type is whole.
inline bool glance(TokenWalk& line, Members& members, Glance& seen) {
  return walk_members(line,
                      [&](std::string_view key, TokenWalk& value) {
                        return glance_at_member(key, value, members, seen);
                      }) &&
         !has_escape(seen.type);
}

/// False: an escape in one of the texts of an assistant's line.
inline bool reads_as_it_stands(const Members& members) {
  for (const ToolUse& tool : members.content.tools)
    if (has_escape(tool.id) || has_escape(tool.name)) return false;
  for (const std::string_view text :
       {members.session_id, members.request_id, members.uuid, members.timestamp, members.cwd,
        members.git_branch, members.version, members.message_id, members.model, members.agent})
    if (has_escape(text)) return false;
  return true;
}

}  // namespace shmeter::collector
