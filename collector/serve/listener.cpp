// SPDX-License-Identifier: MIT
#include "collector/serve/listener.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace shmeter::collector {
namespace {

constexpr int kAcceptedPerTurn = 16;
// No descriptor left: the kernel would say "somebody waits" without end.
constexpr std::uint64_t kNoDescriptors_ms = 1000;

}  // namespace

Result<std::unique_ptr<Listener>> Listener::make(Loop& loop, Fd fd, TakeIn take_in) {
  std::unique_ptr<Listener> made(new Listener(loop, std::move(fd), std::move(take_in)));
  auto poll = Poll::make(loop, made->fd_.get(), made.get());
  if (!poll) return tl::unexpected(poll.error());
  made->poll_.emplace(std::move(*poll));
  made->poll_->wait_for(UV_READABLE);
  return made;
}

Listener::Listener(Loop& loop, Fd fd, TakeIn take_in)
    : fd_(std::move(fd)),
      take_in_(std::move(take_in)),
      again_(loop, [this] { poll_->wait_for(UV_READABLE); }) {}

void Listener::ready() noexcept {
  for (int i = 0; i < kAcceptedPerTurn; ++i) {
    Fd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      take_in_(std::move(fd));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      poll_->wait_for(0);
      return again_.start_once(kNoDescriptors_ms);
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

}  // namespace shmeter::collector
