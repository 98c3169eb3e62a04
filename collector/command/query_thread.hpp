// SPDX-License-Identifier: MIT
// The thread that asks the store what may take a while, with a connection of its own. Invariant:
// the loop never waits for it; answers come on the loop, in order; and while nobody asks it holds
// neither a connection nor a transaction.
#pragma once

#include <functional>
#include <memory>

#include "collector/loop/worker.hpp"
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

  /// What still waits when this dies is not answered any more.
  void ask(Work work, HttpAnswer answer);

 private:
  HttpReply perform(const Work& work);

  Store& store_;
  std::unique_ptr<StoreReader> reader_;  // the thread's
  Worker worker_;                        // dies first
};

}  // namespace shmeter::collector
