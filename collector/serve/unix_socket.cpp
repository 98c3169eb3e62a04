// SPDX-License-Identifier: MIT
#include "collector/serve/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace shmeter::collector {
namespace {

constexpr int kBacklog = 64;
constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

Result<sockaddr_un> address_of(const std::string& path) {
  if (path.size() > kMaxSocketPath)
    return fail(Errc::invalid, path + ": too long for a socket (" + std::to_string(path.size()) +
                                   " bytes, at most " + std::to_string(kMaxSocketPath) +
                                   "); choose a shorter --runtime-dir");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

tl::unexpected<Error> failed(const std::string& path, int error) {
  const Errc code = error == ENOENT || error == ECONNREFUSED ? Errc::not_found
                    : error == EACCES || error == EPERM      ? Errc::forbidden
                                                             : Errc::unavailable;
  return fail(code, path + ": " + std::strerror(error));
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

Result<Fd> listen_unix(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return tl::unexpected(address.error());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return failed(path, errno);
  ::unlink(path.c_str());
  const mode_t before = ::umask(0177);
  const int bound = ::bind(fd.get(), generic(*address), sizeof *address);
  const int error = errno;
  ::umask(before);
  if (bound != 0) return failed(path, error);
  if (::listen(fd.get(), kBacklog) != 0) return failed(path, errno);
  return fd;
}

Result<Fd> connect_unix(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return tl::unexpected(address.error());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return failed(path, errno);
  // A unix socket answers at once, one way or the other: also EAGAIN, when its queue is full.
  if (::connect(fd.get(), generic(*address), sizeof *address) != 0) return failed(path, errno);
  return fd;
}

std::optional<uid_t> peer_uid(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
  return peer.uid;
}

}  // namespace shmeter::collector
