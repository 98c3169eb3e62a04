// SPDX-License-Identifier: MIT
// A control server that runs by itself, for programs that speak to it from outside. Everything of
// it lives and dies in one thread; the test sees only the socket.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "collector/loop/handles.hpp"
#include "collector/serve/commands.hpp"
#include "collector/serve/control_server.hpp"
#include "tests/serve/test_intake.hpp"

namespace shmeter::test {

class LiveServer {
 public:
  /// `dir` is the runtime directory.
  explicit LiveServer(const std::string& dir) {
    std::promise<void> ready;
    auto running = ready.get_future();
    thread_ = std::thread([this, dir, &ready] { run(dir, ready); });
    running.wait();
  }
  ~LiveServer() {
    end_->ring();
    thread_.join();
  }
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

 private:
  void run(const std::string& dir, std::promise<void>& ready) {
    collector::Loop loop;
    collector::Doorbell end(loop, [&] { loop.stop(); });
    end_ = &end;
    TestIntake intake;
    collector::Commands commands(intake);
    const auto server = collector::ControlServer::open(
        loop, dir + '/' + collector::kControlSocketName, commands, {.feed_every_ms = 10});
    ready.set_value();
    loop.run();
  }

  collector::Doorbell* end_ = nullptr;  // set before `ready`
  std::thread thread_;
};

}  // namespace shmeter::test
