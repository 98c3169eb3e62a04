// SPDX-License-Identifier: MIT
// What the service manager that started us hears of us (sd_notify(3)): a datagram, and no library.
#pragma once

#include <string>
#include <string_view>

namespace shmeter::collector {

inline constexpr std::string_view kServiceReady = "READY=1\n";
inline constexpr std::string_view kServiceStops = "STOPPING=1\n";

/// Sends `state` to $NOTIFY_SOCKET: a path, or behind `@` an abstract name. Never waits. False when
/// nobody took it; an empty address is nobody.
bool tell_service_manager(const std::string& notify_socket, std::string_view state);

}  // namespace shmeter::collector
