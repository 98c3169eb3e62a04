// SPDX-License-Identifier: MIT
// Walks over the members of a line, all on simdjson's index of it, each to the very end, so that a
// torn or spliced line is known as such. `message` stands before `type`, so the first walk, the
// glance, takes every line for an assistant's and only notes where its texts begin. That is enough
// for nearly all lines; where it is not (an escape in a text, a limit, something damaged), the line
// is walked anew with care: once for its type, once more if that type speaks of usage.
#include "collector/source/transcript_line.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>

#include "collector/source/json_walk.hpp"
#include "collector/source/line_usage.hpp"
#include "collector/source/timestamp.hpp"

namespace shmeter::collector {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kSyntheticModel = "<synthetic>";
constexpr std::size_t kFirstCapacity = std::size_t{64} << 10;

struct LimitInfo {
  std::string_view status;
  std::string_view window;
  i64 resets_at_s = kUnknown;
};

/// Everything of a line that any rule asks for.
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
  bool side_chain = false;
  RawUsage usage;
  LimitInfo limit;
};

bool read_message(ondemand::value value, Members& members) {
  return walk_object(value, Else::ignored, [&](std::string_view key, ondemand::value member) {
    if (key == "id") return read_text(member, members.message_id);
    if (key == "model") return read_text(member, members.model);
    if (key == "usage") return read_usage(member, members.usage);
    return true;
  });
}

bool read_limit(ondemand::value value, LimitInfo& limit) {
  return walk_object(value, Else::ignored, [&](std::string_view key, ondemand::value member) {
    if (key == "status") return read_text(member, limit.status);
    if (key == "rateLimitType") return read_text(member, limit.window);
    if (key == "resetsAt") return read_whole_or_unknown(member, limit.resets_at_s);
    return true;
  });
}

/// `apiErrorParams.rate_limit_info` holds the same as `quotaLimits`, and is sometimes alone.
bool read_error_params(ondemand::value value, LimitInfo& limit) {
  return walk_object(value, Else::ignored, [&](std::string_view key, ondemand::value member) {
    return key != "rate_limit_info" || read_limit(member, limit);
  });
}

/// A text to be, for now empty: only where it begins. Null when the value is no text.
bool note_text(ondemand::value value, std::string_view& out) {
  ondemand::json_type type{};
  out = {};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type != ondemand::json_type::string) return true;
  ondemand::raw_json_string raw;
  if (value.get_raw_json_string().get(raw) != simdjson::SUCCESS) return false;
  out = {raw.raw(), 0};
  return true;
}

/// Makes a noted text whole. False when there is an escape in it.
bool complete_text(std::string_view& noted) {
  if (noted.data() == nullptr) return true;
  const char* end = quote_or_escape(noted.data());
  noted = {noted.data(), static_cast<std::size_t>(end - noted.data())};
  return *end == '"';
}

bool glance_at_message(ondemand::value value, Members& members) {
  return walk_object(value, Else::ignored, [&](std::string_view key, ondemand::value member) {
    if (key == "id") return note_text(member, members.message_id);
    if (key == "model") return note_text(member, members.model);
    if (key == "usage") return read_usage(member, members.usage);
    return true;
  });
}

/// By length first: a line has some fifteen members at its top, and there are many lines.
bool glance_at_member(std::string_view key, ondemand::value value, Members& members,
                      std::string_view& type) {
  switch (key.size()) {
    case 3:
      return key != "cwd" || note_text(value, members.cwd);
    case 4:
      if (key == "type") return note_text(value, type);
      return key != "uuid" || note_text(value, members.uuid);
    case 7:
      if (key == "message") return glance_at_message(value, members);
      return key != "version" || note_text(value, members.version);
    case 9:
      if (key == "sessionId") return note_text(value, members.session_id);
      if (key == "requestId") return note_text(value, members.request_id);
      if (key == "timestamp") return note_text(value, members.timestamp);
      return key != "gitBranch" || note_text(value, members.git_branch);
    case 11:
      if (key == "isSidechain") return read_flag(value, members.side_chain);
      return key != "quotaLimits";  // limits: rare, left to the careful walk
    case 14:
      return key != "apiErrorParams";
    default:
      return true;
  }
}

/// False: no verdict. True: the members are broken nowhere, and `type` is the line's.
bool glance(ondemand::object line, Members& members, std::string_view& type) {
  return walk_members(line,
                      [&](std::string_view key, ondemand::value value) {
                        return glance_at_member(key, value, members, type);
                      }) &&
         complete_text(type);
}

/// What a glance noted of an assistant's line. False: an escape in one of the texts.
bool complete_texts(Members& members) {
  return complete_text(members.session_id) && complete_text(members.request_id) &&
         complete_text(members.uuid) && complete_text(members.timestamp) &&
         complete_text(members.cwd) && complete_text(members.git_branch) &&
         complete_text(members.version) && complete_text(members.message_id) &&
         complete_text(members.model);
}

/// Do lines of this type tell anything of usage?
bool of_interest(std::string_view type) {
  return type == "assistant" || type == "cost-state" || type == "progress";
}

/// Members that every kind of line keeps at its top.
bool read_common(std::string_view key, ondemand::value value, Members& members) {
  if (key == "sessionId") return read_text(value, members.session_id);
  if (key == "requestId") return read_text(value, members.request_id);
  if (key == "uuid") return read_text(value, members.uuid);
  if (key == "timestamp") return read_text(value, members.timestamp);
  if (key == "isSidechain") return read_flag(value, members.side_chain);
  return true;
}

bool read_assistant(ondemand::object line, Members& members) {
  return walk_members(line, [&](std::string_view key, ondemand::value value) {
    if (key == "message") return read_message(value, members);
    if (key == "cwd") return read_text(value, members.cwd);
    if (key == "gitBranch") return read_text(value, members.git_branch);
    if (key == "version") return read_text(value, members.version);
    if (key == "quotaLimits") return read_limit(value, members.limit);
    if (key == "apiErrorParams") return read_error_params(value, members.limit);
    return read_common(key, value, members);
  });
}

/// Old clients: the answer of a sub-agent, wrapped, in the main session's file. The response's own
/// ids and time are those of the inner object.
bool read_progress(ondemand::object line, Members& members) {
  Members inner;
  const auto read_inner = [&](std::string_view key, ondemand::value value) {
    return key == "message" ? read_message(value, inner) : read_common(key, value, inner);
  };
  const auto read_data = [&](std::string_view key, ondemand::value value) {
    return key != "message" || walk_object(value, Else::ignored, read_inner);
  };
  const bool ok = walk_members(line, [&](std::string_view key, ondemand::value value) {
    return key == "data" ? walk_object(value, Else::ignored, read_data)
                         : read_common(key, value, members);
  });
  if (!inner.timestamp.empty()) members.timestamp = inner.timestamp;
  if (!inner.uuid.empty()) members.uuid = inner.uuid;
  if (!inner.request_id.empty()) members.request_id = inner.request_id;
  members.message_id = inner.message_id;
  members.model = inner.model;
  members.usage = inner.usage;
  members.side_chain = members.side_chain || inner.side_chain;
  return ok;
}

bool read_model_usage(ondemand::value value, i64& tokens_total) {
  return walk_object(value, Else::ignored, [&](std::string_view, ondemand::value model) {
    return walk_object(model, Else::ignored, [&](std::string_view key, ondemand::value member) {
      if (key != "inputTokens" && key != "outputTokens" && key != "cacheReadInputTokens" &&
          key != "cacheCreationInputTokens")
        return true;
      i64 tokens = 0;
      const bool ok = read_count(member, tokens);
      tokens_total = (tokens_total == kUnknown ? 0 : tokens_total) + tokens;
      return ok;
    });
  });
}

bool read_cost_state(ondemand::object line, CostStateSeen& seen) {
  return walk_members(line, [&](std::string_view key, ondemand::value value) {
    if (key == "sessionId") return read_text(value, seen.session_id);
    if (key == "totalCostUSD") return read_nanousd_or_unknown(value, seen.cost_nanousd);
    if (key == "totalAPIDuration") return read_whole_or_unknown(value, seen.api_ms);
    if (key == "totalLinesAdded") return read_whole_or_unknown(value, seen.lines_added);
    if (key == "totalLinesRemoved") return read_whole_or_unknown(value, seen.lines_removed);
    if (key == "modelUsage") return read_model_usage(value, seen.tokens_total);
    return true;
  });
}

std::string_view cut(std::string_view text) { return text.substr(0, kMaxText); }
/// An id that had to be cut would be another id: it counts as absent.
std::string_view id(std::string_view text) {
  return text.size() > kMaxText ? std::string_view{} : text;
}

RequestSeen request_of(const Members& members, i64 at_ms) {
  RequestSeen request;
  request.message_id = id(members.message_id);
  request.request_id = id(members.request_id);
  request.uuid = id(members.uuid);
  request.session_id = members.session_id;
  request.model = cut(members.model);
  request.at_ms = at_ms;
  request.side_chain = members.side_chain;
  request.fast = members.usage.fast;
  request.has_speed = members.usage.has_speed;
  request.us_inference = members.usage.us_inference;
  request.batch = members.usage.batch;
  request.tokens = tokens_of(members.usage);
  return request;
}

SessionSeen session_of(const Members& members, i64 at_ms) {
  SessionSeen session;
  session.session_id = members.session_id;
  session.cwd = cut(members.cwd);
  session.git_branch = cut(members.git_branch);
  session.version = cut(members.version);
  session.at_ms = at_ms;
  if (!members.side_chain && members.model != kSyntheticModel) {
    session.model = cut(members.model);
    if (members.usage.present) session.context_used_tokens = tokens_of(members.usage).prompt();
  }
  return session;
}

/// Nothing but white space may follow the object.
bool at_end(ondemand::document& doc) {
  return doc.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

/// Only a refusal says when the window resets for sure; a warning has the same members.
bool is_limit_hit(const LimitInfo& limit) {
  return limit.status == "rejected" && !limit.window.empty() && limit.resets_at_s != kUnknown;
}

}  // namespace

struct TranscriptLineParser::State {
  ondemand::parser parser;
  TranscriptLine line;

  bool start(std::string_view text, ondemand::document& doc);
  std::optional<bool> quick_walk(std::string_view text, std::string_view file_session);
  bool walk(std::string_view text, std::string_view file_session);
  bool fill_from_response(Members& members, std::string_view file_session, bool wrapped);
};

bool TranscriptLineParser::State::start(std::string_view text, ondemand::document& doc) {
  // simdjson would grow to exactly this line, and again for the next one that is a byte longer.
  const std::size_t capacity = std::max(kFirstCapacity, std::bit_ceil(text.size()));
  if (parser.capacity() < text.size() && parser.allocate(capacity) != simdjson::SUCCESS)
    return false;
  const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + kLinePadding);
  return parser.iterate(padded).get(doc) == simdjson::SUCCESS;
}

bool TranscriptLineParser::State::fill_from_response(Members& members,
                                                     std::string_view file_session, bool wrapped) {
  const bool usual = members.session_id == file_session;
  if (!usual && !valid_session_id(members.session_id)) members.session_id = file_session;
  const i64 at_ms = parse_timestamp_ms(members.timestamp);
  if (at_ms == kUnknown && !members.timestamp.empty()) return false;
  if (members.usage.present && members.model != kSyntheticModel) {
    if (at_ms == kUnknown) return false;  // used, but nobody could say on which day
    line.request = request_of(members, at_ms);
  }
  if (!wrapped) line.session = session_of(members, at_ms);
  if (is_limit_hit(members.limit))
    line.limit_hit = LimitHitSeen{members.session_id, cut(members.limit.window),
                                  members.limit.resets_at_s, at_ms};
  return true;
}

/// Everything there is to know by one walk; empty when that cannot be had.
std::optional<bool> TranscriptLineParser::State::quick_walk(std::string_view text,
                                                            std::string_view file_session) {
  ondemand::document doc;
  ondemand::object object;
  if (!start(text, doc) || doc.get_object().get(object) != simdjson::SUCCESS) return false;
  Members members;
  std::string_view type;
  if (!glance(object, members, type) || !at_end(doc)) return std::nullopt;
  if (!of_interest(type)) return true;
  if (type != "assistant" || !complete_texts(members)) return std::nullopt;
  return fill_from_response(members, file_session, false);
}

bool TranscriptLineParser::State::walk(std::string_view text, std::string_view file_session) {
  ondemand::document doc;
  ondemand::object object;
  if (!start(text, doc) || doc.get_object().get(object) != simdjson::SUCCESS) return false;
  std::string_view type;
  const auto find_type = [&](std::string_view key, ondemand::value value) {
    return key != "type" || read_text(value, type);
  };
  if (!walk_members(object, find_type) || !at_end(doc)) return false;
  if (!of_interest(type)) return true;
  const bool assistant = type == "assistant";
  const bool cost_state = type == "cost-state";

  doc.rewind();  // ends the life of `type`
  if (doc.get_object().get(object) != simdjson::SUCCESS) return false;
  if (cost_state) {
    CostStateSeen& seen = line.cost_state.emplace();
    if (!read_cost_state(object, seen)) return false;
    if (!valid_session_id(seen.session_id)) seen.session_id = file_session;
    return true;
  }
  Members members;
  const bool read = assistant ? read_assistant(object, members) : read_progress(object, members);
  return read && fill_from_response(members, file_session, !assistant);
}

TranscriptLineParser::TranscriptLineParser() : state_(std::make_unique<State>()) {}
TranscriptLineParser::~TranscriptLineParser() = default;
TranscriptLineParser::TranscriptLineParser(TranscriptLineParser&&) noexcept = default;
TranscriptLineParser& TranscriptLineParser::operator=(TranscriptLineParser&&) noexcept = default;

const TranscriptLine& TranscriptLineParser::parse(std::string_view line,
                                                  std::string_view file_session) {
  TranscriptLine& out = state_->line;
  out = {};
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return out;
  const std::optional<bool> quick = state_->quick_walk(line, file_session);
  if (!(quick ? *quick : state_->walk(line, file_session))) {
    out = {};
    out.verdict = LineVerdict::damaged;
  } else if (out.request || out.session || out.cost_state || out.limit_hit) {
    out.verdict = LineVerdict::seen;
  }
  return out;
}

void TranscriptLineParser::shrink(std::size_t keep_bytes) {
  if (state_->parser.capacity() > keep_bytes) state_ = std::make_unique<State>();
}

}  // namespace shmeter::collector
