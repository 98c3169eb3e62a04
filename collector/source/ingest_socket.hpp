// SPDX-License-Identifier: MIT
// The datagram socket to which every reader sends the JSON that Claude Code gave it, of a status
// line whole, of a hook only what counts. Best effort on both sides: a datagram is a fresh value or
// a doorbell, never an acknowledged event. Invariant: reading never waits, and a datagram that is
// not to the letter what it must be is counted and otherwise ignored.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "collector/loop/fd.hpp"
#include "collector/loop/handles.hpp"
#include "collector/result.hpp"
#include "collector/source/statusline.hpp"

namespace shmeter::collector {

/// The session of samples with which `shmeter doctor` tries the commands of hosts: what is said of
/// it is heard, and thrown away.
inline constexpr std::string_view kTrialSession = "shmeter-doctor";

/// The first line of a datagram, decoded.
struct IngestHeader {
  std::string kind;        // claude, hook
  std::string pane;        // tmux pane, such as %3; empty = none
  std::string config_dir;  // the sender's Claude Code config directory; empty = default
};
/// `shmeter 1 KIND key=value ...` with percent-encoded values. Unknown keys are skipped. False when
/// it is not that.
bool parse_ingest_header(std::string_view line, IngestHeader& header);

class IngestSocket {
 public:
  struct Sink {
    /// Texts live during the call. `config_dir` as the sender said, else empty.
    std::function<void(const StatusLineSeen&, const std::string& config_dir)> observed;
    /// After a group of datagrams, good or bad.
    std::function<void()> turn_ends;
    /// The same. Without it hooks are dropped.
    std::function<void(const HookSeen&, const std::string& config_dir)> hook = {};
  };

  /// Binds `path` (0600), in place of what a dead collector left there: call it under the lock.
  /// Errors: invalid (path too long for a socket), unavailable.
  static Result<std::unique_ptr<IngestSocket>> open(Loop& loop, const std::string& path, Sink sink);
  ~IngestSocket();
  IngestSocket(const IngestSocket&) = delete;
  IngestSocket& operator=(const IngestSocket&) = delete;

  /// Takes what is waiting, at most a few dozen. Called by itself when something came; call it also
  /// before longer work: the kernel queues only about eleven.
  void drain();
  shm::i64 dropped() const { return dropped_; }
  /// False when somebody cleaned the directory: then nobody can send to us any more.
  bool path_still_there() const;

 private:
  IngestSocket(Loop& loop, Fd fd, std::string path, Sink sink);
  bool take(std::string_view datagram);
  bool take_status_line(const IngestHeader& header, std::string_view json);
  bool take_hook(const IngestHeader& header, std::string_view json);

  Fd fd_;
  std::string path_;
  Sink sink_;
  std::unique_ptr<char[]> buffer_;
  StatusLineParser parser_;
  shm::i64 dropped_ = 0;
  Readable readable_;
};

}  // namespace shmeter::collector
