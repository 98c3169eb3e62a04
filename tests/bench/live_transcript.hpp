// SPDX-License-Identifier: MIT
// A transcript that this program appends to, a response at a time, as a client at work does.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "collector/bench/measure.hpp"
#include "tests/bench/corpus.hpp"

namespace shmeter::bench {

class LiveTranscript {
 public:
  explicit LiveTranscript(const std::filesystem::path& config)
      : path_(config / "projects/-home-dev-live/live.jsonl") {
    std::filesystem::create_directories(path_.parent_path());
    fd_ = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ < 0) throw std::runtime_error(path_.string() + ": cannot be written");
  }
  LiveTranscript(const LiveTranscript&) = delete;
  LiveTranscript& operator=(const LiveTranscript&) = delete;
  ~LiveTranscript() { close(fd_); }

  /// Returns the moment just before the write.
  std::int64_t append() {
    const std::string line =
        live_line("live", count_++, static_cast<i64>(std::time(nullptr)) * 1000);
    const std::int64_t before = now_ns();
    if (write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      throw std::runtime_error(path_.string() + ": cannot append");
    }
    return before;
  }
  i64 appended() const { return count_; }

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  i64 count_ = 0;
};

}  // namespace shmeter::bench
