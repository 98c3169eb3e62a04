// SPDX-License-Identifier: MIT
// The content of a message: which tools an answer calls, and whether somebody speaks in it or only
// a tool's result is handed back. A block of an unexpected shape says nothing; it damages no line.
#pragma once

#include <simdjson.h>

#include <cstring>
#include <string_view>
#include <vector>

#include "collector/source/json_walk.hpp"

namespace shmeter::collector {

/// More blocks of one line are not looked at. Real lines have one; old clients' had a handful.
inline constexpr std::size_t kMaxBlocks = 1024;

struct ToolUse {
  std::string_view id;
  std::string_view name;
};

struct Content {
  bool speaks = false;    // a text, or a block that is no tool's result
  bool said = false;      // a text that somebody wrote
  bool machine = false;   // a text that the client wrote
  bool notified = false;  // such a text that tells of a task's end
  std::vector<ToolUse> tools;

  /// As new, but with the memory it has.
  void clear() {
    speaks = said = machine = notified = false;
    tools.clear();
  }
};

inline bool is_tool_use(std::string_view type) {
  return type == "tool_use" || type == "server_tool_use";
}

/// Calls `visit(block)` for each of the first kMaxBlocks; the rest is only walked over.
template <class Visit>
bool walk_blocks(simdjson::ondemand::value value, Visit&& visit) {
  simdjson::ondemand::array blocks;
  if (value.get_array().get(blocks) != simdjson::SUCCESS) return false;
  std::size_t count = 0;
  for (auto result : blocks) {
    simdjson::ondemand::value block;
    if (std::move(result).get(block) != simdjson::SUCCESS) return false;
    if (++count <= kMaxBlocks && !visit(block)) return false;
  }
  return true;
}

// ---- the glance's part: texts are only noted, as in transcript_line.cpp ----

/// A text to be, for now empty: only where it begins. Null when the value is no text.
inline bool note_text(simdjson::ondemand::value value, std::string_view& out) {
  simdjson::ondemand::json_type type{};
  out = {};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type != simdjson::ondemand::json_type::string) return true;
  simdjson::ondemand::raw_json_string raw;
  if (value.get_raw_json_string().get(raw) != simdjson::SUCCESS) return false;
  out = {raw.raw(), 0};
  return true;
}

/// Makes a noted text whole. False when there is an escape in it.
inline bool complete_text(std::string_view& noted) {
  if (noted.data() == nullptr) return true;
  const char* end = quote_or_escape(noted.data());
  noted = {noted.data(), static_cast<std::size_t>(end - noted.data())};
  return *end == '"';
}

/// Does a noted text read so? What is looked at behind it lies within the line's padding.
inline bool noted_is(std::string_view noted, std::string_view text) {
  return noted.data() != nullptr && std::memcmp(noted.data(), text.data(), text.size()) == 0 &&
         noted.data()[text.size()] == '"';
}

/// Looks no further than it must: most blocks are texts and results, and say so at their beginning.
/// False also when there is an escape in a block's type.
inline bool glance_at_block(simdjson::ondemand::value value, Content& content) {
  simdjson::ondemand::json_type kind{};
  if (value.type().get(kind) != simdjson::SUCCESS) return false;
  if (kind != simdjson::ondemand::json_type::object) return true;
  simdjson::ondemand::object block;
  if (value.get_object().get(block) != simdjson::SUCCESS) return false;
  std::string_view type;
  ToolUse tool;
  bool tool_use = false;
  for (auto result : block) {
    simdjson::ondemand::field field;
    std::string_view key;
    if (std::move(result).get(field) != simdjson::SUCCESS || !key_of(field, key)) return false;
    if (key == "type") {
      if (!note_text(field.value(), type)) return false;
      if (noted_is(type, "tool_result")) return true;
      tool_use = noted_is(type, "tool_use") || noted_is(type, "server_tool_use");
      if (!tool_use) {
        content.speaks = true;
        return complete_text(type);
      }
    } else if (key == "id") {
      if (!note_text(field.value(), tool.id)) return false;
    } else if (key == "name") {
      if (!note_text(field.value(), tool.name)) return false;
    }
    if (tool_use && tool.id.data() != nullptr && tool.name.data() != nullptr) break;
  }
  if (tool_use) content.tools.push_back(tool);
  return true;
}

inline bool glance_at_content(simdjson::ondemand::value value, Content& content) {
  using simdjson::ondemand::json_type;
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type == json_type::array)
    return walk_blocks(
        value, [&](simdjson::ondemand::value block) { return glance_at_block(block, content); });
  content.speaks = content.speaks || type == json_type::string;
  return true;
}

}  // namespace shmeter::collector
