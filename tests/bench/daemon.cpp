// SPDX-License-Identifier: MIT
#include "tests/bench/daemon.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "collector/bench/measure.hpp"

namespace shmeter::bench {
namespace {

namespace fs = std::filesystem;

/// The number behind `key` in a /proc file, 0 when it is not there.
long field(const fs::path& path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) return std::stol(line.substr(key.size()));
  }
  return 0;
}

}  // namespace

void settle(const std::string& program) {
  const int fd = open(program.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

Command Daemon::command(const std::string& shmeterd, const std::string& home,
                        const std::string& config, Keep keep) {
  const std::string file = home + "/config.toml";
  std::ofstream(file) << "[store]\nkeep = \"" << (keep == Keep::memory ? "memory" : "disk")
                      << "\"\n"
                      << (keep == Keep::least ? "[region]\nsessions = 256\n" : "");
  return {.path = shmeterd,
          .arguments = {"daemon", "run"},
          .environment = {"PATH=/usr/bin:/bin", "HOME=" + home, "TZ=UTC",
                          "SHMETER_RUNTIME_DIR=" + home + "/runtime",
                          "XDG_STATE_HOME=" + home + "/state", "SHMETER_CONFIG=" + file,
                          "CLAUDE_CONFIG_DIR=" + config},
          .input = "/dev/null",
          .output = home + "/shmeterd.log",
          .output_fd = -1,
          .errors = home + "/shmeterd.log"};
}

Daemon::Daemon(const std::string& shmeterd, const std::string& home, const std::string& config,
               Keep keep)
    : runtime_(home + "/runtime"), log_(home + "/shmeterd.log") {
  fs::remove_all(runtime_);
  const Command start = command(shmeterd, home, config, keep);
  environment_ = start.environment;
  child_.emplace(start);
}

std::optional<shm::Summary> Daemon::summary() const {
  shm::FileReader reader;
  if (reader.open(region().c_str(), false) != shm::Opened::ok) return {};
  shm::Summary summary;
  const auto copy = [&](shm::FileSlot& slot) { return slot.summary(summary); };
  if (reader.snapshot(copy) != shm::Opened::ok) return {};
  return summary;
}

void Daemon::wait_until_complete(int patience_s, std::int64_t every_ns) {
  const std::int64_t until = now_ns() + std::int64_t{patience_s} * 1'000'000'000;
  while (now_ns() < until) {
    const auto seen = summary();
    if (seen && seen->completeness == static_cast<shm::i64>(shm::Completeness::complete)) return;
    if (!child_->alive()) break;
    sleep_ns(every_ns);
  }
  throw std::runtime_error("shmeterd did not finish its first scan; it said: " + content_of(log_));
}

void Daemon::kill() {
  ::kill(pid(), SIGKILL);
  child_->end();
}

Used Daemon::used() const {
  Used used;
  clockid_t clock{};
  timespec cpu{};
  if (clock_getcpuclockid(pid(), &clock) == 0 && clock_gettime(clock, &cpu) == 0) {
    used.cpu_ns = static_cast<double>(cpu.tv_sec) * 1e9 + static_cast<double>(cpu.tv_nsec);
  }
  std::error_code gone;
  const fs::path tasks = "/proc/" + std::to_string(pid()) + "/task";
  for (const auto& task : fs::directory_iterator(tasks, gone)) {
    used.switches += field(task.path() / "status", "voluntary_ctxt_switches:");
  }
  return used;
}

Memory Daemon::memory() const {
  const fs::path rollup = "/proc/" + std::to_string(pid()) + "/smaps_rollup";
  const auto dirty = static_cast<double>(field(rollup, "Private_Dirty:"));
  return {dirty + static_cast<double>(field(rollup, "Private_Clean:")), dirty};
}

}  // namespace shmeter::bench
