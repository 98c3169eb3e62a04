// SPDX-License-Identifier: MIT
#include "collector/command/alert_list.hpp"

#include <simdjson.h>

#include <algorithm>

#include "collector/append_to.hpp"
#include "collector/command/alert_state.hpp"
#include "collector/command/alert_words.hpp"
#include "collector/command/daemon.hpp"
#include "collector/command/region_picture.hpp"
#include "collector/report/numbers.hpp"
#include "collector/report/table.hpp"
#include "formats/fields.hpp"
#include "formats/json_writer.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

using shm::known;
using Subject = AlertStanding::Subject;

struct State {
  std::string_view name;
  i64 since_s = kUnknown;
};
State state_of(const AlertStanding& alert) {
  State state{"armed", alert.back_s};
  for (const Subject& one : alert.subjects) {
    if (one.holds && alert.quiet_now && state.name == "armed") state = {"quiet", kUnknown};
    if (!one.told) continue;
    const bool earlier = state.name != "fired" || (known(one.told_s) && one.told_s < state.since_s);
    if (earlier) state = {"fired", one.told_s};
  }
  return state;
}

std::string clock(i64 minutes) {
  const auto two = [](i64 n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(minutes / 60) + ':' + two(minutes % 60);
}

void write_actions(formats::JsonWriter& out, const AlertConfig& alert) {
  out.name("actions");
  out.open('[');
  if (!alert.command.empty()) out.string("command");
  if (alert.notify) out.string("notify");
  if (alert.tmux) out.string("tmux");
  if (!alert.webhook.url.empty()) out.string("webhook");
  out.close(']');
}

void write_subject(formats::JsonWriter& out, const AlertConfig& alert, const Subject& one) {
  const int decimals = formats::decimals_of(alert_kind(alert));
  out.open('{');
  out.text_or_null("account", one.account);
  out.text_or_null("session_id", one.session_id);
  out.text_or_null("session_name", one.session_name);
  out.number("value", one.value, decimals);
  out.flag("at_least", i64{one.at_least});
  out.text_or_null("text", alert_value_text(alert, one.value, one.at_least));
  out.flag("holds", known(one.value) ? i64{one.holds} : kUnknown);
  out.flag("told", i64{one.told});
  out.number("told_at", one.told_s);
  out.close('}');
}

void write_one(formats::JsonWriter& out, const AlertStanding& standing, i64 pending) {
  const AlertConfig& alert = *standing.alert;
  const State state = state_of(standing);
  out.open('{');
  out.text("alert", alert.name);
  out.text("when", alert.when);
  out.text("field", alert.field);
  out.number("line", alert.line, formats::decimals_of(alert_kind(alert)));
  out.text_or_null("account", alert.account);
  write_actions(out, alert);
  out.text_or_null("quiet", alert.quiet
                                ? clock(alert.quiet->begin_min) + '-' + clock(alert.quiet->end_min)
                                : std::string());
  out.flag("quiet_now", i64{standing.quiet_now});
  out.text("state", state.name);
  out.number("since", state.since_s);
  out.number("last_told_at", standing.told_s);
  out.number("webhooks_pending", pending);
  out.name("subjects");
  out.open('[');
  for (const Subject& one : standing.subjects) write_subject(out, alert, one);
  out.close(']');
  out.close('}');
}

// ---- The table ----------------------------------------------------------------------------------

namespace dom = simdjson::dom;
using Value = simdjson::simdjson_result<dom::element>;

std::string_view text(const Value& value) {
  std::string_view out;
  return value.get_string().get(out) == simdjson::SUCCESS ? out : std::string_view{};
}
bool flag(const Value& value) {
  bool out = false;
  return value.get_bool().get(out) == simdjson::SUCCESS && out;
}
i64 number(const Value& value) {
  i64 out = kUnknown;
  return value.get_int64().get(out) == simdjson::SUCCESS ? out : kUnknown;
}
std::string ago(i64 at_s, i64 now_s) {
  if (!known(at_s)) return kUnknownText;
  formats::Word word;
  formats::write_age(word, std::max<i64>(formats::difference(now_s, at_s), 0));
  return std::string(word.view()) + " ago";
}
std::string about(const dom::element& subject) {
  const std::string_view name = text(subject["session_name"]);
  const std::string_view session = name.empty() ? text(subject["session_id"]) : name;
  const std::string_view account = text(subject["account"]);
  if (session.empty()) return account.empty() ? "all" : std::string(account);
  return std::string(account) + (account.empty() ? "" : " ") + std::string(session);
}

void add_lines(TextTable& table, const dom::element& alert, i64 now_s) {
  const std::string_view state = text(alert["state"]);
  const i64 webhooks = number(alert["webhooks_pending"]);
  TableLine line{.kind = TableLine::Kind::cells,
                 .cells = {std::string(text(alert["alert"])), std::string(text(alert["when"])),
                           std::string(state), ago(number(alert["since"]), now_s), "", "",
                           ago(number(alert["last_told_at"]), now_s),
                           webhooks > 0 ? std::to_string(webhooks) : std::string()},
                 .tone = state == "fired" ? Tone::lively : Tone::plain};
  dom::array subjects;
  std::size_t count = 0;
  if (alert["subjects"].get_array().get(subjects) == simdjson::SUCCESS)
    for (const dom::element one : subjects) {
      const std::string_view value = text(one["text"]);
      line.cells[4] = value.empty() ? kUnknownText : std::string(value);
      line.cells[5] = about(one);
      line.tone = flag(one["told"]) ? Tone::lively : Tone::plain;
      if (count++ > 0)
        for (const std::size_t of_all : {0u, 1u, 2u, 3u, 6u, 7u}) line.cells[of_all].clear();
      table.lines.push_back(line);
    }
  if (count > 0) return;
  line.cells[4] = kUnknownText;
  line.cells[5] = "nobody now";
  table.lines.push_back(std::move(line));
}

}  // namespace

std::string alert_list_json(std::span<const AlertStanding> alerts,
                            std::span<const WebhookDelivery> pending, i64 now_s, bool live) {
  std::string line;
  formats::JsonWriter out(append_to, &line);
  out.open('{');
  out.number("schema", 1);
  out.number("generated_at", now_s);
  out.flag("live", i64{live});
  out.name("alerts");
  out.open('[');
  for (const AlertStanding& one : alerts)
    write_one(out, one, std::count_if(pending.begin(), pending.end(), [&](const auto& delivery) {
                return delivery.alert == one.alert->name;
              }));
  out.close(']');
  out.close('}');
  out.end();
  return line;
}

std::string write_alert_table(std::string_view json, const Surface& surface) {
  dom::parser parser;
  const Value answer = parser.parse(json.data(), json.size());
  dom::array alerts;
  if (answer["alerts"].get_array().get(alerts) != simdjson::SUCCESS) return {};
  TextTable table;
  table.columns = {{"Alert", Align::left, 9, 8},   {"When", Align::left, 5, 10},
                   {"State", Align::left, 9},      {"Since", Align::right, 4},
                   {"Value", Align::right, 8},     {"Of", Align::left, 7, 8},
                   {"Last told", Align::right, 3}, {"To send", Align::right, 6}};
  for (const dom::element alert : alerts) add_lines(table, alert, number(answer["generated_at"]));
  if (table.lines.empty()) return "no alert is configured\n";
  return write_table(table, surface);
}

Result<std::string> alerts_without_daemon(const Flags& flags, const Environment& environment,
                                          i64 now_s) {
  const auto config = load_config(environment.config_path(flags), environment.home);
  if (!config) return tl::unexpected(config.error());
  Alerts alerts(*config);
  std::vector<WebhookDelivery> pending;
  const std::string dir = environment.state_dir();
  if (!dir.empty() && config->store.keep == Keep::disk) {
    auto state = load_alert_state(dir + '/' + kAlertStateName);
    if (!state) {
      say(state.error().message);
    } else {
      alerts.restore(state->told, state->past);
      pending = std::move(state->pending);
    }
  }
  const auto region = read_whole_region(environment.runtime_dirs(flags));
  const bool live = region && region->live();
  return alert_list_json(alerts.look(region ? region->picture() : shm::Picture{}, now_s), pending,
                         now_s, live);
}

}  // namespace shmeter::collector
