// SPDX-License-Identifier: MIT
// How shmeterd ends; the numbers of sysexits.h where it has one.
#pragma once

namespace shmeter::collector {

inline constexpr int kExitOk = 0;
inline constexpr int kExitNotRunning = 3;  // as `systemctl status` has it
inline constexpr int kExitUsage = 64;
inline constexpr int kExitUnavailable = 69;   // it did not start, or did not stop
inline constexpr int kExitCannotCreate = 73;  // no usable runtime directory, or it is full
inline constexpr int kExitConfiguration = 78;

}  // namespace shmeter::collector
