// SPDX-License-Identifier: MIT
#include "collector/serve/async_sender.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "collector/serve/unix_socket.hpp"

namespace shmeter::collector {

Result<AsyncSender> AsyncSender::open(const shm::RuntimeDirs& dirs) {
  for (const shm::FixedPath& dir : dirs)
    if (auto fd = connect_unix(std::string(dir.view()) + '/' + kControlSocketName))
      return AsyncSender(std::move(*fd));
  return fail(Errc::not_found, "no collector is running");
}

void AsyncSender::start(std::string request) {
  out_ = std::move(request);
  sent_ = 0;
  waiting_ = true;
}

short AsyncSender::events() const { return sent_ < out_.size() ? POLLIN | POLLOUT : POLLIN; }

void AsyncSender::turn() {
  while (!broken_ && sent_ < out_.size()) {
    const ssize_t n =
        ::send(fd_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0 && errno != EINTR) {
      if (waiting_) break;  // closed, and the answer may say why
      return breaks(std::strerror(errno));
    }
    if (n > 0) sent_ += static_cast<std::size_t>(n);
  }
  while (!broken_ && waiting_) {
    std::array<char, 4096> bytes;
    const ssize_t n = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return breaks(n == 0 ? "the collector went away" : std::strerror(errno));
    in_.append(bytes.data(), static_cast<std::size_t>(n));
    const auto newline = in_.find('\n');
    if (newline == std::string::npos) continue;
    const std::string line = in_.substr(0, newline);
    in_.erase(0, newline + 1);
    // An error may come before everything is sent; the server reads the rest and forgets it.
    waiting_ = false;
    constexpr std::string_view kError = "ERROR ";
    if (!line.starts_with(kError) || !trouble_.empty()) continue;
    trouble_ = line.substr(kError.size());
    refused_ = true;
  }
}

void AsyncSender::breaks(std::string why) {
  broken_ = true;
  if (trouble_.empty()) trouble_ = std::move(why);
  std::string().swap(out_);
  sent_ = 0;
}

}  // namespace shmeter::collector
