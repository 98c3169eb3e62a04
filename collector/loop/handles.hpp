// SPDX-License-Identifier: MIT
// The five kinds of events the collector waits for, each as a small owner with one function to
// call. Invariant: none moves after it was made, for its handle points back at it; destroying one
// inside its own function is not allowed.
#pragma once

#include <cstdint>
#include <functional>

#include "collector/loop/loop.hpp"
#include "collector/loop/uv_handle.hpp"

namespace shmeter::collector {

/// Calls after a while, once or again and again. Milliseconds of the loop's monotonic clock.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> fire);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start_once(std::uint64_t after_ms);
  void start_every(std::uint64_t period_ms);
  void stop();
  bool active() const;

 private:
  std::function<void()> fire_;
  UvHandle<uv_timer_t> handle_;
};

/// Calls when `signum` arrives, in a turn of the loop.
class SignalHandler {
 public:
  SignalHandler(Loop& loop, int signum, std::function<void()> fire);
  SignalHandler(const SignalHandler&) = delete;
  SignalHandler& operator=(const SignalHandler&) = delete;

 private:
  std::function<void()> fire_;
  UvHandle<uv_signal_t> handle_;
};

/// Calls while `fd` has something to read. The descriptor stays the caller's and must outlive this.
class Readable {
 public:
  Readable(Loop& loop, int fd, std::function<void()> fire);
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;

  /// For good: what has come to its end stays readable for ever.
  void stop();

 private:
  std::function<void()> fire_;
  UvHandle<uv_poll_t> handle_;
};

/// Calls on the loop after ring() from any thread; several rings may become one call.
class Doorbell {
 public:
  Doorbell(Loop& loop, std::function<void()> fire);
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  /// Safe from every thread for as long as this lives.
  void ring();

 private:
  std::function<void()> fire_;
  UvHandle<uv_async_t> handle_;
};

/// Calls once in each turn of the loop, before it waits.
class EachTurn {
 public:
  EachTurn(Loop& loop, std::function<void()> fire);
  EachTurn(const EachTurn&) = delete;
  EachTurn& operator=(const EachTurn&) = delete;

 private:
  std::function<void()> fire_;
  UvHandle<uv_prepare_t> handle_;
};

}  // namespace shmeter::collector
