// SPDX-License-Identifier: MIT
#include "collector/serve/control_client.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "collector/serve/unix_socket.hpp"

namespace shmeter::collector {
namespace {

// The longest line is a whole picture: a thousand sessions of about a kilobyte.
constexpr std::size_t kMaxAnswer = std::size_t{64} << 20;

}  // namespace

Result<ControlClient> ControlClient::open(const std::string& path) {
  auto fd = connect_unix(path);
  if (!fd) return tl::unexpected(fd.error());
  return ControlClient(std::move(*fd));
}

Result<ControlClient> ControlClient::open(const shm::RuntimeDirs& dirs) {
  Result<ControlClient> best = fail(Errc::not_found, "no runtime directory is known");
  for (const shm::FixedPath& dir : dirs) {
    auto client = open(std::string(dir.view()) + '/' + kControlSocketName);
    if (client) return client;
    if (&dir == dirs.begin() || client.error().code != Errc::not_found) best = std::move(client);
  }
  return best;
}

Result<std::string> ControlClient::ask(std::string_view line, std::string_view body,
                                       std::chrono::milliseconds within) {
  const Deadline deadline = Clock::now() + within;
  std::string head(line);
  head += '\n';
  for (const std::string_view part : {std::string_view(head), body})
    if (auto sent = send(part, deadline); !sent) return tl::unexpected(sent.error());
  return read_line(deadline);
}

Result<std::string> ControlClient::next_line(std::optional<std::chrono::milliseconds> within) {
  return read_line(within ? Deadline(Clock::now() + *within) : std::nullopt);
}

Result<void> ControlClient::wait(short events, Deadline deadline) {
  for (;;) {
    int timeout_ms = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
      timeout_ms = static_cast<int>(std::clamp<long long>(left.count(), 0, 1 << 30));
    }
    pollfd poll{.fd = fd_.get(), .events = events, .revents = 0};
    const int ready = ::poll(&poll, 1, timeout_ms);
    if (ready > 0) return {};
    if (ready == 0) return fail(Errc::unavailable, "the collector does not answer in time");
    if (errno != EINTR) return fail(Errc::unavailable, std::strerror(errno));
  }
}

Result<void> ControlClient::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      if (auto waited = wait(POLLOUT, deadline); !waited) return waited;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return {};  // refused before it was read: the answer says why
    } else if (errno != EINTR) {
      return fail(Errc::unavailable, std::strerror(errno));
    }
  }
  return {};
}

Result<std::string> ControlClient::read_line(Deadline deadline) {
  std::size_t looked_at = 0;
  for (;;) {
    const auto newline = in_.find('\n', looked_at);
    if (newline != std::string::npos) {
      std::string line = in_.substr(0, newline);
      in_.erase(0, newline + 1);
      return line;
    }
    looked_at = in_.size();
    if (looked_at > kMaxAnswer) return fail(Errc::corrupt, "the collector's answer has no end");
    if (auto waited = wait(POLLIN, deadline); !waited) return tl::unexpected(waited.error());
    std::array<char, 16384> bytes;
    const ssize_t n = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n > 0)
      in_.append(bytes.data(), static_cast<std::size_t>(n));
    else if (n == 0)
      return fail(Errc::unavailable, "the collector went away");
    else if (errno != EAGAIN && errno != EINTR)
      return fail(Errc::unavailable, std::strerror(errno));
  }
}

Result<std::string> without_error(Result<std::string> answer) {
  constexpr std::string_view kError = "ERROR ";
  constexpr std::string_view kNotStored = "not stored";
  if (!answer || !answer->starts_with(kError)) return answer;
  std::string reason = answer->substr(kError.size());
  const bool ours = !reason.starts_with(kNotStored);
  return fail(ours ? Errc::invalid : Errc::unavailable, std::move(reason));
}

}  // namespace shmeter::collector
