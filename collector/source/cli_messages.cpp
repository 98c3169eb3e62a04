// SPDX-License-Identifier: MIT
#include "collector/source/cli_messages.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "collector/source/json_dom.hpp"
#include "collector/source/timestamp.hpp"
#include "collector/source/transcript_agent.hpp"
#include "collector/source/usage_body.hpp"

namespace shmeter::collector {
namespace {

using json::Fields;
using json::Place;
using json::Trouble;
using simdjson::dom::element;

constexpr std::size_t kMaxModels = 256;
constexpr std::size_t kMaxAgents = 1024;
constexpr i64 kAhead_ms = i64{5} * 60 * 1000;
constexpr double kMostMs = 1e12;
constexpr i64 kMostSeconds = i64{100} * 1000 * 1000 * 1000;  // the year 5138; ms lie beyond
constexpr i64 kPpm = 1'000'000;

std::string_view session_of(const Fields& message) {
  const std::string_view id = message.text("session_id", kMaxText);
  if (!valid_session_id(id))
    message.note("session_id", id.empty() ? "missing" : "not a session id");
  return id;
}

// ---- result ----

ModelTokens model_tokens(const Fields& usage, std::string_view model, i64& cost_nanousd) {
  ModelTokens out{model, 0};
  for (const std::string_view kind :
       {"inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens"})
    out.tokens += std::max(usage.whole(kind), i64{0});
  cost_nanousd += std::max(usage.nanousd("costUSD"), i64{0});
  return out;
}

/// A map by model, or an array whose rows name theirs.
std::vector<ModelTokens> read_models(const Fields& result, i64& cost_nanousd) {
  std::vector<ModelTokens> models;
  const auto usage = result.get("modelUsage");
  if (!usage) return models;
  const Place place{&result.place(), "modelUsage"};
  if (usage->is_array()) {
    result.each("modelUsage", kMaxModels, [&](element entry, const Place& row_place) {
      const Fields row(entry, row_place, result.trouble());
      const std::string_view name = row.text(row.has("model") ? "model" : "canonicalModel");
      if (name.empty()) row.note("model", "missing");
      models.push_back(model_tokens(row, name, cost_nanousd));
    });
    return models;
  }
  simdjson::dom::object by_model;
  if (usage->get_object().get(by_model) != simdjson::SUCCESS) {
    result.note("modelUsage", "not an object or array");
    return models;
  }
  for (const auto& [name, entry] : by_model) {
    const Place row_place{&place, name};
    if (models.size() == kMaxModels || name.empty() || name.size() > json::kMaxName) {
      result.trouble().note(row_place, "too many models, or no model's name");
      break;
    }
    models.push_back(model_tokens(Fields(entry, row_place, result.trouble()), name, cost_nanousd));
  }
  return models;
}

bool failed(const Fields& result) {
  const i64 said = result.flag("is_error");
  return said == kUnknown ? result.text("subtype").starts_with("error") : said == 1;
}

/// The kind of failure: what ended the run, else the status with which the service refused.
std::string failure_name(const Fields& result) {
  const std::string_view subtype = result.text("subtype");
  if (!subtype.empty() && subtype != "success") return std::string(subtype);
  const i64 status = result.whole("api_error_status");
  return status == kUnknown ? "error" : std::to_string(status);
}

/// Old clients give results no id: then the same result gets the same one all the same.
std::string result_id(const Fields& result, std::string_view session, element whole) {
  const std::string_view uuid = result.text("uuid");
  if (!uuid.empty()) return std::string(uuid);
  return "result:" + std::string(session) + ':' +
         std::to_string(shm::hash_text(simdjson::minify(whole)));
}

// ---- limits ----

struct Limits {
  WindowSeen five_hour;
  WindowSeen seven_day;
  std::vector<ScopedWindowSeen> scoped;

  void put(std::string_view name, const WindowSeen& seen) {
    const auto unknown = [](const WindowSeen& w) { return w.resets_at_s == kUnknown; };
    if (unknown(seen)) return;
    if (name == "five_hour" && unknown(five_hour)) five_hour = seen;
    if (name == "seven_day" && unknown(seven_day)) seven_day = seen;
    if (name == "seven_day_opus") put_scoped("Opus", seen);
    if (name == "seven_day_sonnet") put_scoped("Sonnet", seen);
  }
  void put_scoped(std::string_view label, const WindowSeen& seen) {
    for (const ScopedWindowSeen& row : scoped)
      if (row.label == label) return;
    scoped.push_back({label, seen});
  }
  bool empty() const {
    return five_hour.resets_at_s == kUnknown && seven_day.resets_at_s == kUnknown && scoped.empty();
  }
};

// A share of 1. More is not taken for percent: it is unknown, unless the service refused and so
// said that nothing is left.
WindowSeen stream_window(const Fields& info, i64 now_ms) {
  WindowSeen seen;
  const i64 used_ppm = info.scaled("utilization", kPpm, json::kMostDollars);
  if (info.text("status") == "rejected")
    seen.used_ppm = kPpm;
  else if (used_ppm <= kPpm)
    seen.used_ppm = used_ppm;
  const i64 resets_at_s = info.whole("resetsAt", kMostSeconds);
  const i64 left_s = resets_at_s == kUnknown ? 0 : resets_at_s - now_ms / 1000;
  if (seen.used_ppm == kUnknown || left_s <= 0 || left_s > kLongestWindow_s) return {};
  seen.resets_at_s = resets_at_s;
  return seen;
}

}  // namespace

bool CliMessages::of_interest(std::string_view type) {
  return type == "result" || type == "assistant" || type == "system" || type == "rate_limit_event";
}

bool CliMessages::read(element entry, const Place& place, i64 now_ms, Trouble& trouble,
                       const Take& take) {
  const Fields message(entry, place, trouble);
  const std::string_view type = message.text("type");
  if (type == "result") return read_result(message, now_ms, take);
  if (type == "assistant") return read_assistant(message, now_ms, take);
  if (type == "rate_limit_event") return read_limits(message, now_ms, take);
  if (type == "system" && message.text("subtype") == "init")
    return read_init(message, now_ms, take);
  return false;
}

bool CliMessages::read_init(const Fields& message, i64 now_ms, const Take& take) const {
  SessionSeen seen;
  seen.session_id = session_of(message);
  seen.cwd = message.text("cwd", kMaxText);
  seen.version = message.text("claude_code_version");
  seen.model = message.text("model");
  seen.at_ms = time(now_ms);
  if (message.trouble().any()) return false;
  take(Observation(seen));
  return true;
}

std::string_view CliMessages::agent_of(std::string_view tool_use_id) const {
  if (tool_use_id.empty()) return {};
  const auto found = agents_.find(tool_use_id);
  return found == agents_.end() ? kUnknownAgent : std::string_view(found->second);
}

bool CliMessages::read_assistant(const Fields& message, i64 now_ms, const Take& take) {
  EventSeen seen;
  seen.kind = EventKind::tool_call;
  seen.source = Source::cli;
  seen.session_id = session_of(message);
  seen.agent = agent_of(message.text("parent_tool_use_id"));
  const i64 written_ms = parse_timestamp_ms(message.text("timestamp"));
  const auto body = message.get("message");
  if (message.trouble().any()) return false;
  if (written_ms != kUnknown && written_ms <= now_ms + kAhead_ms)
    newest_ms_ = std::max(newest_ms_, written_ms);
  seen.at_ms = time(now_ms);
  simdjson::dom::array blocks;
  if (!body || json::value_of(*body)["content"].get_array().get(blocks) != simdjson::SUCCESS)
    return false;
  bool taken = false;
  for (const element entry : blocks) {
    const json::Value block = json::value_of(entry);
    seen.id = json::text(block["id"]);
    if (json::text(block["type"]) != "tool_use" || seen.id.empty()) continue;
    seen.name = json::text(block["name"]);
    const std::string_view starts = json::text(block["input"]["subagent_type"]);
    if (valid_agent(starts) && agents_.size() < kMaxAgents) agents_.emplace(seen.id, starts);
    take(Observation(seen));
    taken = true;
  }
  return taken;
}

bool CliMessages::read_limits(const Fields& message, i64 now_ms, const Take& take) const {
  const auto info_element = message.get("rate_limit_info");
  if (!info_element) return false;
  const Place place{&message.place(), "rate_limit_info"};
  const Fields info(*info_element, place, message.trouble());
  Limits limits;
  if (const auto windows = info.get("unifiedWindows")) {
    const Place windows_place{&place, "unifiedWindows"};
    const Fields named(*windows, windows_place, message.trouble());
    for (const std::string_view name :
         {"five_hour", "seven_day", "seven_day_opus", "seven_day_sonnet"}) {
      const Place window_place{&windows_place, name};
      if (const auto window = named.get(name))
        limits.put(name, stream_window(Fields(*window, window_place, message.trouble()), now_ms));
    }
  }
  limits.put(info.text("rateLimitType"), stream_window(info, now_ms));
  if (message.trouble().any() || limits.empty()) return false;
  QuotaSeen seen;
  seen.source = shm::QuotaSource::stream;
  seen.observed_at_ms = time(now_ms);
  seen.five_hour = limits.five_hour;
  seen.seven_day = limits.seven_day;
  seen.scoped = limits.scoped;
  take(Observation(seen));
  return true;
}

bool CliMessages::read_result(const Fields& message, i64 now_ms, const Take& take) const {
  AggregateSeen sums;
  sums.source = Source::cli;
  sums.session_id = session_of(message);
  sums.at_ms = time(now_ms);
  sums.api_ms = message.scaled("duration_api_ms", 1, kMostMs);
  i64 models_nanousd = 0;
  const std::vector<ModelTokens> models = read_models(message, models_nanousd);
  sums.models = models;
  sums.cost_nanousd = message.nanousd("total_cost_usd");
  if (sums.cost_nanousd == kUnknown && !models.empty()) sums.cost_nanousd = models_nanousd;

  EventSeen event;
  event.session_id = sums.session_id;
  event.source = Source::cli;
  event.at_ms = sums.at_ms;
  const std::string id = result_id(message, sums.session_id, message.element());
  event.id = id;
  const i64 duration_ms = message.scaled("duration_ms", 1, kMostMs);
  const bool is_failure = failed(message);
  const std::string failure = failure_name(message);
  if (message.trouble().any()) return false;

  take(Observation(sums));
  take(Observation(event));
  if (duration_ms != kUnknown) {
    event.kind = EventKind::compute;
    event.value = duration_ms;
    take(Observation(event));
  }
  if (is_failure) {
    event.kind = EventKind::failure;
    event.value = 1;
    event.name = failure;
    event.call.failed = true;
    take(Observation(event));
  }
  return true;
}

}  // namespace shmeter::collector
