// SPDX-License-Identifier: MIT
// What a source says, as values: the only thing that passes from sources to ledger and model. A
// source turns bytes from outside into these and knows nothing else. Texts are views into bytes the
// caller of the source keeps until the observation has been applied; an empty view or kUnknown
// means that the source did not say.
#pragma once

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
  bool side_chain = false;
  bool fast = false;          // usage.speed == "fast"
  bool has_speed = false;     // usage.speed present and a string
  bool us_inference = false;  // usage.inference_geo == "us"
  bool batch = false;         // usage.service_tier == "batch"
  Tokens tokens;
};

/// What a transcript line tells about its session beside usage. Only members the line had.
struct SessionSeen {
  std::string_view session_id;
  std::string_view cwd;
  std::string_view git_branch;
  std::string_view version;
  std::string_view model;  // of the newest main-chain response, never "<synthetic>"
  i64 at_ms = kUnknown;
  i64 context_used_tokens = kUnknown;  // of a main-chain response
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

/// The client's own sum for a session: compared, never counted.
struct CostStateSeen {
  std::string_view session_id;
  i64 cost_nanousd = kUnknown;
  i64 tokens_total = kUnknown;  // all models, all kinds
  i64 api_ms = kUnknown;
  i64 lines_added = kUnknown;
  i64 lines_removed = kUnknown;
};

/// The service refused a request and said until when.
struct LimitHitSeen {
  std::string_view session_id;
  std::string_view window;  // five_hour, seven_day, seven_day_opus, ...
  i64 resets_at_s = kUnknown;
  i64 at_ms = kUnknown;
};

using Observation =
    std::variant<RequestSeen, SessionSeen, StatusLineSeen, CostStateSeen, LimitHitSeen>;

using shm::valid_session_id;

}  // namespace shmeter::collector
