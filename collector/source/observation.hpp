// SPDX-License-Identifier: MIT
// What a source says, as values: the only thing that passes from sources to ledger and model. A
// source turns bytes from outside into these and knows nothing else. Texts are views into bytes the
// caller of the source keeps until the observation has been applied; an empty view or kUnknown
// means that the source did not say.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::i64;
using shm::kUnknown;
using shm::u64;

/// Longest text an observation may carry; sources cut what is longer (ids that are longer are
/// refused).
inline constexpr std::size_t kMaxText = 4096;

/// What Claude Code calls the model of an answer that it made up itself: no request.
inline constexpr std::string_view kSyntheticModel = "<synthetic>";

/// Who told. Stored: append only.
enum class Source : std::uint8_t {
  transcript = 1,
  statusline = 2,
  cli = 3,  // the result of `claude -p`
  hook = 4,
  manual = 5,  // SET_USAGE, SET_QUOTA
  posted = 6,  // an event that somebody sent
  telemetry = 7,
  derived = 8,  // made from a prompt and its last answer
  session_file = 9,
};

/// What an event counts (api.md §5). Stored: append only.
enum class EventKind : std::uint8_t {
  tokens = 1,     // one API response
  tool_call = 2,  // one tool_use id
  message = 3,    // one prompt that a person or program sent
  compute = 4,    // wall clock of one turn
  failure = 5,    // one request that failed
};

/// Of a posted event or of telemetry; everything absent in a transcript.
struct CallDetails {
  std::string_view endpoint;
  std::string_view key;  // who is billed, a name
  i64 latency_ms = kUnknown;
  bool failed = false;
  bool operator==(const CallDetails&) const = default;
};

/// Tokens of one API response as the service reported them. Each 0 .. 2^32-1; absent members are 0.
struct Tokens {
  i64 input = 0;     // uncached
  i64 output = 0;    // thinking included
  i64 write_5m = 0;  // cache writes less write_1h: what has no said lifetime is priced as 5 min
  i64 write_1h = 0;
  i64 read = 0;
  i64 web_searches = 0;

  i64 prompt() const { return input + write_5m + write_1h + read; }
  i64 total() const { return prompt() + output; }
  bool operator==(const Tokens&) const = default;
};

/// One line about one API response. Several lines may speak of the same response; the ledger
/// decides.
struct RequestSeen {
  std::string_view message_id;
  std::string_view request_id;
  std::string_view uuid;
  std::string_view session_id;  // valid by valid_session_id
  std::string_view model;       // as written; never "<synthetic>"
  i64 at_ms = kUnknown;         // the line's own timestamp, epoch ms
  i64 until_ms = kUnknown;      // of the last of more lines that said the same on that UTC day
  bool side_chain = false;
  bool fast = false;          // usage.speed == "fast"
  bool has_speed = false;     // usage.speed present and a string
  bool us_inference = false;  // usage.inference_geo == "us"
  bool batch = false;         // usage.service_tier == "batch"
  Tokens tokens;
  std::string_view agent;  // type of the sub-agent that asked; empty = main
  Source source = Source::transcript;
  i64 cost_nanousd = kUnknown;  // said by who posted it; then no price is looked up
  CallDetails call;
};

/// Anything else that is counted once: a tool call, a prompt, a turn's time, a failure. Of several
/// with one kind and id the greatest by (value, earlier time, smaller session) counts.
struct EventSeen {
  EventKind kind = EventKind::message;
  std::string_view session_id;  // valid by valid_session_id
  std::string_view id;          // unique in its kind: tool_use id, prompt id, uuid; never empty
  std::string_view agent;       // as RequestSeen
  std::string_view name;        // the tool's name, the kind of failure; may be empty
  i64 at_ms = kUnknown;
  i64 value = 1;  // compute: ms; tool_call, message, failure: as said, normally 1
  Source source = Source::transcript;
  CallDetails call;
};

/// What a transcript line tells about its session beside usage. Only members the line had.
struct SessionSeen {
  std::string_view session_id;
  std::string_view cwd;
  std::string_view git_branch;
  std::string_view version;
  std::string_view model;  // of the newest main-chain response, never "<synthetic>"
  i64 at_ms = kUnknown;
  i64 since_ms = kUnknown;             // of the first of more lines that said the same before
  i64 context_used_tokens = kUnknown;  // of a main-chain response
  bool context_cleared = false;        // compacted at at_ms: what was known of it holds no longer
};

/// One limit window as a source reported it.
struct WindowSeen {
  i64 used_ppm = kUnknown;
  i64 resets_at_s = kUnknown;
};

/// One status line. Every member of facts of the client's JSON that the picture has a place for.
struct StatusLineSeen {
  shm::Session session;  // session_id set; unknown where the JSON said nothing
  std::string_view transcript_path;
  std::string_view cwd;  // whole, for cwd_hash
  WindowSeen five_hour;
  WindowSeen seven_day;
  shm::SpendLimit spend_limit;
  i64 received_at_ms = kUnknown;
};

/// Tokens of all four kinds under one model, as an aggregate has them.
struct ModelTokens {
  std::string_view model;  // as written
  i64 tokens = 0;
};

/// The client's own sums for a session (cost-state line, CLI result): compared, never counted. They
/// only grow; the greatest stands.
struct AggregateSeen {
  std::string_view session_id;
  Source source = Source::transcript;
  i64 cost_nanousd = kUnknown;
  i64 api_ms = kUnknown;
  i64 lines_added = kUnknown;
  i64 lines_removed = kUnknown;
  i64 at_ms = kUnknown;                 // kUnknown: the line has no time
  std::span<const ModelTokens> models;  // empty = not said
};

/// The service refused a request and said until when.
struct LimitHitSeen {
  std::string_view session_id;
  std::string_view window;  // five_hour, seven_day, seven_day_opus, ...
  i64 resets_at_s = kUnknown;
  i64 at_ms = kUnknown;
};

/// A weekly window of its own, such as that of one model family.
struct ScopedWindowSeen {
  std::string_view label;
  WindowSeen window;
};

/// Limits of an account from anything but a status line or a limit line.
struct QuotaSeen {
  shm::QuotaSource source = shm::QuotaSource::manual;
  std::string_view login;  // the account's uuid; empty = not said
  i64 observed_at_ms = kUnknown;
  WindowSeen five_hour;
  WindowSeen seven_day;
  bool says_scoped = false;  // `scoped` is the whole list: what is not in it is gone
  std::span<const ScopedWindowSeen> scoped;
  bool says_extra_usage = false;
  shm::ExtraUsage extra_usage;
  shm::SpendLimit spend_limit;  // all unknown = not said
};

/// The config directory's login, as its global file names it: another one than before drops the
/// former one's limits.
struct LoginSeen {
  std::string_view login;  // empty = logged out
};

enum class HookEvent : std::uint8_t {
  other,
  session_start,
  session_end,
  user_prompt_submit,
  stop,
  stop_failure,
  subagent_stop,
  post_tool_use,
  notification,
};

/// A hook fired: a doorbell, and what a session is doing. No numbers.
struct HookSeen {
  HookEvent event = HookEvent::other;
  std::string_view session_id;
  std::string_view transcript_path;
  std::string_view agent_transcript_path;
  std::string_view cwd;
  std::string_view agent_id;
  std::string_view agent_type;
  std::string_view tool_name;
  std::string_view tool_use_id;
  std::string_view error;
  std::string_view notification_type;
  std::string_view source;  // of session_start
  std::string_view reason;  // of session_end
  std::string_view pane;    // of tmux, that it came from; empty = none, or not said
  i64 received_at_ms = kUnknown;
};

/// A session's own file about itself (sessions/<pid>.json), its process verified.
struct LiveSeen {
  std::string_view session_id;
  bool alive = true;  // false: the file or its process is gone
  i64 pid = kUnknown;
  shm::SessionStatus status = shm::SessionStatus::unknown;  // of a live one; unknown = not said
  i64 status_at_ms = kUnknown;
  i64 started_at_ms = kUnknown;
  std::string_view name;
  std::string_view cwd;
  std::string_view version;
  i64 seen_at_ms = kUnknown;
};

/// SET_USAGE: absolute values that somebody says about a session, kUnknown where they do not.
struct ReportedSeen {
  std::string_view session_id;
  std::string_view model;
  i64 input_tokens = kUnknown;
  i64 output_tokens = kUnknown;
  i64 cache_creation_tokens = kUnknown;
  i64 cache_read_tokens = kUnknown;
  i64 cost_nanousd = kUnknown;
  i64 messages = kUnknown;
  i64 tool_calls = kUnknown;
  i64 compute_ms = kUnknown;
  i64 rate_limit_remaining = kUnknown;
  i64 rate_limit_limit = kUnknown;
  i64 rate_limit_reset_s = kUnknown;
  i64 at_ms = kUnknown;
};

using Observation =
    std::variant<RequestSeen, EventSeen, SessionSeen, StatusLineSeen, AggregateSeen, LimitHitSeen,
                 QuotaSeen, LoginSeen, HookSeen, LiveSeen, ReportedSeen>;

using shm::valid_session_id;

}  // namespace shmeter::collector
