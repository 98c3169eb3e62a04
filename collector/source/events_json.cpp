// SPDX-License-Identifier: MIT
#include "collector/source/events_json.hpp"

#include <algorithm>
#include <limits>

#include "collector/source/json_fields.hpp"
#include "collector/source/transcript_agent.hpp"

namespace shmeter::collector {
namespace {

using json::Fields;
using json::Place;
using json::Trouble;
using simdjson::dom::element;

constexpr i64 kMostTokens = std::numeric_limits<shm::u32>::max();
constexpr i64 kMostCount = 1'000'000;  // tool calls or messages in one event
constexpr double kMostSeconds = 1e9;
constexpr i64 kAhead_ms = i64{5} * 60 * 1000;  // another machine's clock

/// One event, and the text it needs beside the document's.
struct Event {
  std::variant<RequestSeen, EventSeen> seen;
  std::string_view id;  // empty = to be made
};

bool kind_of(std::string_view name, EventKind& kind) {
  if (name == "tokens") kind = EventKind::tokens;
  if (name == "tool_call") kind = EventKind::tool_call;
  if (name == "message") kind = EventKind::message;
  if (name == "compute") kind = EventKind::compute;
  return name == "tokens" || name == "tool_call" || name == "message" || name == "compute";
}

i64 count_or_0(const Fields& fields, std::string_view name) {
  return std::max(fields.whole(name, kMostTokens), i64{0});
}

// The two lifetimes are parts of the whole, when all three are given.
void read_cache_writes(const Fields& fields, Tokens& tokens) {
  const i64 all = fields.whole("cache_creation_tokens", kMostTokens);
  const i64 short_lived = count_or_0(fields, "cache_creation_5m_tokens");
  tokens.write_1h = count_or_0(fields, "cache_creation_1h_tokens");
  tokens.write_5m = all == kUnknown ? short_lived : all - tokens.write_1h;
  if (tokens.write_5m < short_lived)
    fields.note("cache_creation_tokens", "less than its 5m and 1h parts");
}

Tokens read_tokens(const Fields& fields) {
  Tokens tokens;
  const i64 value = fields.whole("value", 2 * kMostTokens);
  const bool split = fields.has("input_tokens") || fields.has("output_tokens");
  tokens.input = count_or_0(fields, "input_tokens");
  tokens.output = split ? count_or_0(fields, "output_tokens") : std::max(value, i64{0});
  tokens.read = count_or_0(fields, "cache_read_tokens");
  read_cache_writes(fields, tokens);
  if (!split && !fields.has("value")) fields.note("value", "missing");
  if (!split && value > kMostTokens) fields.note("value", "not a number from 0 to 4294967295");
  if (split && value != kUnknown && value != tokens.input + tokens.output)
    fields.note("value", "not the sum of input_tokens and output_tokens");
  return tokens;
}

i64 read_value(const Fields& fields, EventKind kind) {
  if (kind != EventKind::compute)
    return fields.has("value") ? fields.whole("value", kMostCount) : 1;
  if (!fields.has("value")) fields.note("value", "missing");
  return fields.scaled("value", 1000, kMostSeconds);
}

i64 read_time(const Fields& fields, i64 now_ms) {
  if (!fields.has("created_at")) return now_ms;
  const i64 at_ms = fields.time_ms("created_at");
  if (at_ms > now_ms + kAhead_ms) fields.note("created_at", "in the future");
  return at_ms;
}

std::string_view read_session(const Fields& fields) {
  const std::string_view id = fields.text("session_id", kMaxText);
  if (!fields.has("session_id"))
    fields.note("session_id", "missing");
  else if (!valid_session_id(id))
    fields.note("session_id", "not a session id: 1-64 of [A-Za-z0-9._:-]");
  return id;
}

std::string_view read_agent(const Fields& fields) {
  const std::string_view name = fields.text("agent_name");
  if (!name.empty() && !valid_agent(name))
    fields.note("agent_name", "not an agent: 1-128 bytes without control characters");
  return name == "main" ? std::string_view{} : name;
}

CallDetails read_call(const Fields& fields) {
  return {.endpoint = fields.text("endpoint"),
          .key = fields.text("key"),
          .latency_ms = fields.scaled("latency_ms", 1, kMostSeconds * 1000),
          .failed = fields.flag("is_error") == 1};
}

RequestSeen read_request(const Fields& fields, i64 now_ms) {
  RequestSeen seen;
  seen.session_id = read_session(fields);
  seen.model = fields.text("model");
  if (seen.model == kSyntheticModel) fields.note("model", "no model of the service");
  seen.at_ms = read_time(fields, now_ms);
  seen.tokens = read_tokens(fields);
  seen.agent = read_agent(fields);
  seen.source = Source::posted;
  seen.cost_nanousd = fields.nanousd("cost_usd");
  seen.call = read_call(fields);
  return seen;
}

EventSeen read_other(const Fields& fields, EventKind kind, i64 now_ms) {
  EventSeen seen;
  seen.kind = kind;
  seen.session_id = read_session(fields);
  seen.agent = read_agent(fields);
  seen.at_ms = read_time(fields, now_ms);
  seen.value = read_value(fields, kind);
  seen.source = Source::posted;
  seen.call = read_call(fields);
  return seen;
}

Event read_event(element entry, const Place& place, i64 now_ms, Trouble& trouble) {
  const Fields fields(entry, place, trouble);
  EventKind kind{};
  if (!fields.has("event_type"))
    fields.note("event_type", "missing");
  else if (!kind_of(fields.text("event_type"), kind))
    fields.note("event_type", "none of tokens, tool_call, message, compute");
  Event event;
  if (kind == EventKind::tokens)
    event.seen = read_request(fields, now_ms);
  else
    event.seen = read_other(fields, kind, now_ms);
  event.id = fields.text("id");
  if (fields.has("id") && event.id.empty()) fields.note("id", "empty");
  return event;
}

void hand_over(Event& event, const std::string& id,
               const std::function<void(const Observation&)>& take) {
  if (auto* request = std::get_if<RequestSeen>(&event.seen)) {
    const std::string uuid = "posted:" + id;
    request->uuid = uuid;
    take(Observation(*request));
  } else {
    auto& other = std::get<EventSeen>(event.seen);
    other.id = id;
    take(Observation(other));
  }
}

}  // namespace

// Twice over the document instead of a list of what was read: an event is small, a hundred thousand
// observations are not.
Result<std::vector<std::string>> parse_events(std::string_view bytes, i64 now_ms,
                                              const MakeId& make_id,
                                              const std::function<void(const Observation&)>& take) {
  simdjson::dom::parser parser;
  const auto document = json::parse_document(parser, bytes, kMaxEventsJson);
  if (!document) return tl::unexpected(document.error());
  Trouble trouble;
  const auto each = [&](const auto& visit) {
    if (!document->is_array()) return visit(*document, Place{});
    std::size_t index = 0;
    for (const element entry : simdjson::dom::array(*document)) {
      if (trouble.any()) return;
      if (index == kMaxEvents) return trouble.note({}, "more than 100000 events");
      visit(entry, Place{nullptr, {}, index++});
    }
  };
  each([&](element entry, const Place& place) { read_event(entry, place, now_ms, trouble); });
  if (trouble.any()) return trouble.error();
  std::vector<std::string> ids;
  each([&](element entry, const Place& place) {
    Event event = read_event(entry, place, now_ms, trouble);
    ids.push_back(event.id.empty() ? make_id() : std::string(event.id));
    hand_over(event, ids.back(), take);
  });
  return ids;
}

}  // namespace shmeter::collector
