// SPDX-License-Identifier: MIT
#include "tests/bench/otlp_bodies.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include <ctime>
#include <stdexcept>

#include "collector/bench/measure.hpp"

namespace shmeter::bench {
namespace {

std::string attribute(const std::string& key, const std::string& text) {
  return R"({"key":")" + key + R"(","value":{"stringValue":")" + text + R"("}},)";
}
std::string attribute(const std::string& key, long number) {
  return R"({"key":")" + key + R"(","value":{"intValue":)" + std::to_string(number) + "}},";
}

std::string time_text(std::time_t at_s) {
  std::tm utc{};
  gmtime_r(&at_s, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.288Z", &utc);
  return text;
}

/// What a client says of a request.
std::string request(const std::string& id) {
  return attribute("model", "claude-sonnet-5-5") + attribute("input_tokens", 12) +
         attribute("output_tokens", kOutputTokens) + attribute("cache_read_tokens", 8000) +
         attribute("cache_creation_tokens", 15000) + attribute("cache_creation_5m_tokens", 15000) +
         attribute("cache_creation_1h_tokens", 0L) +
         R"({"key":"cost_usd","value":{"doubleValue":0.038894}},)" +
         attribute("cost_usd_micros", 38894) + attribute("duration_ms", 1840) +
         attribute("ttft_ms", 160) + attribute("request_id", "req_" + id) +
         attribute("client_request_id", id) + attribute("speed", "normal") +
         attribute("query_source", "repl_main_thread") + attribute("effort", "high");
}

std::string tool(const std::string& id) {
  return attribute("tool_name", "Read") + attribute("tool_use_id", "toolu_" + id) +
         attribute("success", "true") + attribute("duration_ms", "18") +
         attribute("tool_input_size_bytes", "120") + attribute("decision_source", "config") +
         attribute("decision_type", "accept") + attribute("tool_result_size_bytes", "4096");
}

std::string hook() {
  return attribute("hook_event", "PostToolUse") + attribute("hook_name", "PostToolUse:Read") +
         attribute("num_hooks", "1") + attribute("num_success", "1") +
         attribute("num_blocking", "0") + attribute("total_duration_ms", "15") +
         attribute("managed_only", "false") + attribute("hook_source", "merged");
}

struct Event {
  const char* name;
  std::string (*more)(const std::string& id);
};

/// A turn's events, again and again.
constexpr Event kTurn[8] = {
    {"user_prompt", [](const std::string&) { return attribute("prompt_length", "10"); }},
    {"api_request", request},
    {"tool_decision", [](const std::string&) { return attribute("decision", "accept"); }},
    {"hook_execution_start", [](const std::string&) { return hook(); }},
    {"hook_execution_complete", [](const std::string&) { return hook(); }},
    {"tool_result", tool},
    {"api_request", request},
    {"tool_result", tool},
};

std::string record(const Event& event, const std::string& id, int number, std::time_t at_s) {
  const std::string at_ns = std::to_string(at_s) + "288000000";
  std::string text =
      R"({"timeUnixNano":")" + at_ns + R"(","observedTimeUnixNano":")" + at_ns +
      R"(","body":{"stringValue":"claude_code.)" + event.name + R"("},"attributes":[)" +
      attribute("user.id", std::string(64, 'a')) +
      attribute("session.id", "c9bec15a-c582-41d2-a016-" + std::to_string(100 + number % 100)) +
      attribute("anthropic.provider", "firstParty") + attribute("terminal.type", "tmux") +
      attribute("event.name", event.name) + attribute("event.timestamp", time_text(at_s)) +
      attribute("event.sequence", number) + attribute("prompt.id", "prompt-" + id) + event.more(id);
  text.back() = ']';  // in place of the last comma
  return text + R"(,"droppedAttributesCount":0})";
}

}  // namespace

std::string otlp_body(const std::string& series, int records) {
  const std::time_t now_s = std::time(nullptr);
  std::string body =
      R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":)"
      R"({"stringValue":"claude-code"}},{"key":"service.version","value":{"stringValue":"2.1.330"}}]},)"
      R"("scopeLogs":[{"scope":{"name":"com.anthropic.claude_code.events","version":"2.1.330"},)"
      R"("logRecords":[)";
  for (int i = 0; i < records; ++i)
    body += record(kTurn[i % 8], series + '-' + std::to_string(i), i, now_s - (records - i) / 8) +
            (i + 1 < records ? "," : "");
  return body + "]}]}]}";
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib: no memory");
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<const Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (!whole) throw std::runtime_error("zlib: not packed");
  return out;
}

}  // namespace shmeter::bench
