// SPDX-License-Identifier: MIT
#include "collector/loop/handles.hpp"

#include <cstdio>
#include <cstdlib>

namespace shmeter::collector {
namespace {

// A handle that cannot even be made means that the process has no descriptors or memory left at its
// start: nothing of the collector works then.
template <class T>
UvHandle<T> made(Result<UvHandle<T>> handle) {
  if (handle) return std::move(*handle);
  std::fprintf(stderr, "shmeterd: %s\n", handle.error().message.c_str());
  std::abort();
}

void must(const char* what, int code) {
  if (code >= 0) return;
  std::fprintf(stderr, "shmeterd: %s: %s\n", what, uv_strerror(code));
  std::abort();
}

template <class Owner, class Handle>
void call_owner(Handle* handle, std::function<void()> Owner::*fire) noexcept {
  if (auto* owner = static_cast<Owner*>(handle->data)) (owner->*fire)();
}

}  // namespace

Timer::Timer(Loop& loop, std::function<void()> fire)
    : fire_(std::move(fire)),
      handle_(made(UvHandle<uv_timer_t>::make("timer", this, uv_timer_init, loop.get()))) {}

void Timer::start_once(std::uint64_t after_ms) {
  // The loop's idea of now is as old as its turn; a timer counts from that.
  uv_update_time(handle_.get()->loop);
  must("timer", uv_timer_start(
                    handle_.get(), [](uv_timer_t* h) noexcept { call_owner(h, &Timer::fire_); },
                    after_ms, 0));
}

void Timer::start_every(std::uint64_t period_ms) {
  uv_update_time(handle_.get()->loop);
  must("timer", uv_timer_start(
                    handle_.get(), [](uv_timer_t* h) noexcept { call_owner(h, &Timer::fire_); },
                    period_ms, period_ms));
}

void Timer::stop() { uv_timer_stop(handle_.get()); }
bool Timer::active() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(handle_.get())) != 0;
}

SignalHandler::SignalHandler(Loop& loop, int signum, std::function<void()> fire)
    : fire_(std::move(fire)),
      handle_(made(UvHandle<uv_signal_t>::make("signal", this, uv_signal_init, loop.get()))) {
  must("signal",
       uv_signal_start(
           handle_.get(),
           [](uv_signal_t* h, int) noexcept { call_owner(h, &SignalHandler::fire_); }, signum));
}

Readable::Readable(Loop& loop, int fd, std::function<void()> fire)
    : fire_(std::move(fire)),
      handle_(made(UvHandle<uv_poll_t>::make("poll", this, uv_poll_init, loop.get(), fd))) {
  must("poll", uv_poll_start(handle_.get(), UV_READABLE, [](uv_poll_t* h, int, int) noexcept {
         call_owner(h, &Readable::fire_);
       }));
}

void Readable::stop() { uv_poll_stop(handle_.get()); }

Doorbell::Doorbell(Loop& loop, std::function<void()> fire)
    : fire_(std::move(fire)),
      handle_(made(UvHandle<uv_async_t>::make(
          "async", this, uv_async_init, loop.get(),
          [](uv_async_t* h) noexcept { call_owner(h, &Doorbell::fire_); }))) {}

void Doorbell::ring() { must("async", uv_async_send(handle_.get())); }

EachTurn::EachTurn(Loop& loop, std::function<void()> fire)
    : fire_(std::move(fire)),
      handle_(made(UvHandle<uv_prepare_t>::make("prepare", this, uv_prepare_init, loop.get()))) {
  must("prepare", uv_prepare_start(handle_.get(), [](uv_prepare_t* h) noexcept {
         call_owner(h, &EachTurn::fire_);
       }));
}

}  // namespace shmeter::collector
