// SPDX-License-Identifier: MIT
// Everything of a line that any rule asks for, read with care: every text unescaped, one function
// for each type of line. What the members mean is decided in transcript_line.cpp. (In a file of its
// own so that the compiler has all its patience for the glance there, which nearly all lines take.)
#pragma once

#include <simdjson.h>

#include <string_view>
#include <vector>

#include "collector/source/line_content.hpp"
#include "collector/source/line_usage.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

struct LimitInfo {
  std::string_view status;
  std::string_view window;
  i64 resets_at_s = kUnknown;
};

struct Members {
  std::string_view session_id;
  std::string_view request_id;
  std::string_view uuid;
  std::string_view timestamp;
  std::string_view cwd;
  std::string_view git_branch;
  std::string_view version;
  std::string_view message_id;
  std::string_view model;
  std::string_view agent;    // attributionAgent
  std::string_view subtype;  // of a system line
  std::string_view prompt_id;
  std::string_view prompt_source;
  std::string_view origin;  // its kind
  std::string_view error;
  bool side_chain = false;
  bool api_error = false;
  bool not_said = false;  // isMeta and its like: nobody sent this
  i64 duration_ms = kUnknown;
  RawUsage usage;
  LimitInfo limit;
  Content content;

  /// As new, but with the memory it has.
  void clear() {
    Content kept = std::move(content);
    kept.clear();
    *this = {};
    content = std::move(kept);
  }
};

/// More models of one session are not looked at.
inline constexpr std::size_t kMaxModelsOfAggregate = 64;

// Each walks over the whole line. False: it is damaged.
bool read_assistant(simdjson::ondemand::object line, Members& members);
/// Old clients: the answer of a sub-agent, wrapped, in the main session's file. The response's own
/// ids and time are those of the inner object.
bool read_progress(simdjson::ondemand::object line, Members& members);
bool read_user(simdjson::ondemand::object line, Members& members);
/// A prompt that was typed while a turn was running: it never becomes a user's line.
bool read_attachment(simdjson::ondemand::object line, Members& members);
bool read_system(simdjson::ondemand::object line, Members& members);
bool read_cost_state(simdjson::ondemand::object line, AggregateSeen& seen,
                     std::vector<ModelTokens>& models);

}  // namespace shmeter::collector
