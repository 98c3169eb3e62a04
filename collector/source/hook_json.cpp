// SPDX-License-Identifier: MIT
#include "collector/source/hook_json.hpp"

#include "collector/source/json_dom.hpp"
#include "collector/source/json_fields.hpp"

namespace shmeter::collector {
namespace {

HookEvent event_of(std::string_view name) {
  static constexpr struct {
    std::string_view name;
    HookEvent event;
  } kEvents[] = {
      {"SessionStart", HookEvent::session_start},
      {"SessionEnd", HookEvent::session_end},
      {"Stop", HookEvent::stop},
      {"UserPromptSubmit", HookEvent::user_prompt_submit},
      {"StopFailure", HookEvent::stop_failure},
      {"SubagentStop", HookEvent::subagent_stop},
      {"PostToolUse", HookEvent::post_tool_use},
      {"Notification", HookEvent::notification},
  };
  for (const auto& row : kEvents)
    if (row.name == name) return row.event;
  return HookEvent::other;
}

}  // namespace

Result<void> parse_hook(std::string_view bytes, i64 now_ms,
                        const std::function<void(const Observation&)>& take) {
  simdjson::dom::parser parser;
  const auto document = json::parse_document(parser, bytes, kMaxHookJson);
  if (!document) return tl::unexpected(document.error());
  if (!document->is_object()) return fail(Errc::invalid, "not an object");
  const json::Value root = json::value_of(*document);
  const auto text = [&root](std::string_view member) { return json::text(root[member]); };
  const std::string_view name = text("hook_event_name");
  if (name.empty()) return fail(Errc::invalid, "hook_event_name: missing");
  HookSeen seen{
      .event = event_of(name),
      .session_id = text("session_id"),
      .transcript_path = text("transcript_path"),
      .agent_transcript_path = text("agent_transcript_path"),
      .cwd = text("cwd"),
      .agent_id = text("agent_id"),
      .agent_type = text("agent_type"),
      .tool_name = text("tool_name"),
      .tool_use_id = text("tool_use_id"),
      .error = text("error"),
      .notification_type = text("notification_type"),
      .source = text("source"),
      .reason = text("reason"),
      .pane = {},
      .received_at_ms = now_ms,
  };
  if (!valid_session_id(seen.session_id))
    return fail(Errc::invalid, "session_id: not a session id");
  take(Observation(seen));
  return {};
}

}  // namespace shmeter::collector
