// SPDX-License-Identifier: MIT
// A real shmeterd over a made-up home: own config directory, runtime folder and state, nothing of
// the caller's. What it costs is read from /proc, what it knows from the region.
#pragma once

#include <optional>
#include <string>

#include "collector/bench/process.hpp"
#include "shm/reader.hpp"

namespace shmeter::bench {

/// What a process has used so far.
struct Used {
  double cpu_ns = 0;  // user + system of its whole life, to the nanosecond
  long switches = 0;  // voluntary, of the threads that live: each is a wake-up
};

struct Memory {
  double private_kib = 0;  // Private_Clean + Private_Dirty of smaps_rollup
  double dirty_kib = 0;    // Private_Dirty alone
};

/// A freshly built program's pages count as ours and dirty until they are on disk: waits for that.
void settle(const std::string& program);

/// Whether what is counted goes to disk; `least`: it does, and the region holds but 256 sessions.
enum class Keep { memory, disk, least };

class Daemon {
 public:
  /// `home` receives runtime folder, configuration and state; a state that is there is taken over.
  /// `config` is the CLAUDE_CONFIG_DIR.
  Daemon(const std::string& shmeterd, const std::string& home, const std::string& config,
         Keep keep);

  /// Waits until the first scan is complete, looking every `every_ns`. Throws std::runtime_error
  /// after `patience_s`, or when the process ended.
  void wait_until_complete(int patience_s, std::int64_t every_ns = 2'000'000);

  /// The newest summary; nothing when there is no region (yet).
  std::optional<shm::Summary> summary() const;
  Used used() const;
  Memory memory() const;
  std::string region() const { return runtime_ + "/region.1"; }
  std::string control_socket() const { return runtime_ + "/control.sock"; }
  std::vector<std::string> environment() const { return environment_; }
  pid_t pid() const { return child_->pid(); }
  Ended end() { return child_->end(); }
  /// As a power cut would, were it not for the kernel.
  void kill();

  /// What a shmeterd is started as.
  static Command command(const std::string& shmeterd, const std::string& home,
                         const std::string& config, Keep keep);

 private:
  std::string runtime_;
  std::string log_;
  std::vector<std::string> environment_;
  std::optional<Child> child_;
};

}  // namespace shmeter::bench
