// SPDX-License-Identifier: MIT
// The other end of the control socket, for programs that have nothing to do meanwhile. Invariant:
// nothing waits longer than it was told to, and an answer is a whole line or an error.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "collector/loop/fd.hpp"
#include "collector/result.hpp"
#include "shm/location.hpp"

namespace shmeter::collector {

class ControlClient {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kAnswerWithin{5000};

  /// The socket at `path`. Errors: not_found (nobody listens), forbidden, unavailable, invalid.
  static Result<ControlClient> open(const std::string& path);
  /// The first of the runtime directories in which somebody listens; else the error of the best.
  static Result<ControlClient> open(const shm::RuntimeDirs& dirs);

  /// Sends `line` (without its newline) and `body`, and waits for the answer's line, which comes
  /// without its newline. Errors: unavailable (no answer in time, or the collector went away).
  Result<std::string> ask(std::string_view line, std::string_view body = {},
                          std::chrono::milliseconds within = kAnswerWithin);
  /// The next line, as of a WATCH; waits without end when `within` is empty.
  Result<std::string> next_line(std::optional<std::chrono::milliseconds> within);

  int fd() const { return fd_.get(); }

 private:
  explicit ControlClient(Fd fd) : fd_(std::move(fd)) {}

  using Deadline = std::optional<Clock::time_point>;
  Result<void> wait(short events, Deadline deadline);
  /// What the other side closes before it has read all is no error: its answer says why.
  Result<void> send(std::string_view bytes, Deadline deadline);
  Result<std::string> read_line(Deadline deadline);

  Fd fd_;
  std::string in_;
};

/// `ERROR reason`, as an error (invalid, or unavailable when it was not stored); else the answer.
Result<std::string> without_error(Result<std::string> answer);

}  // namespace shmeter::collector
