// SPDX-License-Identifier: MIT
// Walks over the members of a line, all on simdjson's index of it, each to the very end, so that a
// torn or spliced line is known as such. `message` stands before `type`, so the first walk, the
// glance, takes every line for an assistant's and only notes where its texts begin. That is enough
// for nearly all lines; where it is not (an escape in a text, an error, a prompt, something
// damaged), the line is walked anew with care: once for its type, once more if that type speaks of
// usage.
#include "collector/source/transcript_line.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "collector/source/json_walk.hpp"
#include "collector/source/line_members.hpp"
#include "collector/source/timestamp.hpp"

namespace shmeter::collector {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kSyntheticModel = "<synthetic>";
constexpr std::string_view kTurnDuration = "turn_duration";
constexpr std::string_view kCompactBoundary = "compact_boundary";
constexpr std::size_t kFirstCapacity = std::size_t{64} << 10;
// Of a tool or an error: what is longer is no name.
constexpr std::size_t kMaxEventName = 256;

/// What a glance finds beside the members.
struct Glance {
  std::string_view type;
  std::string_view attachment;  // its type
};

bool glance_at_message(ondemand::value value, Members& members, std::string_view type) {
  const bool may_speak =
      type.data() == nullptr || noted_is(type, "assistant") || noted_is(type, "user");
  return walk_object(value, Else::ignored, [&](std::string_view key, ondemand::value member) {
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

bool glance_at_attachment(ondemand::value value, std::string_view& type) {
  return walk_object(value, Else::ignored, [&](std::string_view key, ondemand::value member) {
    return key != "type" || note_text(member, type);
  });
}

/// By length first: a line has some fifteen members at its top, and there are many lines.
[[gnu::always_inline]] inline bool glance_at_member(std::string_view key, ondemand::value value,
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
bool glance(ondemand::object line, Members& members, Glance& seen) {
  return walk_members(line,
                      [&](std::string_view key, ondemand::value value) {
                        return glance_at_member(key, value, members, seen);
                      }) &&
         complete_text(seen.type);
}

/// What a glance noted of an assistant's line. False: an escape in one of the texts.
bool complete_texts(Members& members) {
  for (ToolUse& tool : members.content.tools)
    if (!complete_text(tool.id) || !complete_text(tool.name)) return false;
  return complete_text(members.session_id) && complete_text(members.request_id) &&
         complete_text(members.uuid) && complete_text(members.timestamp) &&
         complete_text(members.cwd) && complete_text(members.git_branch) &&
         complete_text(members.version) && complete_text(members.message_id) &&
         complete_text(members.model) && complete_text(members.agent);
}

/// Must a line that is no answer be read with care? Most are tools' results and the like.
bool needs_care(Members& members, Glance& seen) {
  if (seen.type == "user") return members.content.speaks && !members.side_chain;
  if (seen.type == "system")
    return !complete_text(members.subtype) || members.subtype == kTurnDuration ||
           members.subtype == kCompactBoundary;
  if (seen.type == "attachment")
    return !complete_text(seen.attachment) || seen.attachment == "queued_command";
  return seen.type == "progress" || seen.type == "cost-state";
}

std::string_view cut(std::string_view text, std::size_t bytes = kMaxText) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0u) == 0x80u) --bytes;
  return text.substr(0, bytes);
}
/// An id that had to be cut would be another id: it counts as absent.
std::string_view id(std::string_view text) {
  return text.size() > kMaxText ? std::string_view{} : text;
}
std::string_view first_id(std::string_view a, std::string_view b) {
  return id(a).empty() ? id(b) : id(a);
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
  request.agent = members.agent;
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

EventSeen event_of(const Members& members, EventKind kind, std::string_view event_id, i64 at_ms) {
  EventSeen event;
  event.kind = kind;
  event.session_id = members.session_id;
  event.id = event_id;
  event.agent = members.agent;
  event.at_ms = at_ms;
  return event;
}

/// Nothing but white space may follow the object.
bool at_end(ondemand::document& doc) {
  return doc.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

/// Only a refusal says when the window resets for sure; a warning has the same members.
bool is_limit_hit(const LimitInfo& limit) {
  return limit.status == "rejected" && !limit.window.empty() && limit.resets_at_s != kUnknown;
}

/// A prompt that the client made itself: a turn of its own begins, but nobody sent it.
bool is_made_by_client(const Members& members) {
  if (members.prompt_source == "system") return true;
  for (const std::string_view kind :
       {"task-notification", "coordinator", "observer", "observer-activity", "auto-continuation",
        "scheduled-trigger"})
    if (members.origin == kind) return true;
  return false;
}

/// Newer clients say where a prompt came from; for others the text must tell. A block without text
/// (an image) is somebody's, unless all the text beside it is the client's.
bool is_prompt(const Members& members) {
  if (!members.prompt_source.empty() || !members.origin.empty()) return !is_made_by_client(members);
  return members.content.said || !members.content.machine;
}

}  // namespace

struct TranscriptLineParser::State {
  ondemand::parser parser;
  TranscriptLine line;
  Members members;
  std::vector<ModelTokens> models;  // of an aggregate

  // What the line's file says for it.
  std::string_view file_session;
  AgentOfFile* file_agent = nullptr;

  void clear();
  bool start(std::string_view text, ondemand::document& doc);
  std::optional<bool> quick_walk(std::string_view text);
  bool walk(std::string_view text);
  bool read_with_care(std::string_view type, ondemand::object object);

  bool place(i64& at_ms);
  void name_agent(bool wrapped);
  bool fill_from_response(bool wrapped);
  bool fill_from_prompt(bool queued);
  bool fill_from_system();
};

void TranscriptLineParser::State::clear() {
  // By hand, as this happens for every line and nearly all of it is empty already.
  line.verdict = LineVerdict::nothing;
  line.request.reset();
  line.session.reset();
  line.aggregate.reset();
  line.limit_hit.reset();
  line.events.clear();
  line.turn_prompt = {};
  line.turn_began_ms = kUnknown;
  line.turn_timed = false;
}

bool TranscriptLineParser::State::start(std::string_view text, ondemand::document& doc) {
  // simdjson would grow to exactly this line, and again for the next one that is a byte longer.
  const std::size_t capacity = std::max(kFirstCapacity, std::bit_ceil(text.size()));
  if (parser.capacity() < text.size() && parser.allocate(capacity) != simdjson::SUCCESS)
    return false;
  const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + kLinePadding);
  members.clear();
  return parser.iterate(padded).get(doc) == simdjson::SUCCESS;
}

/// Session and time of the line. False: its time is no time.
bool TranscriptLineParser::State::place(i64& at_ms) {
  const bool usual = members.session_id == file_session;
  if (!usual && !valid_session_id(members.session_id)) members.session_id = file_session;
  at_ms = parse_timestamp_ms(members.timestamp);
  return at_ms != kUnknown || members.timestamp.empty();
}

/// From here on `members.agent` is who spoke; empty = the main agent.
void TranscriptLineParser::State::name_agent(bool wrapped) {
  if (!members.side_chain && !wrapped)
    members.agent = {};
  else if (!valid_agent(members.agent))
    members.agent = file_agent != nullptr ? file_agent->name() : kUnknownAgent;
}

bool TranscriptLineParser::State::fill_from_response(bool wrapped) {
  i64 at_ms = kUnknown;
  if (!place(at_ms)) return false;
  name_agent(wrapped);
  if (members.usage.present && members.model != kSyntheticModel) {
    if (at_ms == kUnknown) return false;  // used, but nobody could say on which day
    line.request = request_of(members, at_ms);
  }
  if (!wrapped) line.session = session_of(members, at_ms);
  if (is_limit_hit(members.limit))
    line.limit_hit = LimitHitSeen{members.session_id, cut(members.limit.window),
                                  members.limit.resets_at_s, at_ms};
  if (at_ms == kUnknown) return true;
  for (const ToolUse& tool : members.content.tools) {
    if (id(tool.id).empty()) continue;  // could not be told from its copies
    EventSeen call = event_of(members, EventKind::tool_call, tool.id, at_ms);
    call.name = cut(tool.name, kMaxEventName);
    line.events.push_back(call);
  }
  const std::string_view own_id = first_id(members.uuid, members.message_id);
  if (members.api_error && !own_id.empty()) {
    EventSeen failure = event_of(members, EventKind::failure, own_id, at_ms);
    failure.name = cut(members.error, kMaxEventName);
    failure.call.endpoint = "messages";
    line.events.push_back(failure);
  }
  return true;
}

/// `queued`: typed while a turn was running. Its line belongs to that turn, and so may its prompt
/// id.
bool TranscriptLineParser::State::fill_from_prompt(bool queued) {
  const Content& content = members.content;
  i64 at_ms = kUnknown;
  if (!place(at_ms)) return false;
  if (members.side_chain || members.not_said || !content.speaks || at_ms == kUnknown) return true;
  const std::string_view prompt_id =
      queued ? id(members.uuid) : first_id(members.prompt_id, members.uuid);
  if (prompt_id.empty()) return true;
  name_agent(false);
  const bool prompt = is_prompt(members);
  if (prompt) line.events.push_back(event_of(members, EventKind::message, prompt_id, at_ms));
  if (!queued && (prompt || is_made_by_client(members) || content.notified)) {
    line.turn_prompt = prompt_id;
    line.turn_began_ms = at_ms;
  }
  return true;
}

bool TranscriptLineParser::State::fill_from_system() {
  i64 at_ms = kUnknown;
  if (!place(at_ms)) return false;
  // A sub-agent's turn lies within its session's.
  if (members.side_chain || at_ms == kUnknown) return true;
  name_agent(false);
  if (members.subtype == kCompactBoundary) {
    line.session = session_of(members, at_ms);
    line.session->context_cleared = true;
  }
  if (members.subtype != kTurnDuration || members.duration_ms == kUnknown ||
      members.duration_ms > kLongestTurn_ms || id(members.uuid).empty())
    return true;
  EventSeen turn = event_of(members, EventKind::compute, members.uuid, at_ms);
  turn.value = members.duration_ms;
  line.events.push_back(turn);
  line.turn_timed = true;
  return true;
}

/// No value: the glance was not enough to know even the type.
std::optional<bool> TranscriptLineParser::State::quick_walk(std::string_view text) {
  ondemand::document doc;
  ondemand::object object;
  if (!start(text, doc) || doc.get_object().get(object) != simdjson::SUCCESS) return false;
  Glance seen;
  if (!glance(object, members, seen) || !at_end(doc)) return std::nullopt;
  if (seen.type == "assistant") {
    if (complete_texts(members)) return fill_from_response(false);
  } else if (!needs_care(members, seen)) {
    return true;
  }
  members.clear();
  doc.rewind();
  return doc.get_object().get(object) == simdjson::SUCCESS && read_with_care(seen.type, object);
}

bool TranscriptLineParser::State::walk(std::string_view text) {
  ondemand::document doc;
  ondemand::object object;
  if (!start(text, doc) || doc.get_object().get(object) != simdjson::SUCCESS) return false;
  std::string_view type;
  const auto find_type = [&](std::string_view key, ondemand::value value) {
    return key != "type" || read_text(value, type);
  };
  if (!walk_members(object, find_type) || !at_end(doc)) return false;
  const std::string kept(type.substr(0, 32));  // no type of interest is longer
  doc.rewind();                                // ends the life of `type`
  return doc.get_object().get(object) == simdjson::SUCCESS && read_with_care(kept, object);
}

bool TranscriptLineParser::State::read_with_care(std::string_view type, ondemand::object object) {
  if (type == "assistant") return read_assistant(object, members) && fill_from_response(false);
  if (type == "progress") return read_progress(object, members) && fill_from_response(true);
  if (type == "user") return read_user(object, members) && fill_from_prompt(false);
  if (type == "attachment") return read_attachment(object, members) && fill_from_prompt(true);
  if (type == "system") return read_system(object, members) && fill_from_system();
  if (type != "cost-state") return true;
  models.clear();
  AggregateSeen& seen = line.aggregate.emplace();
  if (!read_cost_state(object, seen, models)) return false;
  if (!valid_session_id(seen.session_id)) seen.session_id = file_session;
  seen.models = models;
  return true;
}

TranscriptLineParser::TranscriptLineParser() : state_(std::make_unique<State>()) {}
TranscriptLineParser::~TranscriptLineParser() = default;
TranscriptLineParser::TranscriptLineParser(TranscriptLineParser&&) noexcept = default;
TranscriptLineParser& TranscriptLineParser::operator=(TranscriptLineParser&&) noexcept = default;

const TranscriptLine& TranscriptLineParser::parse(std::string_view line,
                                                  std::string_view file_session,
                                                  AgentOfFile* file_agent) {
  State& state = *state_;
  TranscriptLine& out = state.line;
  state.clear();
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return out;
  state.file_session = file_session;
  state.file_agent = file_agent;
  const std::optional<bool> quick = state.quick_walk(line);
  if (!(quick ? *quick : state.walk(line))) {
    state.clear();
    out.verdict = LineVerdict::damaged;
  } else if (!out.says_nothing()) {
    out.verdict = LineVerdict::seen;
  }
  return out;
}

void TranscriptLineParser::shrink(std::size_t keep_bytes) {
  if (state_->parser.capacity() > keep_bytes) state_ = std::make_unique<State>();
}

}  // namespace shmeter::collector
