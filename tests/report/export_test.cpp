// SPDX-License-Identifier: MIT
// Exports read back with a parser of their own, and what redaction lets through.
#include "collector/report/export.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <random>

#include "tests/report/sample.hpp"

namespace shmeter::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kHeader =
    "id,tenant_id,session_id,agent_name,event_type,value,created_at,model,request_id,source,name,"
    "input_tokens,output_tokens,cache_creation_tokens,cache_creation_5m_tokens,"
    "cache_creation_1h_tokens,cache_read_tokens,cost_usd\r\n";

/// RFC 4180, by its grammar.
std::vector<std::vector<std::string>> parse_csv(std::string_view text) {
  std::vector<std::vector<std::string>> rows(1);
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      field += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ',' || c == '\r')) {
      rows.back().push_back(std::exchange(field, {}));
      if (c == '\r') ++i, rows.emplace_back();
    } else {
      field += c;
    }
  }
  rows.pop_back();
  return rows;
}

StoredEvent request() {
  StoredEvent event = sample::events().front();
  event.request_id = "req_011CSHoE";
  event.agent = 1;
  return event;
}
StoredEvent of_kind(EventKind kind, i64 value, std::string_view name = {}) {
  StoredEvent event = request();
  event.kind = kind;
  event.value = value;
  event.model = kNone;
  event.request_id = {};
  event.name = name;
  event.cost_nanousd = kUnknown;
  return event;
}

TEST(Export, Csv) {
  const Catalogue catalogue = sample::catalogue();
  ExportWriter writer(ExportFormat::csv, Redact::no, catalogue);
  EXPECT_EQ(writer.header(), kHeader);
  EXPECT_EQ(writer.line(request()),
            "0000000000000001abcdef0000000001,work,097a6729-8ea0-4fde-8e30-579cb3a42f13,"
            "code-reviewer,tokens,43,2026-10-24T21:59:59.000Z,claude-opus-5-5,req_011CSHoE,"
            "transcript,,3,40,1500,500,1000,20000,0.123456789\r\n");
  EXPECT_EQ(writer.line(of_kind(EventKind::tool_call, 1, "Bash")),
            "0000000000000001abcdef0000000001,work,097a6729-8ea0-4fde-8e30-579cb3a42f13,"
            "code-reviewer,tool_call,1,2026-10-24T21:59:59.000Z,,,transcript,Bash,,,,,,,\r\n");
  EXPECT_THAT(writer.line(of_kind(EventKind::compute, 12'345)), HasSubstr(",compute,12.345,"));
  EXPECT_EQ(writer.line(of_kind(EventKind::failure, 1, "rate_limit")), "");
}

TEST(Export, JsonLines) {
  const Catalogue catalogue = sample::catalogue();
  ExportWriter writer(ExportFormat::jsonl, Redact::no, catalogue);
  EXPECT_EQ(writer.header(), "");
  EXPECT_EQ(writer.line(request()),
            R"({"id":"0000000000000001abcdef0000000001","tenant_id":"work",)"
            R"("session_id":"097a6729-8ea0-4fde-8e30-579cb3a42f13","agent_name":"code-reviewer",)"
            R"("event_type":"tokens","value":43,"created_at":"2026-10-24T21:59:59.000Z",)"
            R"("model":"claude-opus-5-5","request_id":"req_011CSHoE","source":"transcript",)"
            R"("name":null,"input_tokens":3,"output_tokens":40,"cache_creation_tokens":1500,)"
            R"("cache_creation_5m_tokens":500,"cache_creation_1h_tokens":1000,)"
            R"("cache_read_tokens":20000,"cost_usd":0.123456789})"
            "\n");
  EXPECT_THAT(writer.line(of_kind(EventKind::message, 1)),
              HasSubstr(R"("model":null,"request_id":null,"source":"transcript","name":null,)"
                        R"("input_tokens":null,)"));
  StoredEvent unpriced = request();
  unpriced.cost_nanousd = kUnknown;
  EXPECT_THAT(writer.line(unpriced), HasSubstr(R"("cost_usd":null})"));
}

TEST(Export, CsvFields) {
  const struct {
    std::string_view text, want;
  } rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"a,b", "\"a,b\""},
      {"say \"hi\"", "\"say \"\"hi\"\"\""},
      {"two\nlines", "\"two\nlines\""},
      {"cr\r", "\"cr\r\""},
      {" spaces ", " spaces "},
      {"=1+1", "'=1+1"},
      {"-x,y", "\"'-x,y\""},
      {"@sum", "'@sum"},
  };
  for (const auto& row : rows) EXPECT_EQ(csv_field(row.text), row.want);
}

/// Names of all bytes, in both formats: what a reader gets back is what was there.
TEST(Export, AnyNamesComeBack) {
  const std::vector<std::string> parts = {"a",  ",",  "\"", "\n", "\r\n", "日",
                                          "\\", "\t", " ",  "'",  ";"};
  std::mt19937 random(5);
  simdjson::dom::parser parser;
  for (int i = 0; i < 2000; ++i) {
    std::string name = "n";
    for (auto n = random() % 8; n > 0; --n) name += parts[random() % parts.size()];
    const Catalogue catalogue({{"s"}, {"m"}, {"main", name}}, {}, {});
    StoredEvent event = of_kind(EventKind::tool_call, 1, name);
    event.agent = 1;
    event.request_id = name;
    ExportWriter csv(ExportFormat::csv, Redact::no, catalogue);
    const auto rows = parse_csv(csv.line(event));
    ASSERT_EQ(rows.size(), 1u);
    ASSERT_EQ(rows[0].size(), 18u);
    EXPECT_EQ(rows[0][3], name);
    EXPECT_EQ(rows[0][8], name);
    EXPECT_EQ(rows[0][10], name);
    ExportWriter json(ExportFormat::jsonl, Redact::no, catalogue);
    const auto object = parser.parse(json.line(event));
    EXPECT_EQ(std::string_view(object["agent_name"]), name);
    EXPECT_EQ(std::string_view(object["name"]), name);
  }
}

TEST(Export, RedactedLabelsAreStable) {
  const Catalogue catalogue = sample::catalogue();
  ExportWriter writer(ExportFormat::csv, Redact::yes, catalogue);
  const auto cells = [&](const StoredEvent& event) {
    const auto row = parse_csv(writer.line(event)).at(0);
    return std::vector<std::string>{row[0], row[1], row[2], row[3], row[7], row[8], row[10]};
  };
  StoredEvent tool = of_kind(EventKind::tool_call, 1, "mcp__secret__tool");
  StoredEvent house = request();
  house.model = sample::kGateway;
  house.session = sample::kWide;
  house.agent = 0;
  EXPECT_THAT(cells(request()), ElementsAre("event-1", "account-1", "session-1", "agent-1",
                                            "claude-opus-5-5", "request-1", ""));
  EXPECT_THAT(cells(tool),
              ElementsAre("event-2", "account-1", "session-1", "agent-1", "", "", "tool-1"));
  EXPECT_THAT(cells(house),
              ElementsAre("event-3", "account-2", "session-2", "main", "model-1", "request-1", ""));
  EXPECT_THAT(cells(tool),
              ElementsAre("event-4", "account-1", "session-1", "agent-1", "", "", "tool-1"));
}

/// Every text of an event made recognisable: none of them, and none of their parts, comes out.
TEST(Export, RedactionLeaksNothing) {
  std::mt19937 random(9);
  for (int i = 0; i < 500; ++i) {
    std::vector<std::string> secrets;
    const auto secret = [&] {
      std::string text;
      for (int n = 0; n < 12; ++n) text += static_cast<char>('A' + random() % 26);
      secrets.push_back(text);
      return text;
    };
    AccountRow account{0, "/home/" + secret(), secret(), secret()};
    SessionRow session = sample::session(0, 0, secret(), "/srv/" + secret(), 1, 2);
    const Catalogue catalogue(
        {{secret()}, {random() % 2 == 0 ? secret() : "claude-" + secret()}, {"main", secret()}},
        {account}, {session});
    StoredEvent event = request();
    event.kind = static_cast<EventKind>(1 + random() % 4);
    event.model = 0;
    event.session = 0;
    event.agent = static_cast<u32>(random() % 2);
    event.key = {random() | std::uint64_t{1} << 63, random() | std::uint64_t{1} << 63};
    secrets.push_back(event_id(event.key).substr(0, 8));
    const std::string request_id = secret(), name = secret(), endpoint = secret(), key = secret();
    event.request_id = request_id;
    event.name = name;
    event.call.endpoint = endpoint;
    event.call.key = key;
    for (const auto format : {ExportFormat::csv, ExportFormat::jsonl}) {
      ExportWriter writer(format, Redact::yes, catalogue);
      const std::string line = writer.line(event);
      ASSERT_FALSE(line.empty());
      for (const std::string& text : secrets) ASSERT_EQ(line.find(text), std::string::npos) << line;
      ASSERT_EQ(line.find('/'), std::string::npos) << "no path";
    }
  }
}

TEST(Export, UsageOfAnEvent) {
  shm::Usage usage = usage_of(request());
  EXPECT_EQ(usage, (shm::Usage{1, 3, 40, 500, 1000, 20'000, 123'456'789, 0}));
  StoredEvent unpriced = request();
  unpriced.cost_nanousd = kUnknown;
  EXPECT_EQ(usage_of(unpriced), (shm::Usage{1, 3, 40, 500, 1000, 20'000, 0, 21'543}));
  EXPECT_EQ(usage_of(of_kind(EventKind::message, 1)), shm::no_usage());
}

}  // namespace
}  // namespace shmeter::collector
