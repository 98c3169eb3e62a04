// SPDX-License-Identifier: MIT
// `date` is the first day of its week or month. Times are epoch seconds, a block's id is its start.
#include "collector/report/report_json.hpp"

#include <array>

#include "collector/report/day.hpp"
#include "collector/report/json_text.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

constexpr std::array<std::string_view, 6> kLists = {"days",     "weeks",  "months",
                                                    "sessions", "blocks", "models"};

i64 seconds(i64 ms) { return shm::known(ms) ? formats::floor_div(ms, 1000) : shm::kUnknown; }

void about(JsonText& out, const PeriodFacts& period) {
  out.name("date").text(write_day(period.first_day));
}

void about(JsonText& out, const SessionFacts& session) {
  out.name("session_id").text(session.id);
  out.name("name").text_or_null(session.name);
  out.name("account").text(session.account);
  out.name("cwd").text_or_null(session.cwd);
  out.name("started_at").number(session.started_at_s);
  out.name("updated_at").number(session.updated_at_s);
  out.name("messages").number(session.messages);
  out.name("tool_calls").number(session.tool_calls);
  out.name("compute_s").number(session.compute_ms, 3);
  out.name("api_s").number(session.api_ms, 3);
  if (session.agents.empty()) return;
  out.name("agents").open('[');
  for (const AgentSum& agent : session.agents) {
    out.open('{').name("agent").text(agent.agent).usage(agent.usage);
    out.name("messages").number(agent.messages);
    out.name("tool_calls").number(agent.tool_calls);
    out.name("compute_s").number(agent.compute_ms == 0 ? kUnknown : agent.compute_ms, 3).close('}');
  }
  out.close(']');
}

void about(JsonText& out, const BlockFacts& block) {
  out.name("id").text(write_iso(block.start_ms));
  out.name("is_gap").flag(block.gap);
  out.name("is_active").flag(block.active);
  out.name("started_at").number(seconds(block.start_ms));
  out.name("ends_at").number(seconds(block.end_ms));
  out.name("first_request_at").number(seconds(block.first_ms));
  out.name("last_request_at").number(seconds(block.last_ms));
  out.name("burn_rate_tokens_per_min").number(block.tokens_per_min);
  out.name("burn_rate_usd_per_hour").number(block.nanousd_per_hour, 9);
  out.name("projected_total_tokens").number(block.projected_tokens);
  out.name("projected_cost_usd").number(block.projected_nanousd, 9);
}

void about(JsonText&, std::monostate) {}

void models(JsonText& out, const Sums& sums) {
  out.name("models").open('[');
  for (const ModelSum& model : sums.models)
    out.open('{').name("model").text(model.model).usage(model.usage).close('}');
  out.close(']');
}

}  // namespace

std::string write_report_json(const Report& report) {
  JsonText out;
  out.open('{').name("schema").number(1);
  if (report.verb == ReportVerb::models) {
    models(out, report.totals);
  } else {
    out.name(kLists[static_cast<std::size_t>(report.verb)]).open('[');
    for (const ReportRow& row : report.rows) {
      out.open('{');
      std::visit([&](const auto& facts) { about(out, facts); }, row.about);
      out.usage(row.sums.usage);
      models(out, row.sums);
      out.close('}');
    }
    out.close(']');
  }
  out.name("totals").open('{').usage(report.totals.usage).close('}').close('}');
  return out.take() + '\n';
}

}  // namespace shmeter::collector
