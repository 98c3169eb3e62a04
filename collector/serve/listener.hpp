// SPDX-License-Identifier: MIT
// A socket that listens, and who comes in. Invariant: a few are taken in in each turn of the loop,
// and when descriptors run out it waits a while instead of being told without end.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "collector/loop/fd.hpp"
#include "collector/loop/handles.hpp"
#include "collector/serve/poll.hpp"

namespace shmeter::collector {

class Listener final : private Poll::Owner {
 public:
  /// Given each new connection, which does not block.
  using TakeIn = std::function<void(Fd)>;

  /// `fd` listens and does not block. Errors: unavailable.
  static Result<std::unique_ptr<Listener>> make(Loop& loop, Fd fd, TakeIn take_in);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  Listener(Loop& loop, Fd fd, TakeIn take_in);
  void ready() noexcept override;

  Fd fd_;
  TakeIn take_in_;
  std::optional<Poll> poll_;
  Timer again_;  // after descriptors ran out
};

}  // namespace shmeter::collector
