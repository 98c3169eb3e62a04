// SPDX-License-Identifier: MIT
// One program that is run once for what it prints. No shell; its input is what it is given, else
// empty, its environment ours and what is added to it. Invariant: it gets a fixed time and a fixed
// amount of output, and whatever it started in its process group is gone when the answer comes;
// nothing here waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "collector/loop/fd.hpp"
#include "collector/loop/handles.hpp"
#include "collector/result.hpp"

namespace shmeter::collector {

class ChildProcess {
 public:
  struct Limits {
    std::uint64_t time_ms = 10'000;
    std::size_t output_bytes = std::size_t{64} << 10;
    bool one_line = false;  // ended once it has printed a line
  };
  struct Given {
    std::string input;
    std::vector<std::string> environment;  // NAME=VALUE, beside ours and before it
  };
  using Done = std::function<void(Result<std::string>)>;
  /// How it ended, for who wants more than a sentence.
  struct Ended {
    enum class How { exited, signalled, one_line, too_late, too_much, not_started };
    How how = How::exited;
    int code = 0;      // the status, or the signal
    std::string out;   // what it printed until then, about `output_bytes` at most
    std::string said;  // its last line on stderr, or why it was not started; harmless and short
  };
  using Told = std::function<void(Ended)>;

  /// Starts `argv` (not empty; the first is looked up in PATH). `done` is called once, in a later
  /// turn of the loop: what the program printed when it ended with 0, else unavailable with one
  /// line that says how it ended and what it said last on stderr. This must not be destroyed in
  /// there.
  ChildProcess(Loop& loop, std::vector<std::string> argv, Done done, Limits limits, Given given);
  ChildProcess(Loop& loop, std::vector<std::string> argv, Done done, Limits limits)
      : ChildProcess(loop, std::move(argv), std::move(done), limits, Given{}) {}
  ChildProcess(Loop& loop, std::vector<std::string> argv, Done done)
      : ChildProcess(loop, std::move(argv), std::move(done), Limits{}) {}
  /// The same, and `told` hears how it ended.
  ChildProcess(Loop& loop, std::vector<std::string> argv, Told told, Limits limits, Given given);
  /// Ends a program that still runs; `done` is not called then.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  bool running() const { return static_cast<bool>(told_); }

 private:
  /// The reading end of a pipe.
  struct Output {
    Fd fd;
    std::optional<Readable> readable;  // after `fd`: goes first
    std::string text;
  };

  Result<void> start(Loop& loop, Given given);
  void read(Output& from, int reads);
  void ended(std::int64_t status, int signal);
  void let_go();
  void finish(Ended::How how, int code = 0);

  std::vector<std::string> argv_;
  Told told_;
  Limits limits_;
  std::string failed_;  // why it could not be started
  uv_process_t* process_ = nullptr;
  Output out_;
  Output err_;
  Timer timer_;
};

}  // namespace shmeter::collector
