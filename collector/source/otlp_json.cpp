// SPDX-License-Identifier: MIT
// Events. Attributes come as numbers or as texts, whichever event they belong to.
#include "collector/source/otlp_json.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "collector/source/json_fields.hpp"
#include "collector/source/otlp_values.hpp"
#include "collector/source/timestamp.hpp"
#include "collector/source/transcript_agent.hpp"

namespace shmeter::collector {
namespace {

using json::Value;
using otlp::Attributes;

constexpr double kMostTokens = std::numeric_limits<shm::u32>::max();
constexpr i64 kMostLatency_ms = i64{31} * 24 * 3600 * 1000;
constexpr i64 kAhead_ms = i64{5} * 60 * 1000;  // another machine's clock
// Of an older request nobody could tell which transcript's it is: the ledger keeps ids for a day.
constexpr i64 kOldest_ms = i64{24} * 3600 * 1000;
/// What stands for agents whose names the client keeps to itself.
constexpr std::string_view kAnyAgent = "custom";

/// As transcripts name what went wrong.
std::string_view failure_name(i64 status) {
  if (status == 401 || status == 403) return "authentication_failed";
  if (status == 402) return "billing_error";
  if (status == 404) return "model_not_found";
  if (status == 429) return "rate_limit";
  if (status == 529) return "overloaded";
  if (status >= 400 && status < 500) return "invalid_request";
  return status >= 500 && status < 600 ? "server_error" : "unknown";
}

/// One log record. What is wrong with it is in `trouble`; then nothing of it may be used.
class Record {
 public:
  Record(const Value& record, std::string_view event, const Attributes& attributes, i64 now_ms,
         json::Trouble& trouble)
      : event_{nullptr, event}, attributes_(attributes), trouble_(trouble) {
    session_ = attributes.text("session.id");
    if (!valid_session_id(session_)) note("session.id", "missing, or not a session id");
    at_ms_ = time_of(record);
    if (at_ms_ == kUnknown) note("event.timestamp", "missing, or not a time");
    if (at_ms_ > now_ms + kAhead_ms) note("event.timestamp", "in the future");
    old_ = at_ms_ < now_ms - kOldest_ms;
  }

  void must_be_recent() const {
    if (old_) note("event.timestamp", "more than a day ago");
  }

  std::string_view session() const { return session_; }
  i64 at_ms() const { return at_ms_; }
  std::string_view name(std::string_view key) const { return attributes_.name(key); }
  bool says(std::string_view key, std::string_view what) const {
    return attributes_.text(key) == what;
  }
  i64 flag(std::string_view key) const { return attributes_.flag(key); }
  i64 whole(std::string_view key) const { return json::whole(attributes_.get(key)); }

  /// One that had to be cut would be another id.
  std::string_view id(std::string_view key) const {
    const std::string_view id = attributes_.text(key);
    if (id.size() > json::kMaxName) note(key, "too long");
    return id;
  }

  /// Absent is 0.
  i64 tokens(std::string_view key) const {
    if (!attributes_.has(key)) return 0;
    double count = 0;
    const bool ok = json::number(attributes_.get(key), count) && count >= 0 && count <= kMostTokens;
    if (!ok) note(key, "not a number from 0 to 4294967295");
    return ok ? std::llround(count) : 0;
  }

  i64 latency_ms() const {
    const i64 ms = whole("duration_ms");
    return ms > kMostLatency_ms ? kUnknown : ms;
  }

  bool by_agent() const {
    return attributes_.has("agent_id") || attributes_.text("query_source").starts_with("agent:");
  }

  /// Empty = the main agent.
  std::string_view agent() const {
    constexpr std::string_view kBuiltIn = "agent:builtin:";
    if (!by_agent()) return {};
    std::string_view name = attributes_.text("query_source");
    name =
        name.starts_with(kBuiltIn) ? name.substr(kBuiltIn.size()) : attributes_.text("agent.name");
    return valid_agent(name) && name != kAnyAgent ? name : kUnknownAgent;
  }

 private:
  void note(std::string_view key, std::string_view what) const {
    trouble_.note({&event_, key}, what);
  }

  i64 time_of(const Value& record) const {
    const i64 said_ms = parse_timestamp_ms(attributes_.text("event.timestamp"));
    if (said_ms != kUnknown) return said_ms;
    for (const std::string_view name : {"timeUnixNano", "observedTimeUnixNano"}) {
      const i64 at_ns = otlp::nanoseconds(record[name]);
      if (at_ns != kUnknown && at_ns != 0) return at_ns / 1'000'000;
    }
    return kUnknown;
  }

  json::Place event_;
  const Attributes& attributes_;
  json::Trouble& trouble_;
  std::string_view session_;
  i64 at_ms_ = kUnknown;
  bool old_ = false;
};

/// The two lives may sum to less than all writes: the client prices the rest as 5 min.
Tokens tokens_of(const Record& record) {
  Tokens tokens;
  tokens.input = record.tokens("input_tokens");
  tokens.output = record.tokens("output_tokens");
  tokens.read = record.tokens("cache_read_tokens");
  tokens.write_1h = record.tokens("cache_creation_1h_tokens");
  const i64 short_lived = record.tokens("cache_creation_5m_tokens");
  tokens.write_5m = std::max(record.tokens("cache_creation_tokens") - tokens.write_1h, short_lived);
  return tokens;
}

RequestSeen request_of(const Record& record) {
  record.must_be_recent();
  RequestSeen seen;
  seen.request_id = record.id("request_id");
  seen.session_id = record.session();
  seen.model = record.name("model");
  seen.at_ms = record.at_ms();
  seen.fast = record.says("speed", "fast");
  seen.has_speed = !record.name("speed").empty();
  seen.tokens = tokens_of(record);
  seen.agent = record.agent();
  seen.source = Source::telemetry;
  seen.call.endpoint = record.name("query_source");
  seen.call.latency_ms = record.latency_ms();
  return seen;
}

EventSeen event_of(const Record& record, EventKind kind, std::string_view id) {
  EventSeen seen;
  seen.kind = kind;
  seen.session_id = record.session();
  seen.id = id;
  seen.agent = record.agent();
  seen.at_ms = record.at_ms();
  seen.source = Source::telemetry;
  return seen;
}

EventSeen failure_of(const Record& record, std::string& id) {
  id = record.id("request_id");
  if (id.empty())
    id = std::string(record.session()) + '/' +
         std::to_string(std::max(record.whole("event.sequence"), i64{0})) + '/' +
         std::to_string(record.at_ms());
  EventSeen seen = event_of(record, EventKind::failure, id);
  seen.name = failure_name(record.whole("status_code"));
  const std::string_view endpoint = record.name("query_source");
  seen.call.endpoint = endpoint.empty() ? "messages" : endpoint;
  seen.call.latency_ms = record.latency_ms();
  return seen;
}

EventSeen tool_call_of(const Record& record) {
  EventSeen seen = event_of(record, EventKind::tool_call, record.id("tool_use_id"));
  seen.name = record.name("tool_name");
  seen.call.latency_ms = record.latency_ms();
  seen.call.failed = record.flag("success") == 0;
  return seen;
}

EventSeen prompt_of(const Record& record) {
  const std::string_view id = record.id("prompt.id");
  return event_of(record, EventKind::message, id.empty() ? record.id("message.uuid") : id);
}

/// The client's name of the event; empty = nobody's business here.
std::string_view event_name(const Value& record, const Attributes& attributes) {
  constexpr std::string_view kPrefix = "claude_code.";
  std::string_view name = attributes.text("event.name");
  if (name.empty()) name = json::text(record["eventName"]);
  if (name.empty()) name = json::text(record["body"]["stringValue"]);
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

std::string_view id_of(const Observation& seen) {
  const auto* const request = std::get_if<RequestSeen>(&seen);
  return request != nullptr ? request->request_id : std::get<EventSeen>(seen).id;
}

bool is_made_up(const Observation& seen) {
  const auto* const request = std::get_if<RequestSeen>(&seen);
  return request != nullptr && request->model == kSyntheticModel;
}

class LogReader {
 public:
  LogReader(i64 now_ms, const std::function<void(const Observation&)>& take,
            const OtlpLimits& limits)
      : now_ms_(now_ms), take_(take), limits_(limits) {}

  void read(const Value& record) {
    json::Trouble trouble;
    if (taken_.accepted + taken_.rejected >= limits_.records)
      trouble.note({}, "more than " + std::to_string(limits_.records) + " log records");
    else
      read(record, trouble);
    if (!trouble.any()) {
      ++taken_.accepted;
      return;
    }
    if (++taken_.rejected == 1) taken_.reason = trouble.error().value().message;
  }

  OtlpTaken& taken() { return taken_; }

 private:
  void read(const Value& record, json::Trouble& trouble) {
    if (!record.is_object()) return trouble.note({}, "a log record is not an object");
    attributes_.clear();
    if (!attributes_.read(record["attributes"]))
      return trouble.note(
          {}, "a log record has more than " + std::to_string(otlp::kMaxAttributes) + " attributes");
    const std::string_view name = event_name(record, attributes_);
    for (const std::string_view known : {"api_request", "api_error", "tool_result", "user_prompt"})
      if (name == known)
        return count(Record(record, known, attributes_, now_ms_, trouble), known, trouble);
  }

  void count(const Record& record, std::string_view event, const json::Trouble& trouble) {
    if (event == "user_prompt" && record.says("command_source", "builtin")) return;
    std::string made_id;
    Observation seen;
    if (event == "api_request")
      seen = request_of(record);
    else if (event == "api_error")
      seen = failure_of(record, made_id);
    else if (event == "tool_result")
      seen = tool_call_of(record);
    else
      seen = prompt_of(record);
    // What has no id could not be told from its copies; what the client made up itself asked
    // nobody.
    if (!trouble.any() && !id_of(seen).empty() && !is_made_up(seen)) take_(seen);
  }

  i64 now_ms_;
  const std::function<void(const Observation&)>& take_;
  const OtlpLimits& limits_;
  Attributes attributes_;
  OtlpTaken taken_;
};

}  // namespace

Result<OtlpTaken> parse_otlp_logs(std::string_view body, i64 now_ms,
                                  const std::function<void(const Observation&)>& take,
                                  const OtlpLimits& limits) {
  simdjson::dom::parser parser;
  const auto resources = otlp::request_list(parser, body, limits.bytes, "resourceLogs");
  if (!resources) return tl::unexpected(resources.error());
  LogReader reader(now_ms, take, limits);
  otlp::each(*resources, [&](const Value& resource) {
    otlp::each(resource["scopeLogs"], [&](const Value& scope) {
      otlp::each(scope["logRecords"], [&](const Value& record) { reader.read(record); });
    });
  });
  return reader.taken();
}

std::string otlp_response(OtlpSignal signal, const OtlpTaken& taken) {
  if (taken.rejected == 0) return "{}";
  std::string reason = taken.reason;
  for (char& c : reason)
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) c = '\'';
  const char* const member =
      signal == OtlpSignal::logs ? "rejectedLogRecords" : "rejectedDataPoints";
  return std::string(R"({"partialSuccess":{")") + member + R"(":")" +
         std::to_string(taken.rejected) + R"(","errorMessage":")" + reason + R"("}})";
}

}  // namespace shmeter::collector
