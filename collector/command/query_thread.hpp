// SPDX-License-Identifier: MIT
// The thread that asks the store what may take a while, with a connection of its own. Invariant:
// the loop never waits for it; answers come on the loop, in order; and while nobody asks it holds
// neither a connection nor a transaction.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "collector/loop/handles.hpp"
#include "collector/serve/http_message.hpp"
#include "collector/store/store.hpp"

namespace shmeter::collector {

class QueryThread {
 public:
  /// Runs on the thread; begins its transaction and ends it.
  using Work = std::function<HttpReply(StoreReader&)>;
  /// So many may wait; who comes then is told so.
  static constexpr std::size_t kMostWaiting = 64;

  /// `store` must outlive it.
  QueryThread(Loop& loop, Store& store);
  /// What still waits is not answered any more.
  ~QueryThread();
  QueryThread(const QueryThread&) = delete;
  QueryThread& operator=(const QueryThread&) = delete;

  void ask(Work work, HttpAnswer answer);

 private:
  struct Job {
    Work work;
    HttpAnswer answer;
    HttpReply reply;
  };
  void run();
  HttpReply perform(const Work& work);
  void deliver();

  Store& store_;
  std::unique_ptr<StoreReader> reader_;  // the thread's
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> waiting_;
  std::vector<Job> done_;
  bool stop_ = false;
  Doorbell doorbell_;
  std::thread thread_;
};

}  // namespace shmeter::collector
