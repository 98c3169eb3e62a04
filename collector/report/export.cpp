// SPDX-License-Identifier: MIT
#include "collector/report/export.hpp"

#include <algorithm>
#include <array>

#include "collector/ledger/prices.hpp"
#include "collector/report/day.hpp"
#include "collector/report/json_text.hpp"
#include "collector/report/numbers.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

constexpr std::array<std::string_view, 18> kNames = {"id",
                                                     "tenant_id",
                                                     "session_id",
                                                     "agent_name",
                                                     "event_type",
                                                     "value",
                                                     "created_at",
                                                     "model",
                                                     "request_id",
                                                     "source",
                                                     "name",
                                                     "input_tokens",
                                                     "output_tokens",
                                                     "cache_creation_tokens",
                                                     "cache_creation_5m_tokens",
                                                     "cache_creation_1h_tokens",
                                                     "cache_read_tokens",
                                                     "cost_usd"};

std::string_view type_name(EventKind kind) {
  switch (kind) {
    case EventKind::tokens:
      return "tokens";
    case EventKind::tool_call:
      return "tool_call";
    case EventKind::message:
      return "message";
    case EventKind::compute:
      return "compute";
    case EventKind::failure:
      break;
  }
  return {};
}

std::string_view source_name(Source source) {
  switch (source) {
    case Source::transcript:
      return "transcript";
    case Source::statusline:
      return "statusline";
    case Source::cli:
      return "cli";
    case Source::hook:
      return "hook";
    case Source::manual:
      return "manual";
    case Source::posted:
      return "posted";
    case Source::telemetry:
      return "telemetry";
    case Source::derived:
      return "derived";
    case Source::session_file:
      return "session_file";
  }
  return "unknown";
}

/// A spreadsheet takes such a text for a formula.
bool is_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
}

/// Names in the price list are the same for everybody; others may be of somebody's own making.
bool is_public_model(std::string_view name) {
  const auto prices = built_in_prices();
  return std::any_of(prices.begin(), prices.end(),
                     [&](const PriceRow& row) { return row.model == name; });
}

}  // namespace

/// As it is written: a text (empty = none), or a multiple of 10^-decimals.
struct ExportWriter::Field {
  std::string text;
  bool is_number = false;
  i64 value = kUnknown;
  int decimals = 0;

  Field(std::string said) : text(std::move(said)) {}
  Field(i64 number, int digits = 0) : is_number(true), value(number), decimals(digits) {}
};

std::string event_id(const EventKey& key) {
  return write_hex(key.message) + write_hex(key.request);
}

shm::Usage usage_of(const StoredEvent& event) {
  shm::Usage usage = shm::no_usage();
  if (event.kind != EventKind::tokens) return usage;
  usage.requests = 1;
  usage.input_tokens = event.tokens.input;
  usage.output_tokens = event.tokens.output;
  usage.cache_write_5m_tokens = event.tokens.write_5m;
  usage.cache_write_1h_tokens = event.tokens.write_1h;
  usage.cache_read_tokens = event.tokens.read;
  if (shm::known(event.cost_nanousd))
    usage.cost_nanousd = event.cost_nanousd;
  else
    usage.unpriced_tokens = event.tokens.total();
  return usage;
}

std::string csv_field(std::string_view text) {
  if (is_formula(text)) return csv_field("'" + std::string(text));
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) field.append(c == '"' ? 2 : 1, c);
  return field + '"';
}

std::string ExportWriter::header() const {
  if (format_ == ExportFormat::jsonl) return {};
  std::string text;
  for (const std::string_view name : kNames) text.append(text.empty() ? "" : ",").append(name);
  return text + "\r\n";
}

std::string ExportWriter::say(const char* kind, std::string text) {
  if (redact_ == Redact::no || text.empty()) return text;
  auto& labels = labels_[kind];
  const u32 number =
      labels.try_emplace(std::move(text), static_cast<u32>(labels.size() + 1)).first->second;
  return std::string(kind) + "-" + std::to_string(number);
}

std::vector<ExportWriter::Field> ExportWriter::fields(const StoredEvent& event) {
  const std::string model(event.model == kNone ? "" : catalogue_.model(event.model));
  const std::string agent(catalogue_.agent(event.agent));
  std::vector<Field> out = {
      redact_ == Redact::yes ? "event-" + std::to_string(++events_) : event_id(event.key),
      say("account", std::string(catalogue_.account_of(event.session))),
      say("session", std::string(catalogue_.session_id(event.session))),
      event.agent == 0 ? agent : say("agent", agent),
      std::string(type_name(event.kind)),
      {event.value, event.kind == EventKind::compute ? 3 : 0},
      write_iso(event.at_ms),
      is_public_model(model) ? model : say("model", model),
      say("request", std::string(event.request_id)),
      std::string(source_name(event.source)),
      say("tool", std::string(event.name))};
  if (event.kind == EventKind::tokens) {
    const Tokens& t = event.tokens;
    for (const i64 tokens :
         {t.input, t.output, t.write_5m + t.write_1h, t.write_5m, t.write_1h, t.read})
      out.emplace_back(tokens);
    out.emplace_back(event.cost_nanousd, 9);
  }
  while (out.size() < kNames.size()) out.emplace_back(kUnknown);
  return out;
}

std::string ExportWriter::csv(const std::vector<Field>& fields) const {
  std::string line;
  for (const Field& field : fields) {
    if (&field != fields.data()) line += ',';
    formats::Word word;
    if (field.is_number && shm::known(field.value))
      formats::write_decimal(word, field.value, field.decimals);
    line += field.is_number ? std::string(word.view()) : csv_field(field.text);
  }
  return line + "\r\n";
}

std::string ExportWriter::json(const std::vector<Field>& fields) const {
  JsonText out;
  out.open('{');
  for (std::size_t i = 0; i < fields.size(); ++i) {
    out.name(kNames[i]);
    if (fields[i].is_number)
      out.number(fields[i].value, fields[i].decimals);
    else
      out.text_or_null(fields[i].text);
  }
  return out.close('}').take() + '\n';
}

std::string ExportWriter::line(const StoredEvent& event) {
  if (type_name(event.kind).empty()) return {};
  const std::vector<Field> all = fields(event);
  return format_ == ExportFormat::csv ? csv(all) : json(all);
}

}  // namespace shmeter::collector
