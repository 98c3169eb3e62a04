// SPDX-License-Identifier: MIT
// What must be true of an observation whoever made it, as observation.hpp promises it to the ledger
// and the model.
#pragma once

#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "collector/source/observation.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/source/observed.hpp"

namespace shmeter::fuzz {

namespace detail {

using collector::i64;
using collector::kUnknown;

inline void known_or_not_negative(i64 value, const char* what) {
  holds(value == kUnknown || value >= 0, what);
}
inline void short_enough(std::string_view text) {
  holds(text.size() <= collector::kMaxText, "a text is at most kMaxText long");
}
inline void session(std::string_view id) {
  holds(collector::valid_session_id(id), "the session id is one", id);
}

inline void check(const collector::CallDetails& call) {
  short_enough(call.endpoint);
  short_enough(call.key);
  known_or_not_negative(call.latency_ms, "a latency is not negative");
}

inline void check(const collector::WindowSeen& window) {
  known_or_not_negative(window.used_ppm, "a share is not negative");
  known_or_not_negative(window.resets_at_s, "a reset is not negative");
}

inline void check(const collector::RequestSeen& seen) {
  session(seen.session_id);
  for (const std::string_view text :
       {seen.message_id, seen.request_id, seen.uuid, seen.model, seen.agent})
    short_enough(text);
  // A transcript's line without any is known by what it says.
  holds(seen.source == collector::Source::transcript || !seen.message_id.empty() ||
            !seen.request_id.empty() || !seen.uuid.empty(),
        "a request has an id");
  holds(seen.model != "<synthetic>", "nothing synthetic is a request");
  for (const i64 tokens : {seen.tokens.input, seen.tokens.output, seen.tokens.write_5m,
                           seen.tokens.write_1h, seen.tokens.read, seen.tokens.web_searches})
    holds(tokens >= 0 && tokens <= std::numeric_limits<shm::u32>::max(),
          "tokens are from 0 to 2^32 - 1", std::to_string(tokens));
  known_or_not_negative(seen.cost_nanousd, "a cost is not negative");
  known_or_not_negative(seen.at_ms, "a time is not negative");
  check(seen.call);
}

inline void check(const collector::EventSeen& seen) {
  session(seen.session_id);
  holds(!seen.id.empty(), "an event has an id");
  for (const std::string_view text : {seen.id, seen.agent, seen.name}) short_enough(text);
  holds(seen.value >= 0, "what is counted is not negative");
  known_or_not_negative(seen.at_ms, "a time is not negative");
  check(seen.call);
}

inline void check(const collector::SessionSeen& seen) {
  session(seen.session_id);
  for (const std::string_view text : {seen.cwd, seen.git_branch, seen.version, seen.model})
    short_enough(text);
  holds(seen.model != "<synthetic>", "nothing synthetic is a model");
  known_or_not_negative(seen.at_ms, "a time is not negative");
  known_or_not_negative(seen.context_used_tokens, "context is not negative");
}

inline void check(const collector::StatusLineSeen& seen) {
  session(seen.session.session_id.view());
  short_enough(seen.transcript_path);
  short_enough(seen.cwd);
  const shm::Session& s = seen.session;
  for (const i64 value :
       {s.cost_nanousd, s.api_ms, s.lines_added, s.lines_removed, s.context_size_tokens,
        s.context_used_ppm, s.context_used_tokens, s.prompt_cache_warm, s.prompt_cache_expires_at_s,
        s.fast_mode, s.thinking, s.pr})
    known_or_not_negative(value, "a number of a status line is not negative");
  check(seen.five_hour);
  check(seen.seven_day);
}

inline void check(const collector::AggregateSeen& seen) {
  session(seen.session_id);
  for (const i64 value :
       {seen.cost_nanousd, seen.api_ms, seen.lines_added, seen.lines_removed, seen.at_ms})
    known_or_not_negative(value, "a sum is not negative");
  for (const auto& model : seen.models) {
    short_enough(model.model);
    holds(model.tokens >= 0, "tokens of a model are not negative");
  }
}

inline void check(const collector::LimitHitSeen& seen) {
  session(seen.session_id);
  short_enough(seen.window);
  known_or_not_negative(seen.resets_at_s, "a reset is not negative");
}

inline void check(const collector::QuotaSeen& seen) {
  short_enough(seen.login);
  check(seen.five_hour);
  check(seen.seven_day);
  for (const auto& scoped : seen.scoped) {
    short_enough(scoped.label);
    check(scoped.window);
  }
}

inline void check(const collector::HookSeen& seen) {
  session(seen.session_id);
  for (const std::string_view text :
       {seen.transcript_path, seen.agent_transcript_path, seen.cwd, seen.agent_id, seen.agent_type,
        seen.tool_name, seen.tool_use_id, seen.error, seen.notification_type, seen.source,
        seen.reason})
    short_enough(text);
}

inline void check(const collector::ReportedSeen& seen) { session(seen.session_id); }
inline void check(const collector::LoginSeen& seen) { short_enough(seen.login); }
inline void check(const collector::LiveSeen& seen) { session(seen.session_id); }

}  // namespace detail

inline void check(const collector::Observation& seen) {
  std::visit([](const auto& one) { detail::check(one); }, seen);
}

/// Give `take()` to a source: each is checked, and kept as a line.
class Checked {
 public:
  std::function<void(const collector::Observation&)> take() {
    return [keep = all_.take()](const collector::Observation& seen) {
      check(seen);
      keep(seen);
    };
  }
  const std::vector<std::string>& lines() const { return all_.lines; }

 private:
  test::Observed all_;
};

}  // namespace shmeter::fuzz
