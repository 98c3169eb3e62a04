// SPDX-License-Identifier: MIT
// Brings requests to the control socket for a program that must never wait for it: one request at a
// time, sent and answered as far as the socket allows without blocking. Invariant: once it is
// broken everything is thrown away, and nothing is waited for.
#pragma once

#include <string>

#include "collector/loop/fd.hpp"
#include "collector/result.hpp"
#include "shm/location.hpp"

namespace shmeter::collector {

class AsyncSender {
 public:
  /// Errors: as ControlClient's.
  static Result<AsyncSender> open(const shm::RuntimeDirs& dirs);

  /// A line with its newline, and its body. Only when idle.
  void start(std::string request);
  /// Goes on as far as it goes.
  void turn();

  /// Nothing is on its way.
  bool idle() const { return broken_ || (!waiting_ && sent_ == out_.size()); }
  bool broken() const { return broken_; }
  /// The first ERROR, or why it broke; empty = none.
  const std::string& trouble() const { return trouble_; }
  /// `trouble` is an ERROR.
  bool refused() const { return refused_; }

  int fd() const { return broken_ ? -1 : fd_.get(); }
  /// What to poll for.
  short events() const;

 private:
  explicit AsyncSender(Fd fd) : fd_(std::move(fd)) {}
  void breaks(std::string why);

  Fd fd_;
  std::string out_;
  std::size_t sent_ = 0;
  std::string in_;
  bool waiting_ = false;  // for an answer
  bool broken_ = false;
  bool refused_ = false;
  std::string trouble_;
};

}  // namespace shmeter::collector
