// SPDX-License-Identifier: MIT
// What `claude -p` prints as JSON, whole or as a stream, to observations. Its sums are aggregates,
// compared and never counted; the `usage` of its messages is a placeholder and not read. Tool calls
// carry the ids that the transcript has, so they count once. Invariant: a message that is wrong in
// what is looked at says nothing at all; utilization is a share of 1 here and nowhere else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// A document or a line of a stream may hold a tool's whole answer.
inline constexpr std::size_t kMaxCliJson = std::size_t{64} << 20;

/// `--output-format json`: the result, or the array of all messages that older clients print with
/// --verbose. What is not dated by the messages before it is dated `now_ms`. Errors (invalid):
/// neither of the two, no session id, a wrong number; the member is named.
[[nodiscard]] Result<void> parse_cli_json(std::string_view bytes, i64 now_ms,
                                          const std::function<void(const Observation&)>& take);

/// `--output-format stream-json`, line by line. A line that is no JSON object or array is somebody
/// else's and skipped; so is one that is too long; a damaged one is counted and takes nothing with
/// it.
class StreamJson {
 public:
  struct Status {
    i64 lines = 0;        // not empty
    i64 messages = 0;     // that gave an observation
    i64 damaged = 0;      // begin like JSON and are not what they must be
    i64 too_long = 0;     // over kMaxCliJson
    std::string trouble;  // the first: "line 3: session_id: missing"
  };

  /// Texts of the observations live during the call.
  explicit StreamJson(std::function<void(const Observation&)> take);
  ~StreamJson();
  StreamJson(StreamJson&&) noexcept;
  StreamJson& operator=(StreamJson&&) noexcept;

  /// The next bytes, in any cuts.
  void feed(std::string_view bytes, i64 now_ms);
  /// The stream has ended; its last line may lack a newline.
  void finish(i64 now_ms);
  const Status& status() const;

 private:
  void finish_line(std::string_view rest, i64 now_ms);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace shmeter::collector
