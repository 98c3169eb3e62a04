// SPDX-License-Identifier: MIT
#include "collector/loop/worker.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <optional>

#include "collector/loop/loop.hpp"

namespace shmeter::collector {
namespace {

class WorkerTest : public testing::Test {
 protected:
  /// Lets the loop run until `count` were followed.
  void run(std::size_t count) {
    until_ = count;
    loop_.run();
  }
  void follow(int number) {
    followed_.push_back(number);
    if (followed_.size() == until_) loop_.stop();
  }

  Loop loop_;
  std::size_t until_ = 0;
  std::vector<int> followed_;
};

TEST_F(WorkerTest, WorksBesideTheLoopOneAfterAnother) {
  Worker worker(loop_);
  const auto here = std::this_thread::get_id();
  std::vector<int> worked;
  for (int i = 0; i < 1000; ++i)
    worker.post(
        [&, i] {
          EXPECT_NE(std::this_thread::get_id(), here);
          worked.push_back(i);
        },
        [&, i] {
          EXPECT_EQ(std::this_thread::get_id(), here);
          follow(i);
        });
  EXPECT_EQ(worker.waiting(), 1000u);
  run(1000);
  EXPECT_EQ(worker.waiting(), 0u);
  EXPECT_EQ(worked.size(), 1000u);
  EXPECT_EQ(followed_, worked);
}

TEST_F(WorkerTest, WhatFollowsMayAskForMore) {
  Worker worker(loop_);
  std::function<void()> again = [&] {
    follow(0);
    if (followed_.size() < 50) worker.post([] {}, again);
  };
  worker.post([] {}, again);
  run(50);
  EXPECT_EQ(followed_.size(), 50u);
}

TEST_F(WorkerTest, WaitsForItsTurn) {
#ifdef SCHED_BATCH
  Worker worker(loop_);
  int policy = -1;
  worker.post([&] { policy = ::sched_getscheduler(0); }, [&] { follow(0); });
  run(1);
  EXPECT_EQ(policy, SCHED_BATCH);
  EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
#endif
}

TEST_F(WorkerTest, DiesWithWhatStillWaits) {
  std::atomic<int> worked = 0;
  std::atomic<bool> begun = false;
  std::atomic<bool> idle = false;
  {
    std::optional<Worker> worker;
    worker.emplace(loop_, [&] { idle = true; });
    worker->post(
        [&] {
          begun = true;
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          ++worked;
        },
        [&] { follow(0); });
    for (int i = 0; i < 100; ++i) worker->post([&] { ++worked; }, [&] { follow(1); });
    while (!begun) std::this_thread::yield();
  }
  EXPECT_GE(worked, 1) << "what runs is waited for";
  EXPECT_TRUE(idle) << "and what the thread holds is let go";
  EXPECT_EQ(followed_.size(), 0u);
}

}  // namespace
}  // namespace shmeter::collector
