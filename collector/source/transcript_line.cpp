// SPDX-License-Identifier: MIT
// Walks over the members of a line, all on simdjson's index of it, each to the very end, so that a
// torn or spliced line is known as such. `message` stands before `type`, so the first walk, the
// glance, takes every line for an assistant's, and its texts as they stand there. That is enough
// for nearly all lines; where it is not (an escape in a text, an error, a prompt, anything broken
// or unusual), simdjson itself walks over the line with care: once for its type unless that is
// known, once more if that type speaks of usage.
#include "collector/source/transcript_line.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "collector/source/json_walk.hpp"
#include "collector/source/line_glance.hpp"
#include "collector/source/line_members.hpp"
#include "collector/source/timestamp.hpp"

namespace shmeter::collector {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kTurnDuration = "turn_duration";
constexpr std::string_view kCompactBoundary = "compact_boundary";
constexpr std::size_t kFirstCapacity = std::size_t{64} << 10;
// Of a tool or an error: what is longer is no name.
constexpr std::size_t kMaxEventName = 256;

/// Must a line that is no answer be read with care? Most are tools' results and the like.
bool needs_care(const Members& members, const Glance& seen) {
  if (seen.type == "user") return members.content.speaks && !members.side_chain;
  if (seen.type == "system")
    return has_escape(members.subtype) || members.subtype == kTurnDuration ||
           members.subtype == kCompactBoundary;
  if (seen.type == "attachment")
    return has_escape(seen.attachment) || seen.attachment == "queued_command";
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

/// Into the place where it stays: there is one for nearly every line, and it is large.
void fill_request(RequestSeen& request, const Members& members, i64 at_ms) {
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
}

void fill_session(SessionSeen& session, const Members& members, i64 at_ms) {
  session.session_id = members.session_id;
  session.cwd = cut(members.cwd);
  session.git_branch = cut(members.git_branch);
  session.version = cut(members.version);
  session.at_ms = at_ms;
  if (!members.side_chain && members.model != kSyntheticModel) {
    session.model = cut(members.model);
    if (members.usage.present) session.context_used_tokens = tokens_of(members.usage).prompt();
  }
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

/// simdjson would grow to exactly this line, and again for the next one that is a byte longer.
std::size_t capacity_for(std::string_view line) {
  return std::max(kFirstCapacity, std::bit_ceil(line.size()));
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
  LineIndex index;
  ondemand::parser parser;  // for what is read with care
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
  if (parser.capacity() < text.size() && parser.allocate(capacity_for(text)) != simdjson::SUCCESS)
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
    fill_request(line.request.emplace(), members, at_ms);
  }
  if (!wrapped) fill_session(line.session.emplace(), members, at_ms);
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
  // Telemetry names a failure by its request.
  const std::string_view own_id =
      first_id(members.request_id, first_id(members.uuid, members.message_id));
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
    fill_session(line.session.emplace(), members, at_ms);
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
  members.clear();
  Glance seen;
  if (!index.has(text) && !index.make(text, capacity_for(text))) return std::nullopt;
  TokenWalk walk = index.walk(text);
  if (!glance(walk, members, seen) || !index.leave(walk, text)) return std::nullopt;
  if (seen.type == "assistant") {
    if (reads_as_it_stands(members)) return fill_from_response(false);
  } else if (!needs_care(members, seen)) {
    return true;
  }
  ondemand::document doc;
  ondemand::object object;
  return start(text, doc) && doc.get_object().get(object) == simdjson::SUCCESS &&
         read_with_care(seen.type, object);
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
                                                  AgentOfFile* file_agent,
                                                  std::string_view together) {
  State& state = *state_;
  TranscriptLine& out = state.line;
  state.clear();
  if (together.empty()) together = line;
  if (line.data() == together.data()) state.index.make(together, capacity_for(together));
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
  if (std::max(state_->index.capacity(), state_->parser.capacity()) > keep_bytes)
    state_ = std::make_unique<State>();
}

}  // namespace shmeter::collector
