// SPDX-License-Identifier: MIT
// Waits for a descriptor to be readable, writable, or neither. Unlike Readable of loop/handles.hpp
// it can be told again and again what to wait for, making it may fail, and it may be destroyed by
// what it calls.
#pragma once

#include "collector/loop/loop.hpp"
#include "collector/loop/uv_handle.hpp"

namespace shmeter::collector {

class Poll {
 public:
  /// Who is told.
  class Owner {
   public:
    virtual void ready() noexcept = 0;

   protected:
    ~Owner() = default;
  };

  /// `fd` and `owner` must outlive it. Errors: unavailable.
  static Result<Poll> make(Loop& loop, int fd, Owner* owner) {
    auto handle = UvHandle<uv_poll_t>::make("poll", owner, uv_poll_init, loop.get(), fd);
    if (!handle) return tl::unexpected(handle.error());
    return Poll(std::move(*handle));
  }

  /// UV_READABLE, UV_WRITABLE, both, or 0 = nothing. Level, not edge.
  void wait_for(int events) {
    if (events == events_) return;
    events_ = events;
    if (events == 0) {
      uv_poll_stop(handle_.get());
      return;
    }
    uv_poll_start(handle_.get(), events, [](uv_poll_t* handle, int, int) noexcept {
      if (auto* owner = static_cast<Owner*>(handle->data)) owner->ready();
    });
  }

 private:
  explicit Poll(UvHandle<uv_poll_t> handle) : handle_(std::move(handle)) {}

  UvHandle<uv_poll_t> handle_;
  int events_ = 0;
};

}  // namespace shmeter::collector
