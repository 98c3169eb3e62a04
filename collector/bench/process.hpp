// SPDX-License-Identifier: MIT
// Children with a known environment and nothing of the caller's: made by posix_spawn (vfork
// inside), waited for with their resource usage.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace shmeter::bench {

struct Command {
  std::string path;
  std::vector<std::string> arguments;  // after argv[0]
  std::vector<std::string> environment;
  std::string input = "/dev/null";   // file on 0
  std::string output = "/dev/null";  // file on 1, unless `output_fd` is one
  int output_fd = -1;
  std::string errors = {};  // file on 2; empty: the caller's
};

struct Ended {
  int status = 0;  // as wait4 gives it
  rusage usage{};

  double cpu_ns() const {
    const auto ns = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_usec) * 1e3;
    };
    return ns(usage.ru_utime) + ns(usage.ru_stime);
  }
};

/// As execve wants them, valid as long as the texts.
std::vector<char*> pointers(const std::vector<std::string>& texts);

/// Throws std::runtime_error naming the command when it cannot be started.
pid_t start(const Command& command);
Ended wait_for(pid_t pid);
/// Starts, drains stdout into `output` (when given) and waits.
Ended run(const Command& command, std::string* output = nullptr);

/// A child that is ended and waited for at the latest when its owner goes.
class Child {
 public:
  explicit Child(const Command& command) : pid_(start(command)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  pid_t pid() const { return pid_; }
  /// False once it has ended, though nobody waited for it yet.
  bool alive() const;
  /// SIGTERM, then SIGKILL after five seconds. Usage of the whole life.
  Ended end();

 private:
  pid_t pid_;
};

/// Pins the calling thread, and what it starts, to one core.
void pin(int cpu);
int cpu_count();

/// A folder of mode 0700 that is removed with all it holds.
class TemporaryFolder {
 public:
  /// Below `parent`; throws std::runtime_error when it cannot be made.
  explicit TemporaryFolder(const std::string& parent);
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// The whole file. Throws std::runtime_error when it cannot be read.
std::string content_of(const std::string& path);

/// Where runtime folders go: memory, as /run/user is.
std::string memory_folder();

}  // namespace shmeter::bench
