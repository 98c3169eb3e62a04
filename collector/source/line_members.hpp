// SPDX-License-Identifier: MIT
// Everything of a line that any rule asks for, read with care: every text unescaped, one function
// for each type of line. What the members mean is decided in transcript_line.cpp.
#pragma once

#include <simdjson.h>

#include <string_view>
#include <utility>
#include <vector>

#include "collector/source/json_walk.hpp"
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

inline bool read_message(simdjson::ondemand::value value, Members& members) {
  return walk_object(value, Else::ignored,
                     [&](std::string_view key, simdjson::ondemand::value member) {
                       if (key == "id") return read_text(member, members.message_id);
                       if (key == "model") return read_text(member, members.model);
                       if (key == "usage") return read_usage(member, members.usage);
                       if (key == "content") return read_content(member, members.content);
                       return true;
                     });
}

inline bool read_limit(simdjson::ondemand::value value, LimitInfo& limit) {
  return walk_object(value, Else::ignored,
                     [&](std::string_view key, simdjson::ondemand::value member) {
                       if (key == "status") return read_text(member, limit.status);
                       if (key == "rateLimitType") return read_text(member, limit.window);
                       if (key == "resetsAt")
                         return read_whole_or_unknown(member, limit.resets_at_s);
                       return true;
                     });
}

/// `apiErrorParams.rate_limit_info` holds the same as `quotaLimits`, and is sometimes alone.
inline bool read_error_params(simdjson::ondemand::value value, LimitInfo& limit) {
  return walk_object(value, Else::ignored,
                     [&](std::string_view key, simdjson::ondemand::value member) {
                       return key != "rate_limit_info" || read_limit(member, limit);
                     });
}

/// Members that every kind of line keeps at its top.
inline bool read_common(std::string_view key, simdjson::ondemand::value value, Members& members) {
  if (key == "sessionId") return read_text(value, members.session_id);
  if (key == "requestId") return read_text(value, members.request_id);
  if (key == "uuid") return read_text(value, members.uuid);
  if (key == "timestamp") return read_text(value, members.timestamp);
  if (key == "cwd") return read_text(value, members.cwd);
  if (key == "gitBranch") return read_text(value, members.git_branch);
  if (key == "version") return read_text(value, members.version);
  if (key == "attributionAgent") return read_text(value, members.agent);
  if (key == "isSidechain") return read_flag(value, members.side_chain);
  return true;
}

inline bool read_assistant(simdjson::ondemand::object line, Members& members) {
  return walk_members(line, [&](std::string_view key, simdjson::ondemand::value value) {
    if (key == "message") return read_message(value, members);
    if (key == "quotaLimits") return read_limit(value, members.limit);
    if (key == "apiErrorParams") return read_error_params(value, members.limit);
    if (key == "isApiErrorMessage") return read_flag(value, members.api_error);
    if (key == "error") return read_text(value, members.error);
    return read_common(key, value, members);
  });
}

/// Old clients: the answer of a sub-agent, wrapped, in the main session's file. The response's own
/// ids and time are those of the inner object.
inline bool read_progress(simdjson::ondemand::object line, Members& members) {
  Members inner;
  const auto read_inner = [&](std::string_view key, simdjson::ondemand::value value) {
    return key == "message" ? read_message(value, inner) : read_common(key, value, inner);
  };
  const auto read_data = [&](std::string_view key, simdjson::ondemand::value value) {
    return key != "message" || walk_object(value, Else::ignored, read_inner);
  };
  const bool ok = walk_members(line, [&](std::string_view key, simdjson::ondemand::value value) {
    return key == "data" ? walk_object(value, Else::ignored, read_data)
                         : read_common(key, value, members);
  });
  if (!inner.timestamp.empty()) members.timestamp = inner.timestamp;
  if (!inner.uuid.empty()) members.uuid = inner.uuid;
  if (!inner.request_id.empty()) members.request_id = inner.request_id;
  if (!inner.agent.empty()) members.agent = inner.agent;
  members.message_id = inner.message_id;
  members.model = inner.model;
  members.usage = inner.usage;
  members.side_chain = members.side_chain || inner.side_chain;
  members.content = std::move(inner.content);
  return ok;
}

inline bool read_origin(simdjson::ondemand::value value, std::string_view& kind) {
  return walk_object(value, Else::ignored,
                     [&](std::string_view key, simdjson::ondemand::value member) {
                       return key != "kind" || read_text(member, kind);
                     });
}

/// One flag of several with the same meaning.
inline bool read_either(simdjson::ondemand::value value, bool& flag) {
  bool is = false;
  const bool ok = read_flag(value, is);
  flag = flag || is;
  return ok;
}

inline bool read_user(simdjson::ondemand::object line, Members& members) {
  const auto read_said = [&](std::string_view key, simdjson::ondemand::value member) {
    return key != "content" || read_content(member, members.content);
  };
  return walk_members(line, [&](std::string_view key, simdjson::ondemand::value value) {
    if (key == "message") return walk_object(value, Else::ignored, read_said);
    if (key == "promptId") return read_text(value, members.prompt_id);
    if (key == "promptSource") return read_text(value, members.prompt_source);
    if (key == "origin") return read_origin(value, members.origin);
    if (key == "isMeta" || key == "isCompactSummary" || key == "isVisibleInTranscriptOnly")
      return read_either(value, members.not_said);
    return read_common(key, value, members);
  });
}

/// A prompt that was typed while a turn was running: it never becomes a user's line.
inline bool read_queued(simdjson::ondemand::value value, Members& members) {
  std::string_view type, mode;
  const bool ok = walk_object(value, Else::ignored,
                              [&](std::string_view key, simdjson::ondemand::value member) {
                                if (key == "type") return read_text(member, type);
                                if (key == "commandMode") return read_text(member, mode);
                                if (key == "prompt") return read_content(member, members.content);
                                if (key == "origin") return read_origin(member, members.origin);
                                if (key == "isMeta") return read_either(member, members.not_said);
                                return true;
                              });
  if (type != "queued_command" || (!mode.empty() && mode != "prompt")) members.not_said = true;
  return ok;
}

inline bool read_attachment(simdjson::ondemand::object line, Members& members) {
  return walk_members(line, [&](std::string_view key, simdjson::ondemand::value value) {
    if (key == "attachment") return read_queued(value, members);
    if (key == "isMeta") return read_either(value, members.not_said);
    return read_common(key, value, members);
  });
}

inline bool read_system(simdjson::ondemand::object line, Members& members) {
  return walk_members(line, [&](std::string_view key, simdjson::ondemand::value value) {
    if (key == "subtype") return read_text(value, members.subtype);
    if (key == "durationMs") return read_whole_or_unknown(value, members.duration_ms);
    return read_common(key, value, members);
  });
}

inline bool read_tokens_of_model(simdjson::ondemand::value value, i64& tokens) {
  return walk_object(value, Else::ignored,
                     [&](std::string_view key, simdjson::ondemand::value member) {
                       if (key != "inputTokens" && key != "outputTokens" &&
                           key != "cacheReadInputTokens" && key != "cacheCreationInputTokens")
                         return true;
                       i64 count = 0;
                       const bool ok = read_count(member, count);
                       tokens += count;
                       return ok;
                     });
}

/// More models of one session are not looked at.
inline constexpr std::size_t kMaxModelsOfAggregate = 64;

inline bool read_cost_state(simdjson::ondemand::object line, AggregateSeen& seen,
                            std::vector<ModelTokens>& models) {
  const auto read_model = [&](std::string_view name, simdjson::ondemand::value value) {
    ModelTokens model{name.substr(0, kMaxText), 0};
    const bool ok = read_tokens_of_model(value, model.tokens);
    if (models.size() < kMaxModelsOfAggregate) models.push_back(model);
    return ok;
  };
  return walk_members(line, [&](std::string_view key, simdjson::ondemand::value value) {
    if (key == "sessionId") return read_text(value, seen.session_id);
    if (key == "totalCostUSD") return read_nanousd_or_unknown(value, seen.cost_nanousd);
    if (key == "totalAPIDuration") return read_whole_or_unknown(value, seen.api_ms);
    if (key == "totalLinesAdded") return read_whole_or_unknown(value, seen.lines_added);
    if (key == "totalLinesRemoved") return read_whole_or_unknown(value, seen.lines_removed);
    if (key == "modelUsage") return walk_object(value, Else::ignored, read_model);
    return true;
  });
}

}  // namespace shmeter::collector
