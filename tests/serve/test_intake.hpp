// SPDX-License-Identifier: MIT
// What a daemon would be to the servers: a real model, and a store that answers when it is told to.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "collector/serve/intake.hpp"

namespace shmeter::test {

class TestIntake final : public collector::Intake {
 public:
  static constexpr shm::i64 kNow_ms = 1'795'300'000'000;

  TestIntake() : model_(configuration()) {
    for (const char* dir : {"/home/dev/.claude", "/home/dev/.claude-work"}) model_.account(dir);
    model_.set_scan(1, 1, shm::Completeness::complete);
  }

  collector::Model& model() override { return model_; }
  shm::i64 now_ms() override { return kNow_ms; }
  shm::u32 find_account(std::string_view name) override {
    const auto accounts = picture().accounts;
    for (shm::u32 i = 0; !name.empty() && i < accounts.size(); ++i)
      if (accounts[i].name.view() == name || accounts[i].id.view() == name ||
          accounts[i].config_dir.view() == name)
        return i;
    return collector::Model::kNoAccount;
  }
  shm::u32 account_of(std::string_view, std::string_view config_dir) override {
    return model_.account(config_dir.empty() ? "/home/dev/.claude" : config_dir);
  }
  bool aside(std::size_t bytes, const std::function<void()>& work,
             const std::function<void()>& follow) override {
    return !full && Intake::aside(bytes, work, follow);
  }
  void take(collector::ObservationBatch batch, shm::u32 account, Done done) override {
    ++batches;
    batch.for_each([&](const collector::Observation& seen) {
      ++observations;
      model_.apply(seen, account, kNow_ms);
    });
    flush(std::move(done));
  }
  void flush(Done done) override {
    if (holds)
      waiting.push_back(std::move(done));
    else
      done(stored);
  }
  collector::Result<void> reload() override { return reloaded; }
  collector::Result<std::string> dashboard_link() override { return link; }
  std::uint64_t picture_number() override { return number; }
  void release() {
    const Done done = std::move(waiting.front());
    waiting.pop_front();
    done(stored);
  }

  bool full = false;   // too much waits to be taken in
  bool holds = false;  // answers wait for release()
  std::deque<Done> waiting;
  collector::Result<void> stored;
  collector::Result<void> reloaded;
  collector::Result<std::string> link = "http://127.0.0.1:7483/?once=abc";
  std::uint64_t number = 7;
  int batches = 0;
  int observations = 0;

 private:
  static collector::Config configuration() {
    collector::Config config;
    config.timezone = "UTC";
    collector::AccountConfig account;
    account.name = "my work";
    account.config_dir = "/home/dev/.claude-work";
    config.accounts.push_back(account);
    return config;
  }

  collector::Model model_;
};

}  // namespace shmeter::test
