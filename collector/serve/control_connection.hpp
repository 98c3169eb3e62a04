// SPDX-License-Identifier: MIT
// One client of the control socket: what it asked, and what it has still to be told. Requests are
// answered in the order in which they came, also when an answer is late; what comes behind a body
// waits until that is taken in. Invariant: a client that
// does not read is not read from either once so much is waiting for it, so its memory is bounded;
// nothing it does or leaves undone makes anybody else wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "collector/loop/fd.hpp"
#include "collector/serve/answer.hpp"
#include "collector/serve/poll.hpp"
#include "collector/serve/request_reader.hpp"

namespace shmeter::collector {

class ControlConnection final : public Poll::Owner {
 public:
  struct Host {
    Service& service;
    /// An Answer for the request `number` of the connection `id`, good for as long as anybody keeps
    /// it.
    std::function<Answer(std::uint64_t id, std::uint64_t number)> answer_for;
    /// The bodies that are being read, of all clients, are too much together.
    std::function<bool()> bodies_too_big;
    /// After every turn in which something happened: it may be destroyed then.
    std::function<void(ControlConnection&)> turned;
    /// The loop's clock.
    std::function<std::uint64_t()> now_ms;
    std::size_t most_waiting_bytes;
    std::size_t most_pending;
  };

  /// Errors: unavailable.
  static Result<std::unique_ptr<ControlConnection>> open(Loop& loop, Fd fd, std::uint64_t id,
                                                         Host& host);
  ControlConnection(const ControlConnection&) = delete;
  ControlConnection& operator=(const ControlConnection&) = delete;

  std::uint64_t id() const { return id_; }
  void ready() noexcept override;
  /// The answer to request `number`, at any time.
  void answered(std::uint64_t number, Reply reply);

  /// Nothing can be told to it any more: to be destroyed.
  bool ended() const { return ended_; }
  bool has_feed() const { return feed_ != nullptr; }
  /// Tells a watcher what is new, if it has read everything before that. False: it has not; ask
  /// again later.
  bool feed();
  /// When it last took or said something.
  std::uint64_t active_ms() const { return active_ms_; }
  /// Answers wait for it to read.
  bool has_waiting() const { return sent_ < out_.size(); }
  /// It has asked nothing that is not answered, and watches nothing.
  bool idle() const { return !has_feed() && !has_waiting() && slots_.empty(); }
  std::size_t body_bytes() const { return reader_.body_bytes(); }
  /// Notices that a watcher which has nothing more to say is gone.
  void look();

 private:
  ControlConnection(Fd fd, std::uint64_t id, Host& host);

  bool throttled() const;
  void receive();
  void work();
  void refuse(const std::string& reason);
  void put_in_order();
  void send();
  void turn_ends();

  Fd fd_;
  std::uint64_t id_;
  Host& host_;
  RequestReader reader_;
  std::optional<Poll> poll_;
  std::deque<std::optional<Reply>> slots_;  // of requests not yet told; empty = not yet known
  std::uint64_t first_ = 0;                 // number of the first of them
  std::uint64_t behind_ = 0;                // what has a body is taken in first, it and all before
  std::string out_;
  std::size_t sent_ = 0;  // of out_
  std::unique_ptr<Feed> feed_;
  std::uint64_t active_ms_ = 0;
  std::size_t thrown_away_ = 0;
  bool at_end_ = false;   // it says nothing more
  bool deaf_ = false;     // what it says is thrown away
  bool shut_ = false;     // it was told that nothing more comes
  bool working_ = false;  // work() is running
  bool ended_ = false;
};

}  // namespace shmeter::collector
