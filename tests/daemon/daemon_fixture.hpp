// SPDX-License-Identifier: MIT
// A real shmeterd in a home, a runtime directory and a state directory of its own, and what a
// reader sees of it.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "shm/reader.hpp"
#include "tests/daemon/daemon_process.hpp"

namespace shmeter::test {

namespace fs = std::filesystem;
using shm::Completeness;
using shm::i64;

inline std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
  return text;
}

/// A transcript's line of one response, of now.
inline std::string line(const std::string& id, int input, const std::string& session = "live") {
  return R"({"type":"assistant","timestamp":")" + now_text() + R"(","sessionId":")" + session +
         R"(","requestId":"req_)" + id + R"(","message":{"id":"msg_)" + id +
         R"(","model":"claude-sonnet-5-5","usage":{"input_tokens":)" + std::to_string(input) +
         "}}}\n";
}

class DaemonTest : public testing::Test {
 protected:
  DaemonTest() {
    fs::create_directories(dir_.path("home"));
    fs::create_directories(dir_.path("rt"));
    ::chmod(dir_.path("rt").c_str(), 0700);
    fs::create_directories(dir_.path("cfg/projects/-p"));
  }
  ~DaemonTest() override {
    daemon_.reset();
    Process({SHMETERD, "daemon", "stop"}, environment(), output("cleanup")).wait();
  }

  std::vector<std::string> environment() const {
    return {"HOME=" + dir_.path("home"), "SHMETER_RUNTIME_DIR=" + dir_.path("rt"),
            "CLAUDE_CONFIG_DIR=" + dir_.path("cfg")};
  }
  std::string output(const std::string& name) const { return dir_.path(name + ".txt"); }
  void start_daemon(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {SHMETERD, "daemon", "run"};
    words.insert(words.end(), more.begin(), more.end());
    started_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(
                      std::chrono::system_clock::now().time_since_epoch())
                      .count();
    daemon_ = std::make_unique<Process>(words, environment(), output("daemon"));
  }
  // Runs it to its end; the exit code, and what it said in `said`.
  int run(std::vector<std::string> words, std::string& said) {
    words.insert(words.begin(), SHMETERD);
    fs::remove(output("run"));
    const int code = Process(words, environment(), output("run")).wait();
    said = contents(output("run"));
    return code;
  }

  std::string region() const { return dir_.path("rt/region.1"); }
  std::optional<shm::Summary> summary() const {
    shm::FileReader reader;
    shm::Summary summary;
    if (reader.open(region().c_str(), false) != shm::Opened::ok) return std::nullopt;
    const auto opened = reader.snapshot([&](shm::FileSlot& slot) { return slot.summary(summary); });
    return opened == shm::Opened::ok ? std::optional(summary) : std::nullopt;
  }
  std::optional<shm::Session> session(const std::string& id) const {
    shm::FileReader reader;
    shm::Session session;
    bool found = false;
    if (reader.open(region().c_str(), false) != shm::Opened::ok) return std::nullopt;
    const auto opened = reader.snapshot([&](shm::FileSlot& slot) {
      shm::Summary summary;
      shm::u32 position = 0;
      if (!slot.summary(summary)) return false;
      found = slot.find_session(id, position) && slot.session(position, session);
      return true;
    });
    return opened == shm::Opened::ok && found ? std::optional(session) : std::nullopt;
  }
  bool live() const {
    shm::FileReader reader;
    return reader.open(region().c_str(), false) == shm::Opened::ok && reader.refresh() &&
           reader.liveness() == shm::Liveness::live;
  }
  // Of a collector that takes over, the heart beats just before its first picture is there.
  bool complete() const {
    const auto now = summary();
    return live() && now && now->completeness == static_cast<i64>(Completeness::complete) &&
           now->published_at_ms >= started_ms_;
  }
  i64 requests() const {
    const auto now = summary();
    return now ? now->all.requests : shm::kUnknown;
  }

  // False after far longer than it may take.
  static bool wait_for(const std::function<bool()>& is_so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < end) {
      if (is_so()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return is_so();
  }
  bool said(const std::string& text) const {
    return wait_for([&] { return contents(output("daemon")).find(text) != std::string::npos; });
  }

  TempDir dir_;
  std::unique_ptr<Process> daemon_;
  i64 started_ms_ = 0;
};

}  // namespace shmeter::test
