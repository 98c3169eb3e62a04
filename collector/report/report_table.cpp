// SPDX-License-Identifier: MIT
#include "collector/report/report_table.hpp"

#include <algorithm>
#include <set>

#include "collector/report/day.hpp"
#include "collector/report/numbers.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

constexpr int kLeastLabel = 12;
constexpr int kMostLabel = 40;  // nobody's names are longer, but somebody may send such

/// What cannot be seen in the total goes first.
std::vector<TableColumn> usage_columns() {
  return {{"Requests", Align::right, 3},   {"Input", Align::right, 4},
          {"Output", Align::right, 4},     {"Cache write", Align::right, 1},
          {"Cache read", Align::right, 1}, {"Total tokens", Align::right, 7},
          {"Cost", Align::right, 9}};
}

void add_usage(std::vector<std::string>& cells, const shm::Usage& usage) {
  for (const i64 number :
       {usage.requests, usage.input_tokens, usage.output_tokens, shm::cache_write_tokens(usage),
        usage.cache_read_tokens, shm::total_tokens(usage)})
    cells.push_back(write_count(number));
  cells.push_back(write_cost(usage));
}

/// 2h13m; less than a minute is <1m.
std::string span_text(i64 ms) {
  formats::Word word;
  formats::write_countdown(word, std::max<i64>(ms / 1000, 1));
  return std::string(word.view());
}

std::string last_part(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos || path.size() == 1 ? path : path.substr(slash + 1);
}

/// Under a row all models are read as Claude's.
std::string short_name(std::string_view model) {
  constexpr std::string_view kMaker = "claude-";
  if (model.starts_with(kMaker)) model.remove_prefix(kMaker.size());
  return clean_text(model, kMostLabel);
}

class Writer {
 public:
  Writer(const Report& report, bool breakdown, const Calendar& calendar, i64 now_ms)
      : report_(report), breakdown_(breakdown), calendar_(calendar), now_ms_(now_ms) {
    std::set<std::string_view> accounts;
    for (const ReportRow& row : report_.rows)
      if (const auto* facts = std::get_if<SessionFacts>(&row.about))
        accounts.insert(facts->account);
    several_accounts_ = accounts.size() > 1;
  }

  TextTable table() {
    add_columns();
    if (report_.verb == ReportVerb::models)
      for (const ModelSum& model : report_.totals.models)
        add_model(clean_text(model.model, kMostLabel), model.usage, Tone::plain);
    else
      for (const ReportRow& row : report_.rows) add_row(row);
    table_.lines.push_back({TableLine::Kind::rule, {}, Tone::faint});
    std::vector<std::string> total(label_columns_);
    total.front() = "Total";
    add_line(std::move(total), report_.totals.usage, Tone::strong);
    add_footnote();
    return std::move(table_);
  }

 private:
  void add_columns() {
    auto& columns = table_.columns;
    const auto label = [&](const char* title, int importance, int least) {
      columns.push_back({title, Align::left, importance, least});
    };
    switch (report_.verb) {
      case ReportVerb::weekly:
        label("Week from", 0, kLeastLabel);
        break;
      case ReportVerb::monthly:
        label("Month", 0, kLeastLabel);
        break;
      case ReportVerb::session:
        label("Session", 0, kLeastLabel);
        label("Project", 8, 10);
        if (several_accounts_) label("Account", 2, 8);
        label("Last activity", 6, 0);
        break;
      case ReportVerb::blocks:
        label("Block", 0, 0);
        label("Status", 8, 0);
        break;
      case ReportVerb::models:
        label("Model", 0, kLeastLabel);
        break;
      default:
        label("Date", 0, kLeastLabel);
    }
    label_columns_ = columns.size();
    for (TableColumn& column : usage_columns()) columns.push_back(std::move(column));
  }

  void add_line(std::vector<std::string> labels, const shm::Usage& usage, Tone tone) {
    add_usage(labels, usage);
    table_.lines.push_back({TableLine::Kind::cells, std::move(labels), tone});
  }

  void add_model(std::string label, const shm::Usage& usage, Tone tone) {
    std::vector<std::string> labels(label_columns_);
    labels.front() = std::move(label);
    add_line(std::move(labels), usage, tone);
  }

  void add_breakdown(const Sums& sums) {
    if (!breakdown_) return;
    for (const ModelSum& model : sums.models)
      add_model("  " + short_name(model.model), model.usage, Tone::faint);
  }

  void add_row(const ReportRow& row) {
    if (const auto* block = std::get_if<BlockFacts>(&row.about)) return add_block(*block, row.sums);
    add_line(labels(row), row.sums.usage, Tone::plain);
    add_breakdown(row.sums);
    if (const auto* session = std::get_if<SessionFacts>(&row.about))
      for (const AgentSum& agent : session->agents) add_agent(agent);
  }

  /// What it used stands in the columns, what it did below its name.
  void add_agent(const AgentSum& agent) {
    add_model("by " + clean_text(agent.agent, kMostLabel), agent.usage, Tone::faint);
    std::string did;
    const auto say = [&](i64 count, const char* one, const char* many) {
      if (count == 0) return;
      did.append(did.empty() ? "   " : ", ").append(write_count(count)).append(" ");
      did += count == 1 ? one : many;
    };
    say(agent.messages, "prompt", "prompts");
    say(agent.tool_calls, "tool call", "tool calls");
    if (agent.compute_ms != 0)
      did.append(did.empty() ? "   " : ", ")
          .append(span_text(agent.compute_ms))
          .append(" of turns");
    if (!did.empty()) table_.lines.push_back({TableLine::Kind::note, {did}, Tone::faint});
  }

  std::vector<std::string> labels(const ReportRow& row) const {
    if (const auto* period = std::get_if<PeriodFacts>(&row.about))
      return {report_.verb == ReportVerb::monthly ? write_month(period->first_day)
                                                  : write_day(period->first_day)};
    const auto& facts = std::get<SessionFacts>(row.about);
    std::vector<std::string> cells = {
        facts.id, facts.cwd.empty() ? kUnknownText : clean_text(last_part(facts.cwd), kMostLabel)};
    if (several_accounts_) cells.push_back(clean_text(facts.account, kMostLabel));
    cells.push_back(minute(facts.updated_at_s));
    return cells;
  }

  std::string minute(i64 at_s) const {
    return shm::known(at_s) ? write_minute(at_s, calendar_.offset_s(at_s)) : kUnknownText;
  }

  std::string end_text(i64 start_s, i64 end_s) const {
    const std::string start = minute(start_s);
    const std::string end = minute(end_s);
    return end.substr(0, 10) == start.substr(0, 10) ? end.substr(11) : end.substr(5);
  }

  void add_block(const BlockFacts& block, const Sums& sums) {
    const std::string when = minute(block.start_ms / 1000) + " – " +
                             end_text(block.start_ms / 1000, block.end_ms / 1000);
    if (block.gap) {
      table_.lines.push_back({TableLine::Kind::cells,
                              {when, "pause of " + span_text(block.end_ms - block.start_ms)},
                              Tone::faint});
      return;
    }
    const std::string status =
        block.active ? "active, " + span_text(block.end_ms - now_ms_) + " left" : "";
    add_line({when, status}, sums.usage, block.active ? Tone::lively : Tone::plain);
    add_breakdown(sums);
    if (block.active && shm::known(block.tokens_per_min)) add_pace(block);
  }

  void add_pace(const BlockFacts& block) {
    const i64 end_s = block.end_ms / 1000;
    const std::string pace = write_count(block.tokens_per_min) + " tokens/min, " +
                             write_dollars(block.nanousd_per_hour) + "/h";
    const std::string outcome = write_count(block.projected_tokens) + " tokens, " +
                                write_dollars(block.projected_nanousd) + " by " +
                                write_clock_time(end_s, calendar_.offset_s(end_s));
    table_.lines.push_back(
        {TableLine::Kind::note, {"  at " + pace + ": " + outcome}, Tone::lively});
  }

  void add_footnote() {
    const i64 unpriced = report_.totals.usage.unpriced_tokens;
    if (unpriced <= 0) return;
    std::string models;
    for (const ModelSum& model : report_.totals.models)
      if (model.usage.unpriced_tokens > 0) models.append(models.empty() ? "" : ", ") += model.model;
    table_.footnotes.push_back("* without " + write_count(unpriced) +
                               " tokens that have no known price: " + models);
  }

  const Report& report_;
  bool breakdown_;
  const Calendar& calendar_;
  i64 now_ms_;
  bool several_accounts_ = false;
  std::size_t label_columns_ = 0;
  TextTable table_;
};

}  // namespace

std::string write_report(const Report& report, bool breakdown, const Calendar& calendar, i64 now_ms,
                         const Surface& surface) {
  if (report.rows.empty() && report.totals.models.empty()) return "No usage found.\n";
  return write_table(Writer(report, breakdown, calendar, now_ms).table(), surface);
}

}  // namespace shmeter::collector
