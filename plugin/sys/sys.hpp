// SPDX-License-Identifier: MIT
// What the reader asks of the operating system beyond shm/os.hpp: reading, writing, the collector's
// ingest socket, the start of a collector, and an end by signal. Two implementations:
// linux_floor.cpp over raw system calls, posix_floor.cpp over libc. Results are >= 0, errors are
// -errno; nothing waits longer than it is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace shmeter::sys {

inline constexpr int kStdin = 0;
inline constexpr int kStdout = 1;
inline constexpr int kStderr = 2;

/// The one error that the reader tells apart: a signal came in between (EINTR).
inline constexpr long kInterrupted = -4;

long read(int fd, void* to, std::size_t bytes) noexcept;
long write(int fd, const void* from, std::size_t bytes) noexcept;
[[noreturn]] void exit(int status) noexcept;

/// Waits until `fd` has something to read, or its end. 1 = it has, 0 = time is up.
long wait_readable(int fd, int timeout_ms) noexcept;
/// True once whoever read `fd`, a pipe or a socket, has gone.
bool hung_up(int fd) noexcept;
/// How many bytes of what was written to `fd`, a pipe, nobody has read yet; 0 when that is unknown.
int unread(int fd) noexcept;
/// Sleeps until that CLOCK_MONOTONIC time; may return early.
void sleep_until(std::int64_t monotonic_ns) noexcept;

/// One datagram to a unix socket, never waiting: what the queue does not take is an error. The
/// socket stays open, so this is for a process that sends a few and ends.
long send_datagram(const char* path, const void* bytes, std::size_t size) noexcept;

/// The target of a symbolic link, not terminated; its length.
long read_link(const char* path, char* to, std::size_t room) noexcept;
/// Makes a folder of mode 0700.
long make_directory(const char* path) noexcept;
/// Opens for writing, made with mode 0600 if absent; follows no link, hangs on no FIFO.
long open_stamp(const char* path) noexcept;
/// Takes the write lock on byte 0 for this open file, or fails at once.
long try_lock(int fd) noexcept;
/// When the file was last written, epoch seconds.
std::int64_t modified_at_s(int fd) noexcept;

/// From here on these bytes are what this process, and what it becomes, reads from stdin.
long stdin_from(const void* bytes, std::size_t size) noexcept;
/// Becomes another program; returns only on failure.
long execute(const char* path, const char* const* argv, const char* const* envp) noexcept;
/// Starts a program in a session of its own with /dev/null on 0, 1 and 2 and nothing else open.
/// Returns as soon as it is on its way; whether the program could be run stays unknown.
long spawn_detached(const char* path, const char* const* argv, const char* const* envp) noexcept;

/// True when the program has rights that its caller does not: its file is set-user-ID or
/// set-group-ID. `envp` is what the process was started with.
bool has_borrowed_rights(const char* const* envp) noexcept;

/// From here on SIGTERM, SIGINT, SIGHUP and SIGPIPE end the process with status 0.
void exit_on_signals() noexcept;

/// What a failed assertion prints before the process ends with status 0. The bytes must live on.
void set_fallback(std::string_view line) noexcept;

}  // namespace shmeter::sys
