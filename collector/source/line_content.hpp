// SPDX-License-Identifier: MIT
// The content of a message: which tools an answer calls, and whether somebody speaks in it or only
// a tool's result is handed back. A block of an unexpected shape says nothing; it damages no line.
#pragma once

#include <simdjson.h>

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

}  // namespace shmeter::collector
