// SPDX-License-Identifier: MIT
#include "collector/loop/worker.hpp"

#include <pthread.h>
#include <sched.h>

#include <chrono>
#include <utility>

namespace shmeter::collector {
namespace {

// What is asked for comes in clumps.
constexpr std::chrono::seconds kIdle{5};

}  // namespace

void wait_for_ones_turn() {
#ifdef SCHED_BATCH
  const sched_param any{};
  // Where that is forbidden it runs as all others do.
  static_cast<void>(::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &any));
#endif
}

Worker::Worker(Loop& loop, Call idle)
    : idle_(std::move(idle)), doorbell_(loop, [this] { deliver(); }) {}

Worker::~Worker() {
  {
    const std::lock_guard guard(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Worker::post(Call work, Call follow) {
  ++waiting_;
  std::unique_lock lock(mutex_);
  pieces_.push_back({std::move(work), std::move(follow)});
  if (!running_) {
    if (thread_.joinable()) thread_.join();  // it has ended, or is about to without the mutex
    running_ = true;
    thread_ = std::thread([this] { run(); });
  }
  lock.unlock();
  wake_.notify_all();
}

void Worker::run() {
  wait_for_ones_turn();
  std::unique_lock lock(mutex_);
  while (wake_.wait_for(lock, kIdle, [this] { return stop_ || !pieces_.empty(); }) && !stop_) {
    Piece piece = std::move(pieces_.front());
    pieces_.pop_front();
    lock.unlock();
    piece.work();
    piece.work = nullptr;
    lock.lock();
    done_.push_back(std::move(piece.follow));
    doorbell_.ring();
  }
  if (idle_) idle_();
  running_ = false;
}

void Worker::deliver() {
  std::vector<Call> done;
  {
    const std::lock_guard guard(mutex_);
    done.swap(done_);
  }
  for (const Call& follow : done) {
    --waiting_;
    follow();
  }
}

}  // namespace shmeter::collector
