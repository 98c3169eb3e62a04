// SPDX-License-Identifier: MIT
#include "collector/command/answer_table.hpp"

#include <simdjson.h>

#include <cmath>
#include <ctime>
#include <utility>

#include "collector/report/numbers.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

namespace dom = simdjson::dom;
using Value = simdjson::simdjson_result<dom::element>;
using shm::kUnknown;

std::string_view text(const Value& value) {
  std::string_view out;
  return value.get_string().get(out) == simdjson::SUCCESS ? out : std::string_view{};
}

/// A number times `scale`, rounded; unknown when there is none.
i64 number(const Value& value, double scale = 1) {
  constexpr double kMost = 9e18;
  double out = 0;
  if (value.get_double().get(out) != simdjson::SUCCESS) return kUnknown;
  return std::abs(out * scale) < kMost ? std::llround(out * scale) : kUnknown;
}

template <class Write, class... More>
std::string word(i64 number, Write&& write, More... more) {
  if (!shm::known(number)) return kUnknownText;
  formats::Word out;
  write(out, number, more...);
  return std::string(out.view());
}
std::string percent(const Value& value) {
  return word(number(value, 10'000), formats::write_percent, 1);
}
std::string left(i64 at_s, i64 now_s) {
  return word(formats::difference(at_s, now_s), formats::write_countdown);
}
std::string age(i64 seconds) { return word(seconds, formats::write_age); }
std::string or_unknown(std::string_view text) {
  return text.empty() ? kUnknownText : std::string(text);
}

struct QuotaLines {
  TextTable table;
  i64 now_s = 0;
  std::string account;  // of the next line; said once

  void add(std::string_view window, const Value& value) {
    if (!value.is_object()) return;
    table.lines.push_back(
        {.kind = TableLine::Kind::cells,
         .cells = {std::exchange(account, {}), std::string(window),
                   percent(value["used_percentage"]), percent(value["remaining_percentage"]),
                   left(number(value["resets_at"]), now_s), clock(number(value["resets_at"])),
                   or_unknown(text(value["source"])), age(number(value["age_s"]))}});
  }
  std::string clock(i64 at_s) const;
};

}  // namespace

// The zone of the person who looks, not the collector's.
std::string QuotaLines::clock(i64 at_s) const {
  if (!shm::known(at_s)) return kUnknownText;
  const auto seconds = static_cast<std::time_t>(at_s);
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return kUnknownText;
  return word(at_s, formats::write_clock, now_s, i64{local.tm_gmtoff});
}

std::string write_quota_table(std::string_view json, const Surface& surface) {
  dom::parser parser;
  const Value answer = parser.parse(json.data(), json.size());
  QuotaLines lines;
  lines.now_s = number(answer["generated_at"]);
  lines.table.columns = {{"Account", Align::left, 5, 8}, {"Window", Align::left, 9},
                         {"Used", Align::right, 9},      {"Left", Align::right, 9},
                         {"Resets in", Align::right, 8}, {"At", Align::right, 3},
                         {"Source", Align::left, 1},     {"Age", Align::right, 2}};
  dom::array accounts;
  if (answer["accounts"].get_array().get(accounts) != simdjson::SUCCESS) return {};
  for (const dom::element account : accounts) {
    const std::size_t before = lines.table.lines.size();
    lines.account = text(account["name"]);
    lines.add("five_hour", account["five_hour"]);
    lines.add("seven_day", account["seven_day"]);
    dom::array scoped;
    if (account["scoped"].get_array().get(scoped) == simdjson::SUCCESS)
      for (const dom::element one : scoped) lines.add(text(one["label"]), Value(dom::element(one)));
    lines.add("spend_limit", account["spend_limit"]);
    lines.add("extra_usage", account["extra_usage"]);
    if (lines.table.lines.size() == before)
      lines.table.lines.push_back(
          {.kind = TableLine::Kind::cells,
           .cells = {lines.account, "nothing known", "", "", "", "", "", ""},
           .tone = Tone::faint});
  }
  if (lines.table.lines.empty()) return "no account has been seen yet\n";
  return write_table(lines.table, surface);
}

std::string write_usage_table(std::string_view json, i64 now_s, const Surface& surface) {
  dom::parser parser;
  const Value answer = parser.parse(json.data(), json.size());
  if (!answer.is_object()) return {};
  const auto count = [&](const char* name) { return write_count(number(answer[name])); };
  const i64 updated_s = number(answer["updated_at"]);
  TextTable table;
  const std::string_view id = text(answer["session_id"]);
  table.columns = {{id.empty() ? "All sessions" : "Session", Align::left, 9},
                   {id.empty() ? count("sessions") : std::string(id), Align::right, 9}};
  const auto add = [&](const char* title, std::string value) {
    table.lines.push_back({.kind = TableLine::Kind::cells, .cells = {title, std::move(value)}});
  };
  if (const auto model = text(answer["model"]); !model.empty()) add("Model", std::string(model));
  add("Requests", count("requests"));
  add("Input", count("input_tokens"));
  add("Output", count("output_tokens"));
  add("Input + output", count("total_tokens"));
  add("Cache written", count("cache_creation_tokens"));
  add("Cache read", count("cache_read_tokens"));
  add("Cost (estimate)", write_dollars(number(answer["estimated_cost"], 1e9)));
  if (const i64 calls = number(answer["rate_limit_remaining"]); shm::known(calls))
    add("API calls left", write_count(calls) + " of " + count("rate_limit_limit"));
  add("Updated", shm::known(updated_s) ? age(std::max<i64>(now_s - updated_s, 0)) + " ago"
                                       : std::string(kUnknownText));
  return write_table(table, surface);
}

GuardSays read_guard_answer(std::string_view json) {
  dom::parser parser;
  const Value answer = parser.parse(json.data(), json.size());
  GuardSays out;
  bool allowed = false;
  if (answer["allowed"].get_bool().get(allowed) == simdjson::SUCCESS) out.allowed = allowed;
  out.reason = text(answer["reason"]);
  return out;
}

}  // namespace shmeter::collector
