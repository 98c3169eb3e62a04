// SPDX-License-Identifier: MIT
// The sample history through every report, as files: tests/report/golden/NAME. UPDATE_GOLDEN=1
// writes what comes out: review the diff.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "collector/report/report_json.hpp"
#include "collector/report/report_table.hpp"
#include "tests/report/sample.hpp"

namespace shmeter::collector {
namespace {

struct Case {
  const char* name;
  ReportVerb verb;
  std::vector<std::string> words;
  Surface surface = {};
};

const Case kCases[] = {
    {"daily.txt", ReportVerb::daily, {}},
    {"daily-berlin-breakdown.txt",
     ReportVerb::daily,
     {"--timezone", "Europe/Berlin", "--breakdown"}},
    {"daily-newest-first.txt", ReportVerb::daily, {"--order", "desc", "--limit", "3"}},
    {"daily-100-columns.txt", ReportVerb::daily, {}, {100, false}},
    {"daily-80-columns.txt", ReportVerb::daily, {}, {80, false}},
    {"daily-40-columns.txt", ReportVerb::daily, {"--breakdown"}, {40, false}},
    {"daily-colour.txt", ReportVerb::daily, {"--breakdown", "--limit", "1"}, {0, true}},
    {"daily-nothing.txt", ReportVerb::daily, {"--since", "2030-01-01"}},
    {"weekly-from-sunday.txt", ReportVerb::weekly, {"--start-of-week", "sunday"}},
    {"monthly-new-york.txt", ReportVerb::monthly, {"--timezone", "America/New_York"}},
    {"session.txt", ReportVerb::session, {}},
    {"session-80-columns.txt", ReportVerb::session, {}, {80, false}},
    {"session-one.txt", ReportVerb::session, {"--id", "c9be", "--breakdown"}, {120, false}},
    {"blocks.txt", ReportVerb::blocks, {}},
    {"blocks-80-columns.txt", ReportVerb::blocks, {"--timezone", "Asia/Kathmandu"}, {80, false}},
    {"blocks-active.txt", ReportVerb::blocks, {"--active", "--breakdown"}, {120, false}},
    {"models.txt", ReportVerb::models, {}},
    {"daily.json", ReportVerb::daily, {"--timezone", "Europe/Berlin"}},
    {"weekly.json", ReportVerb::weekly, {"--limit", "2"}},
    {"monthly.json", ReportVerb::monthly, {}},
    {"session.json", ReportVerb::session, {}},
    {"blocks.json", ReportVerb::blocks, {"--recent", "7"}},
    {"models.json", ReportVerb::models, {}},
    {"nothing.json", ReportVerb::daily, {"--since", "2030-01-01"}},
    {"export.csv", ReportVerb::export_events, {"--format", "csv"}},
    {"export-redacted.jsonl", ReportVerb::export_events, {"--format", "jsonl", "--redact"}},
};

std::string exported(const Question& question) {
  const Catalogue catalogue = sample::catalogue();
  ExportWriter writer(*question.format, question.redact ? Redact::yes : Redact::no, catalogue);
  std::string text = writer.header();
  for (const StoredEvent& event : sample::events()) text += writer.line(event);
  return text;
}

std::string outcome(const Case& one) {
  const Question question = sample::ask(one.verb, one.words).value();
  if (one.verb == ReportVerb::export_events) return exported(question);
  const Report report = sample::report(one.verb, one.words);
  if (std::string_view(one.name).ends_with(".json")) return write_report_json(report);
  return write_report(report, question.breakdown, sample::calendar_for(question), sample::kNow_ms,
                      one.surface);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Golden, Reports) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.name);
    const std::string path = std::string(SHMETER_GOLDEN) + "/" + one.name;
    const std::string got = outcome(one);
    if (std::getenv("UPDATE_GOLDEN") != nullptr)
      std::ofstream(path, std::ios::binary) << got;
    else
      EXPECT_EQ(got, read_file(path));
  }
}

TEST(Golden, JsonIsJson) {
  simdjson::dom::parser parser;
  for (const Case& one : kCases) {
    if (!std::string_view(one.name).ends_with(".json")) continue;
    SCOPED_TRACE(one.name);
    const std::string text = outcome(one);
    const auto object = parser.parse(text);
    ASSERT_EQ(object.error(), simdjson::SUCCESS);
    EXPECT_EQ(std::int64_t(object["schema"]), 1);
    EXPECT_TRUE(object["totals"].is_object());
  }
}

/// The member names of the contract, to the letter and in order.
TEST(Golden, Names) {
  const auto members = [](simdjson::dom::object object) {
    std::string names;
    for (const auto& member : object) names.append(names.empty() ? "" : " ").append(member.key);
    return names;
  };
  const std::string u =
      "requests input_tokens output_tokens cache_creation_tokens cache_creation_5m_tokens "
      "cache_creation_1h_tokens cache_read_tokens total_tokens cost_usd unpriced_tokens";
  const struct {
    ReportVerb verb;
    const char* list;
    std::string want;
  } rows[] = {
      {ReportVerb::daily, "days", "date " + u + " models"},
      {ReportVerb::weekly, "weeks", "date " + u + " models"},
      {ReportVerb::monthly, "months", "date " + u + " models"},
      {ReportVerb::session, "sessions",
       "session_id name account cwd started_at updated_at messages tool_calls compute_s api_s " +
           u + " models"},
      {ReportVerb::blocks, "blocks",
       "id is_gap is_active started_at ends_at first_request_at last_request_at "
       "burn_rate_tokens_per_min burn_rate_usd_per_hour projected_total_tokens "
       "projected_cost_usd " +
           u + " models"},
      {ReportVerb::models, "models", "model " + u},
  };
  simdjson::dom::parser parser;
  for (const auto& row : rows) {
    const std::string text = write_report_json(sample::report(row.verb, {}));
    simdjson::dom::object object = parser.parse(text);
    EXPECT_EQ(members(object), std::string("schema ") + row.list + " totals");
    simdjson::dom::object first = object[row.list].at(0);
    EXPECT_EQ(members(first), row.want);
    EXPECT_EQ(members(object["totals"]), u);
    if (row.verb == ReportVerb::models) continue;
    simdjson::dom::object model = first["models"].at(0);
    EXPECT_EQ(members(model), "model " + u);
  }
}

/// Dollars are exact to the ninth decimal: no double is on the way.
TEST(Golden, DollarsAreExact) {
  Report report;
  report.verb = ReportVerb::models;
  report.totals.usage.cost_nanousd = 123'456'789'012'345'678;
  EXPECT_NE(write_report_json(report).find("\"cost_usd\":123456789.012345678,"), std::string::npos);
  report.totals.usage.cost_nanousd = 1;
  EXPECT_NE(write_report_json(report).find("\"cost_usd\":0.000000001,"), std::string::npos);
  report.totals.usage.cost_nanousd = kUnknown;
  EXPECT_NE(write_report_json(report).find("\"cost_usd\":null,"), std::string::npos);
}

}  // namespace
}  // namespace shmeter::collector
