// SPDX-License-Identifier: MIT
#include "collector/source/usage_json.hpp"

#include <algorithm>

#include "collector/source/json_fields.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kMostSeconds = i64{100} * 1000 * 1000 * 1000;  // the year 5138; ms lie beyond

void check_total(const json::Fields& fields, const ReportedSeen& seen) {
  const i64 total = fields.whole("total_tokens");
  if (total == kUnknown || seen.input_tokens == kUnknown || seen.output_tokens == kUnknown) return;
  const i64 prompt_and_answer = seen.input_tokens + seen.output_tokens;
  const i64 all = prompt_and_answer + std::max(seen.cache_creation_tokens, i64{0}) +
                  std::max(seen.cache_read_tokens, i64{0});
  if (total != prompt_and_answer && total != all)
    fields.note("total_tokens", "not the sum of input_tokens and output_tokens");
}

i64 cost(const json::Fields& fields) {
  const i64 estimated = fields.nanousd("estimated_cost");
  const i64 said = fields.nanousd("cost_usd");
  if (estimated != kUnknown && said != kUnknown && estimated != said)
    fields.note("cost_usd", "differs from estimated_cost: give one of them");
  return std::max(estimated, said);
}

bool says_nothing(const ReportedSeen& seen) {
  return seen.model.empty() &&
         std::max({seen.input_tokens, seen.output_tokens, seen.cache_creation_tokens,
                   seen.cache_read_tokens, seen.cost_nanousd, seen.messages, seen.tool_calls,
                   seen.compute_ms, seen.rate_limit_remaining, seen.rate_limit_limit,
                   seen.rate_limit_reset_s}) == kUnknown;
}

ReportedSeen read(const json::Fields& fields) {
  ReportedSeen seen;
  seen.model = fields.text("model");
  seen.input_tokens = fields.whole("input_tokens");
  seen.output_tokens = fields.whole("output_tokens");
  seen.cache_creation_tokens = fields.whole("cache_creation_tokens");
  seen.cache_read_tokens = fields.whole("cache_read_tokens");
  check_total(fields, seen);
  seen.cost_nanousd = cost(fields);
  seen.messages = fields.whole("messages");
  seen.tool_calls = fields.whole("tool_calls");
  seen.compute_ms = fields.scaled("compute_seconds", 1000, 1e9);
  seen.rate_limit_remaining = fields.whole("rate_limit_remaining");
  seen.rate_limit_limit = fields.whole("rate_limit_limit");
  seen.rate_limit_reset_s = fields.whole("rate_limit_reset", kMostSeconds);
  return seen;
}

}  // namespace

Result<void> parse_usage(std::string_view session_id, std::string_view bytes, i64 now_ms,
                         const std::function<void(const Observation&)>& take) {
  if (!valid_session_id(session_id))
    return fail(Errc::invalid, "not a session id: 1-64 of [A-Za-z0-9._:-]");
  simdjson::dom::parser parser;
  const auto document = json::parse_document(parser, bytes, kMaxUsageJson);
  if (!document) return tl::unexpected(document.error());
  json::Trouble trouble;
  const json::Place root;
  ReportedSeen seen = read(json::Fields(*document, root, trouble));
  if (says_nothing(seen)) trouble.note(root, "nothing of a usage in it, such as input_tokens");
  if (trouble.any()) return trouble.error();
  seen.session_id = session_id;
  seen.at_ms = now_ms;
  take(Observation(seen));
  return {};
}

}  // namespace shmeter::collector
