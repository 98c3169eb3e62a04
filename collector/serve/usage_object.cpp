// SPDX-License-Identifier: MIT
#include "collector/serve/usage_object.hpp"

#include <algorithm>

#include "collector/serve/picture_line.hpp"
#include "formats/json_writer.hpp"

namespace shmeter::collector {
namespace {

using formats::sum;
using shm::i64;
using shm::known;
using shm::kUnknown;

i64 writes(const shm::Usage& usage) {
  return sum(usage.cache_write_5m_tokens, usage.cache_write_1h_tokens);
}

// Nothing of it has a known price: then 0 would be a guess.
i64 counted_cost(const shm::Usage& usage) {
  const i64 all = sum(sum(usage.input_tokens, usage.output_tokens),
                      sum(writes(usage), usage.cache_read_tokens));
  const bool unpriced = known(usage.unpriced_tokens) && usage.unpriced_tokens > 0;
  return unpriced && usage.unpriced_tokens >= all ? kUnknown : usage.cost_nanousd;
}

void add_tokens(formats::JsonWriter& out, const shm::Usage& usage) {
  out.number("input_tokens", usage.input_tokens);
  out.number("output_tokens", usage.output_tokens);
  out.number("total_tokens", sum(usage.input_tokens, usage.output_tokens));
  out.number("cache_creation_tokens", writes(usage));
  out.number("cache_read_tokens", usage.cache_read_tokens);
}

bool limit_over(const shm::Session& session, i64 now_s) {
  return known(session.rate_limit_reset_s) && session.rate_limit_reset_s <= now_s;
}

/// `session` may be null: nobody said anything.
void add_rate_limit(formats::JsonWriter& out, const shm::Session* session, i64 now_s) {
  if (session != nullptr && limit_over(*session, now_s)) session = nullptr;
  out.number("rate_limit_remaining", session ? session->rate_limit_remaining : kUnknown);
  out.number("rate_limit_limit", session ? session->rate_limit_limit : kUnknown);
  out.number("rate_limit_reset", session ? session->rate_limit_reset_s : kUnknown);
}

}  // namespace

std::string usage_object(const shm::Session& session, i64 now_s) {
  const i64 counted = counted_cost(session.usage);
  std::string line;
  formats::JsonWriter out(append_to, &line);
  out.open('{');
  out.text("session_id", session.session_id.view());
  add_tokens(out, session.usage);
  // The client's own figure when there is one, as in every line that shows the session.
  out.dollars("estimated_cost", known(session.cost_nanousd) ? session.cost_nanousd : counted);
  add_rate_limit(out, &session, now_s);
  out.number("updated_at", session.updated_at_s);
  out.number("requests", session.usage.requests);
  out.dollars("counted_cost_usd", counted);
  out.number("unpriced_tokens", session.usage.unpriced_tokens);
  out.number("messages", session.messages);
  out.number("tool_calls", session.tool_calls);
  out.number("compute_s", session.compute_ms, 3);
  out.text_or_null("model", session.model.view());
  out.close('}');
  out.end();
  return line;
}

std::string usage_object(const shm::Summary& summary, std::span<const shm::Session* const> sessions,
                         i64 now_s) {
  i64 updated_at_s = kUnknown;
  for (const shm::Session* session : sessions)
    updated_at_s = std::max(updated_at_s, session->updated_at_s);
  const auto told = std::find_if(sessions.begin(), sessions.end(), [&](const auto* session) {
    return known(session->rate_limit_remaining) && !limit_over(*session, now_s);
  });
  std::string line;
  formats::JsonWriter out(append_to, &line);
  out.open('{');
  out.null("session_id");
  add_tokens(out, summary.all);
  out.dollars("estimated_cost", counted_cost(summary.all));
  add_rate_limit(out, told == sessions.end() ? nullptr : *told, now_s);
  out.number("updated_at", updated_at_s);
  out.number("sessions", summary.sessions_known);
  out.number("requests", summary.all.requests);
  out.number("unpriced_tokens", summary.all.unpriced_tokens);
  out.close('}');
  out.end();
  return line;
}

}  // namespace shmeter::collector
