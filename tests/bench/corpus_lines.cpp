// SPDX-License-Identifier: MIT
// Some lines are traps for a reader that searches for substrings: escaped JSON inside texts, and a
// tool's result that is itself an object of type "assistant" with a usage.
#include "tests/bench/corpus_lines.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace shmeter::bench {
namespace {

constexpr std::array<std::string_view, 24> kPieces{
    "the ",
    "collector ",
    "return ",
    "const auto& ",
    "if (",
    "value",
    ") {\\n  ",
    "}\\n",
    "\\\"name\\\"",
    ": ",
    "0x7f",
    "/usr/src/",
    "\\t",
    "naïve ",
    "日本 ",
    "error: ",
    "42 ",
    "std::vector",
    "<int> ",
    "\\u001b[31m",
    "passed; ",
    "— ",
    "src/main.cpp:17: ",
    "{\\\"type\\\":\\\"assistant\\\",\\\"usage\\\":{\\\"input_tokens\\\":7}} "};

constexpr std::size_t kPoolBytes = std::size_t{1} << 20;

}  // namespace

Filler::Filler(Random& random) {
  pool_.reserve(kPoolBytes + 128);
  while (pool_.size() < kPoolBytes) {
    starts_.push_back(pool_.size());
    pool_ += kPieces[static_cast<std::size_t>(random.below(kPieces.size()))];
  }
  starts_.push_back(pool_.size());
}

std::string_view Filler::text(Random& random, i64 bytes) const {
  const i64 pieces = static_cast<i64>(starts_.size()) - 1;
  const i64 wanted =
      std::clamp<i64>(bytes * pieces / static_cast<i64>(pool_.size()), 1, pieces - 1);
  const auto first = static_cast<std::size_t>(random.below(pieces - wanted));
  const std::size_t from = starts_[first];
  const std::size_t to = starts_[first + static_cast<std::size_t>(wanted)];
  return std::string_view(pool_).substr(from, to - from);
}

std::string make_uuid(Random& random) {
  char text[40];
  const u64 a = random.next();
  const u64 b = random.next();
  const int n = std::snprintf(
      text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(a >> 32),
      static_cast<unsigned>(a >> 16) & 0xffffu, static_cast<unsigned>(a) & 0xfffu,
      (static_cast<unsigned>(b >> 48) & 0x3fffu) | 0x8000u,
      static_cast<unsigned long long>(b & 0xffffffffffffu));
  return {text, static_cast<std::size_t>(n)};
}

std::string iso8601(i64 at_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds(at_ms)};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  char text[40];
  const int n = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return {text, static_cast<std::size_t>(n)};
}

void Lines::member(std::string_view name, i64 value) {
  char digits[24];
  const int n = std::snprintf(digits, sizeof digits, "%lld", static_cast<long long>(value));
  out_.append("\"").append(name).append("\":").append(digits, static_cast<std::size_t>(n));
}

void Lines::tail(const Speaker& who) {
  if (!who.agent_id.empty()) out_.append("\"agentId\":\"").append(who.agent_id).append("\",");
  out_.append("\"userType\":\"external\",\"entrypoint\":\"cli\",\"cwd\":\"").append(who.cwd);
  out_.append("\",\"sessionId\":\"").append(who.session_id);
  out_.append(who.recent ? "\",\"version\":\"2.1.330\"" : "\",\"version\":\"2.1.90\"");
  out_.append(",\"gitBranch\":\"").append(who.branch).append("\"}\n");
}

void Lines::opening(const Speaker& who) {
  for (const std::string_view kind :
       {"mode\",\"mode\":\"normal", "permission-mode\",\"permissionMode\":\"acceptEdits",
        "atis-latch\",\"atis\":\""}) {
    out_.append("{\"type\":\"").append(kind).append("\",\"sessionId\":\"");
    out_.append(who.session_id).append("\"}\n");
  }
}

void Lines::prompt(const Speaker& who, i64 at_ms, i64 text_bytes) {
  out_.append("{\"parentUuid\":\"").append(make_uuid(random_)).append("\",\"isSidechain\":");
  out_.append(who.agent_id.empty() ? "false" : "true");
  out_.append(",\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"");
  out_.append(filler_.text(random_, text_bytes)).append("\"},\"uuid\":\"");
  out_.append(make_uuid(random_)).append("\",\"timestamp\":\"").append(iso8601(at_ms));
  out_.append("\",\"origin\":{\"kind\":\"human\"},\"promptSource\":\"typed\",");
  tail(who);
}

void Lines::tool_result(const Speaker& who, i64 at_ms, i64 text_bytes) {
  const std::string_view text = filler_.text(random_, text_bytes / 2);
  out_.append("{\"parentUuid\":\"").append(make_uuid(random_)).append("\",\"isSidechain\":");
  out_.append(who.agent_id.empty() ? "false" : "true");
  out_.append(
      ",\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"toolu_");
  out_.append(make_uuid(random_).substr(0, 8)).append("\",\"type\":\"tool_result\",\"content\":\"");
  out_.append(text).append("\",\"is_error\":false}]},\"uuid\":\"").append(make_uuid(random_));
  out_.append("\",\"timestamp\":\"").append(iso8601(at_ms)).append("\",\"toolUseResult\":");
  if (random_.permille(10)) {
    out_.append(
        "{\"type\":\"assistant\",\"message\":{\"id\":\"msg_trap\",\"model\":\"claude-opus-5-5\",");
    out_.append("\"usage\":{\"input_tokens\":999,\"output_tokens\":999}}},");
  } else {
    out_.append("{\"stdout\":\"").append(text).append("\",\"stderr\":\"\",\"interrupted\":false},");
  }
  tail(who);
}

void Lines::attachment(const Speaker& who, i64 at_ms, i64 text_bytes) {
  out_.append("{\"parentUuid\":\"").append(make_uuid(random_)).append("\",\"isSidechain\":");
  out_.append(who.agent_id.empty() ? "false" : "true");
  out_.append(",\"attachment\":{\"type\":\"environment\",\"text\":\"");
  out_.append(filler_.text(random_, text_bytes)).append("\"},\"type\":\"attachment\",\"uuid\":\"");
  out_.append(make_uuid(random_)).append("\",\"timestamp\":\"").append(iso8601(at_ms));
  out_.append("\",\"renderedRole\":\"system\",");
  tail(who);
}

void Lines::api_request(const Speaker& who, i64 at_ms, std::string_view model) {
  out_.append("{\"type\":\"api-request\",\"sessionId\":\"").append(who.session_id);
  out_.append("\",\"id\":\"").append(make_uuid(random_)).append("\",\"timestamp\":\"");
  out_.append(iso8601(at_ms))
      .append("\",\"version\":\"2.1.330\",\"querySource\":\"repl_main_thread\"");
  out_.append(",\"params\":{\"model\":\"").append(model);
  out_.append(
      "\",\"betas\":[\"interleaved-thinking-2025-05-14\",\"context-management-2025-06-27\",");
  out_.append(
      "\"per-turn-control-2026-07-01\",\"extended-cache-ttl-2025-04-11\"],\"max_tokens\":128000,");
  out_.append(
      "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"medium\"}},\"tail\":[");
  for (int i = 0; i < 4; ++i) {
    out_.append(i == 0 ? "\"" : ",\"")
        .append(make_uuid(random_))
        .append(make_uuid(random_))
        .append("\"");
  }
  out_.append(
      "],\"cacheControl\":[{\"path\":[\"system\",0],\"value\":{\"type\":\"ephemeral\"}}]}\n");
}

void Lines::api_request_blob(const Speaker& who, i64 text_bytes) {
  out_.append("{\"type\":\"api-request-blob\",\"sessionId\":\"").append(who.session_id);
  out_.append("\",\"hash\":\"").append(make_uuid(random_));
  out_.append("\",\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"");
  out_.append(filler_.text(random_, text_bytes));
  out_.append("\"}],\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n");
}

void Lines::turn_end(const Speaker& who, i64 at_ms) {
  out_.append("{\"parentUuid\":\"").append(make_uuid(random_)).append("\",\"isSidechain\":");
  out_.append(who.agent_id.empty() ? "false" : "true");
  out_.append(",\"type\":\"system\",\"subtype\":\"turn_duration\",");
  member("durationMs", 1000 + random_.below(60'000));
  out_.append(",\"timestamp\":\"").append(iso8601(at_ms)).append("\",\"uuid\":\"");
  out_.append(make_uuid(random_)).append("\",\"isMeta\":false,");
  tail(who);
}

void Lines::assistant(const Speaker& who, const Request& r, i64 block, i64 at_ms, i64 output,
                      bool side_chain, i64 text_bytes) {
  out_.append("{\"parentUuid\":\"").append(make_uuid(random_)).append("\",\"isSidechain\":");
  out_.append(side_chain ? "true" : "false").append(",\"message\":{\"id\":\"").append(r.message_id);
  out_.append("\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"").append(r.model);
  if (block == 0) {
    out_.append("\",\"content\":[{\"type\":\"text\",\"text\":\"");
    out_.append(filler_.text(random_, text_bytes)).append("\"}]");
  } else {
    out_.append("\",\"content\":[{\"type\":\"tool_use\",\"id\":\"toolu_");
    out_.append(make_uuid(random_).substr(0, 8))
        .append("\",\"name\":\"Bash\",\"input\":{\"command\":\"");
    out_.append(filler_.text(random_, text_bytes)).append("\"}}]");
  }
  out_.append(",\"stop_reason\":\"tool_use\",\"stop_sequence\":null,\"usage\":{");
  member("input_tokens", r.input);
  out_.append(",");
  member("cache_creation_input_tokens", r.write_5m + r.write_1h);
  out_.append(",");
  member("cache_read_input_tokens", r.read);
  out_.append(",");
  member("output_tokens", output);
  out_.append(",\"server_tool_use\":{");
  member("web_search_requests", r.searches);
  out_.append(",\"web_fetch_requests\":0},\"service_tier\":\"");
  out_.append(r.batch ? "batch" : "standard").append("\",\"cache_creation\":{");
  member("ephemeral_1h_input_tokens", r.write_1h);
  out_.append(",");
  member("ephemeral_5m_input_tokens", r.write_5m);
  out_.append("},\"inference_geo\":\"").append(r.us ? "us" : "");
  out_.append("\",\"iterations\":[],\"speed\":\"").append(r.fast ? "fast" : "standard");
  out_.append("\"}},");
  member("apiBlockIndex", block);
  if (!r.request_id.empty()) out_.append(",\"requestId\":\"").append(r.request_id).append("\"");
  out_.append(",\"type\":\"assistant\",\"uuid\":\"").append(make_uuid(random_));
  out_.append("\",\"timestamp\":\"").append(iso8601(at_ms)).append("\",\"madeBy\":\"model\",");
  tail(who);
}

void Lines::synthetic(const Speaker& who, i64 at_ms) {
  out_.append("{\"parentUuid\":null,\"isSidechain\":false,\"type\":\"assistant\",\"uuid\":\"");
  out_.append(make_uuid(random_)).append("\",\"timestamp\":\"").append(iso8601(at_ms));
  out_.append("\",\"message\":{\"id\":\"").append(make_uuid(random_));
  out_.append(
      "\",\"model\":\"<synthetic>\",\"role\":\"assistant\",\"stop_reason\":\"stop_sequence\",");
  out_.append(
      "\"usage\":{\"input_tokens\":0,\"output_tokens\":0,\"cache_creation_input_tokens\":0,");
  out_.append(
      "\"cache_read_input_tokens\":0},\"content\":[{\"type\":\"text\",\"text\":\"No "
      "response.\"}]},");
  out_.append("\"isApiErrorMessage\":true,");
  tail(who);
}

}  // namespace shmeter::bench
