// SPDX-License-Identifier: MIT
#include "collector/command/daemon_control.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <vector>

#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/find_daemon.hpp"
#include "collector/loop/fd.hpp"
#include "collector/serve/control_client.hpp"
#include "collector/serve/control_server.hpp"
#include "shm/os.hpp"
#include "shm/reader.hpp"

extern char** environ;

namespace shmeter::collector {
namespace {

using shm::i64;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStartWithin{5};
constexpr int kStopWithin_ms = 10'000;
constexpr int kPollEvery_ms = 10;

/// Waits for `fd` to become readable; for a pidfd that is the end of its process.
bool wait_readable(int fd, int timeout_ms) {
  pollfd poll{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&poll, 1, timeout_ms) > 0;
}

int pidfd_open(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

/// Sends a signal; the process's descriptor, or empty after saying why not. Only while the lock is
/// held does the pid in it mean the daemon: the descriptor is taken first, then the lock is asked
/// once more, so that no other process can have got the number.
Fd signal_daemon(const Running& running, int signum) {
  Fd process(running.pid > 0 ? pidfd_open(running.pid) : -1);
  if (process && os::lock_held(running.lock.get()) == 1 &&
      ::syscall(SYS_pidfd_send_signal, process.get(), signum, nullptr, 0) == 0)
    return process;
  say(running.dir + "/lock: held, but its process " + std::to_string(running.pid) +
      " cannot be reached; end shmeterd by hand");
  return Fd();
}

/// The daemon's own picture, with everything read.
bool picture_is_complete(const std::string& dir, pid_t pid) {
  shm::FileReader reader;
  shm::Summary summary;
  return reader.open((dir + '/' + shm::kRegionName).c_str(), false) == shm::Opened::ok &&
         reader.snapshot([&](shm::FileSlot& slot) { return slot.summary(summary); }) ==
             shm::Opened::ok &&
         reader.writer_pid() == static_cast<shm::u64>(pid) &&
         summary.completeness == static_cast<i64>(shm::Completeness::complete);
}

/// This program again, in its own session, its stderr in our pipe.
pid_t spawn_daemon(const Flags& flags, int stderr_fd) {
  std::vector<std::string> words = {"shmeterd", "daemon", "run"};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  add("--runtime-dir", flags.runtime_dir);
  add("--config", flags.config);
  for (const std::string& dir : flags.config_dirs) add("--config-dir", dir);
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&files, stderr_fd, 2);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = -1;
  if (::posix_spawn(&pid, "/proc/self/exe", &files, &attributes, argv.data(), environ) != 0)
    pid = -1;
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return pid;
}

/// Passes on what the daemon has said so far.
void relay(int fd) {
  std::array<char, 4096> text;
  while (wait_readable(fd, 0)) {
    const ssize_t n = ::read(fd, text.data(), text.size());
    if (n <= 0) return;
    std::fwrite(text.data(), 1, static_cast<std::size_t>(n), stderr);
  }
}

int report_started(const Running& running, const char* more) {
  std::printf("started, pid %d, runtime directory %s%s\n", running.pid, running.dir.c_str(), more);
  return kExitOk;
}

void print_number(const char* name, i64 number) {
  if (shm::known(number))
    std::printf("%s %lld\n", name, static_cast<long long>(number));
  else
    std::printf("%s unknown\n", name);
}

void print_since(shm::u64 started_at_s) {
  const auto seconds = static_cast<std::time_t>(started_at_s);
  std::tm local{};
  std::array<char, 64> text{};
  if (::localtime_r(&seconds, &local) == nullptr) return;
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %z", &local);
  std::printf("since %s\n", text.data());
}

const char* name_of(i64 completeness) {
  switch (static_cast<shm::Completeness>(completeness)) {
    case shm::Completeness::complete:
      return "complete";
    case shm::Completeness::today_only:
      return "reading, today is complete";
    case shm::Completeness::nothing_yet:
      break;
  }
  return "reading";
}

}  // namespace

int start_daemon(const Flags& flags, const Environment& environment) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    say(std::string("cannot start: ") + std::strerror(errno));
    return kExitUnavailable;
  }
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const pid_t pid = spawn_daemon(flags, write_end.get());
  write_end = Fd();
  if (pid < 0) {
    say("cannot start another shmeterd: out of processes or memory?");
    return kExitUnavailable;
  }
  const shm::RuntimeDirs dirs = environment.runtime_dirs(flags);
  for (const auto until = Clock::now() + kStartWithin; Clock::now() < until;) {
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) {
      relay(read_end.get());
      return WIFEXITED(status) ? WEXITSTATUS(status) : kExitUnavailable;
    }
    const auto running = find_running(dirs);
    if (running && running->pid == pid && picture_is_complete(running->dir, pid)) {
      relay(read_end.get());
      return report_started(*running, "");
    }
    ::poll(nullptr, 0, kPollEvery_ms);
  }
  relay(read_end.get());
  const auto running = find_running(dirs);
  if (running && running->pid == pid)
    return report_started(*running, "; transcripts are still being read");
  say("started, but its region is not there after 5 s; see `shmeter daemon status`");
  return kExitUnavailable;
}

int stop_daemon(const Flags& flags, const Environment& environment) {
  const auto running = find_running(environment.runtime_dirs(flags));
  if (!running) {
    std::puts("not running");
    return kExitOk;
  }
  const Fd process = signal_daemon(*running, SIGTERM);
  if (!process) return kExitUnavailable;
  if (!wait_readable(process.get(), kStopWithin_ms)) {
    say("pid " + std::to_string(running->pid) + " was told to end and is still there after 10 s");
    return kExitUnavailable;
  }
  std::printf("stopped, pid %d\n", running->pid);
  return kExitOk;
}

int reload_daemon(const Flags& flags, const Environment& environment) {
  const auto running = find_running(environment.runtime_dirs(flags));
  if (!running) {
    std::puts("not running");
    return kExitNotRunning;
  }
  auto client = ControlClient::open(running->dir + '/' + kControlSocketName);
  const Result<std::string> answer = client ? without_error(client->ask("RELOAD"))
                                            : Result<std::string>(tl::unexpected(client.error()));
  if (!answer) {
    say(answer.error().message);
    return answer.error().code == Errc::invalid ? kExitConfiguration : kExitUnavailable;
  }
  std::printf("pid %d has read its configuration again\n", running->pid);
  return kExitOk;
}

int print_daemon_status(const Flags& flags, const Environment& environment) {
  const auto running = find_running(environment.runtime_dirs(flags));
  if (!running) {
    std::puts("not running");
    return kExitNotRunning;
  }
  const std::string region = running->dir + '/' + shm::kRegionName;
  std::printf("running, pid %d\nregion %s\n", running->pid, region.c_str());
  shm::FileReader reader;
  shm::Summary summary;
  if (reader.open(region.c_str(), false) != shm::Opened::ok ||
      reader.snapshot([&](shm::FileSlot& slot) { return slot.summary(summary); }) !=
          shm::Opened::ok) {
    std::puts("no picture yet");
    return kExitOk;
  }
  if (reader.liveness() != shm::Liveness::live)
    std::puts("the picture is still that of an earlier run: transcripts are being read");
  else
    print_since(reader.live().writer_started_at_s);
  std::printf("transcripts %s\n", name_of(summary.completeness));
  print_number("files read", summary.files_read);
  print_number("files known", summary.files_known);
  print_number("sessions", summary.sessions_known);
  print_number("damaged lines", summary.damaged_lines);
  print_number("skipped lines", summary.skipped_lines);
  print_number("unreadable files", summary.unreadable_files);
  print_number("dropped datagrams", summary.dropped_datagrams);
  return kExitOk;
}

}  // namespace shmeter::collector
