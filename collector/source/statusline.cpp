// SPDX-License-Identifier: MIT
#include "collector/source/statusline.hpp"

#include <algorithm>

#include "collector/source/json_dom.hpp"

namespace shmeter::collector {
namespace {

constexpr double kPpmPerPercent = 10'000;
constexpr double kPpm = 1'000'000;
constexpr double kNano = 1e9;
constexpr i64 kMostTokens = i64{1} << 53;  // more cannot be meant, and could not be added up

using json::flag;
using json::scaled;
using json::text;
using json::Value;
using json::whole;

/// Percent as parts per million, at most the whole.
i64 share(const Value& value) {
  const i64 ppm = scaled(value, kPpmPerPercent);
  return ppm == kUnknown ? ppm : std::min(ppm, static_cast<i64>(kPpm));
}

WindowSeen window(const Value& value) {
  return {share(value["used_percentage"]), whole(value["resets_at"])};
}

shm::SpendLimit spend_limit(const Value& value) {
  shm::SpendLimit limit;
  limit.used_ppm = scaled(value["used_percentage"], kPpmPerPercent);  // may exceed the whole
  limit.resets_at_s = whole(value["resets_at"]);
  limit.used_nanousd = scaled(value["used_usd"], kNano);
  limit.limit_nanousd = scaled(value["limit_usd"], kNano);
  limit.period.assign(text(value["period"]));
  return limit;
}

void fill_model(const Value& root, shm::Session& session) {
  const Value model = root["model"];
  const std::string_view plain = text(model);
  session.model.assign(plain.empty() ? text(model["id"]) : plain);
  session.model_name.assign(text(model["display_name"]));
}

void fill_context(const Value& context, shm::Session& session) {
  session.context_size_tokens = whole(context["context_window_size"]);
  session.context_used_ppm = share(context["used_percentage"]);
  // `total_input_tokens` was a sum over the whole session before 2.1.132; these three never were.
  const Value usage = context["current_usage"];
  i64 used = kUnknown;
  for (const char* kind :
       {"input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"}) {
    const i64 tokens = whole(usage[kind]);
    if (tokens != kUnknown && tokens <= kMostTokens) used = (used == kUnknown ? 0 : used) + tokens;
  }
  session.context_used_tokens = used;
}

void fill_cost(const Value& cost, shm::Session& session) {
  session.cost_nanousd = scaled(cost["total_cost_usd"], kNano);
  session.api_ms = whole(cost["total_api_duration_ms"]);
  session.lines_added = whole(cost["total_lines_added"]);
  session.lines_removed = whole(cost["total_lines_removed"]);
}

// The same under three names, of which each client knows one or two.
std::string_view agent_of(const Value& root) {
  for (const std::string_view name :
       {text(root["agent"]["name"]), text(root["agent"]["type"]), text(root["agent_type"])})
    if (!name.empty()) return name;
  return {};
}

shm::Session session_of(const Value& root, std::string_view cwd) {
  shm::Session session;
  session.session_id.assign(text(root["session_id"]));
  session.name.assign(text(root["session_name"]));
  session.cwd.assign(cwd);
  session.cwd_hash = cwd.empty() ? 0 : shm::hash_text(cwd);
  fill_model(root, session);
  fill_cost(root["cost"], session);
  fill_context(root["context_window"], session);
  session.prompt_cache_warm = flag(root["prompt_cache"]["warm"]);
  session.prompt_cache_expires_at_s = whole(root["prompt_cache"]["expires_at"]);
  session.effort.assign(text(root["effort"]["level"]));
  session.fast_mode = flag(root["fast_mode"]);
  session.thinking = flag(root["thinking"]["enabled"]);
  session.agent.assign(agent_of(root));
  session.git_branch.assign(text(root["worktree"]["branch"]));
  session.pr = whole(root["pr"]["number"]);
  session.version.assign(text(root["version"]));
  return session;
}

}  // namespace

struct StatusLineParser::State {
  simdjson::dom::parser parser{kMaxStatusLine};
};

StatusLineParser::StatusLineParser() : state_(std::make_unique<State>()) {}
StatusLineParser::~StatusLineParser() = default;

std::optional<StatusLineSeen> StatusLineParser::parse(std::string_view json, i64 received_at_ms) {
  const Value root = state_->parser.parse(json.data(), json.size());
  if (!root.is_object() || !valid_session_id(text(root["session_id"]))) return {};
  StatusLineSeen seen;
  seen.cwd = text(root["workspace"]["current_dir"]);
  if (seen.cwd.empty()) seen.cwd = text(root["cwd"]);
  seen.session = session_of(root, seen.cwd);
  seen.session.updated_at_s = received_at_ms / 1000;
  seen.transcript_path = text(root["transcript_path"]);
  const Value limits = root["rate_limits"];
  seen.five_hour = window(limits["five_hour"]);
  seen.seven_day = window(limits["seven_day"]);
  seen.spend_limit = spend_limit(limits["spend_limit"]);
  seen.received_at_ms = received_at_ms;
  return seen;
}

}  // namespace shmeter::collector
