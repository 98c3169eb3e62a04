// SPDX-License-Identifier: MIT
#include "collector/command/query_thread.hpp"

#include <chrono>

namespace shmeter::collector {
namespace {

// After so long without a question its memory is given back.
constexpr std::chrono::seconds kIdle{10};

}  // namespace

QueryThread::QueryThread(Loop& loop, Store& store)
    : store_(store), doorbell_(loop, [this] { deliver(); }) {}

QueryThread::~QueryThread() {
  {
    const std::lock_guard guard(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void QueryThread::ask(Work work, HttpAnswer answer) {
  {
    const std::lock_guard guard(mutex_);
    if (waiting_.size() < kMostWaiting) {
      waiting_.push_back({std::move(work), std::move(answer), {}});
      if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
      answer = nullptr;
    }
  }
  if (answer) return answer(http_error(503, "too many questions wait; try again in a second"));
  wake_.notify_all();
}

void QueryThread::run() {
  std::unique_lock lock(mutex_);
  const auto called = [this] { return stop_ || !waiting_.empty(); };
  for (;;) {
    if (!wake_.wait_for(lock, kIdle, called)) {
      reader_.reset();
      wake_.wait(lock, called);
    }
    if (stop_) return;
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job.reply = perform(job.work);
    lock.lock();
    done_.push_back(std::move(job));
    doorbell_.ring();
  }
}

HttpReply QueryThread::perform(const Work& work) {
  if (!reader_) {
    auto reader = store_.reader();
    if (!reader) return http_error(503, reader.error().message);
    reader_ = std::move(*reader);
  }
  return work(*reader_);
}

void QueryThread::deliver() {
  std::vector<Job> done;
  {
    const std::lock_guard guard(mutex_);
    done.swap(done_);
  }
  for (Job& job : done) job.answer(std::move(job.reply));
}

}  // namespace shmeter::collector
