// SPDX-License-Identifier: MIT
#include "collector/command/service_notice.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>

#include "collector/loop/fd.hpp"

namespace shmeter::collector {

bool tell_service_manager(const std::string& notify_socket, std::string_view state) {
  sockaddr_un address{};
  const bool abstract = notify_socket.starts_with('@');
  if (!abstract && !notify_socket.starts_with('/')) return false;
  if (notify_socket.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  notify_socket.copy(address.sun_path, notify_socket.size());
  if (abstract) address.sun_path[0] = '\0';
  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + notify_socket.size());
  const ssize_t sent = ::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                                reinterpret_cast<const sockaddr*>(&address), size);
  return sent == static_cast<ssize_t>(state.size());
}

}  // namespace shmeter::collector
