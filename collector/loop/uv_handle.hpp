// SPDX-License-Identifier: MIT
// One owner for one libuv handle. libuv keeps a handle's memory until its close callback, so the
// handle lives on the heap and the owner only starts the close. Invariant: after the owner is gone
// no callback finds it, since `data` is null from then on.
#pragma once

#include <uv.h>

#include <memory>
#include <string_view>
#include <utility>

#include "collector/result.hpp"

namespace shmeter::collector {

/// A libuv error as ours; `what` says what was being done.
inline tl::unexpected<Error> uv_failure(std::string_view what, int code) {
  return fail(Errc::unavailable, std::string(what) + ": " + uv_strerror(code));
}

/// Move-only owner of a uv_timer_t, uv_signal_t, uv_poll_t, uv_async_t or uv_prepare_t.
template <class T>
class UvHandle {
 public:
  UvHandle() = default;
  UvHandle(UvHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  UvHandle& operator=(UvHandle&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~UvHandle() { reset(); }

  /// Calls `init(loop, handle, args...)`. `owner` is what callbacks find in `data`.
  template <class Init, class... Args>
  [[nodiscard]] static Result<UvHandle> make(std::string_view what, void* owner, Init init,
                                             uv_loop_t* loop, Args... args) {
    auto handle = std::make_unique<T>();
    const int code = init(loop, handle.get(), args...);
    if (code < 0) return uv_failure(what, code);  // not linked into the loop: just freed
    handle->data = owner;
    return UvHandle(handle.release());  // from here on only uv_close may lead to delete
  }

  T* get() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }

  /// Starts the close; a late callback finds no owner.
  void reset() noexcept {
    if (handle_ == nullptr) return;
    handle_->data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(handle_, nullptr)),
             [](uv_handle_t* raw) { delete reinterpret_cast<T*>(raw); });
  }

 private:
  explicit UvHandle(T* handle) : handle_(handle) {}

  T* handle_ = nullptr;
};

}  // namespace shmeter::collector
