// SPDX-License-Identifier: MIT
// Finds stored events for the ledger, in a thread that is there while somebody asks. Who owns what:
// questions and answers are shared and guarded by `mutex_`; the connection is the thread's alone.
// Invariant: each question is answered once, on the loop, in the order in which they were asked.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "collector/loop/handles.hpp"
#include "collector/store/database.hpp"
#include "collector/store/new_keys.hpp"
#include "collector/store/store.hpp"

namespace shmeter::collector {

class LookUpThread {
 public:
  using Done = std::function<void(Result<Store::Found>)>;

  /// `damaged` is called on the thread when the file turns out to be damaged.
  LookUpThread(Loop& loop, Database database, const NewKeys& new_keys,
               std::function<void()> damaged);
  ~LookUpThread();  // what was not answered is not answered any more
  LookUpThread(const LookUpThread&) = delete;
  LookUpThread& operator=(const LookUpThread&) = delete;

  void ask(std::vector<u64> messages, Done done);

 private:
  struct Question {
    std::vector<u64> messages;
    Done done;
  };
  struct Answer {
    Done done;
    Result<Store::Found> found;
  };
  void run();
  Result<Store::Found> find(std::unique_ptr<Connection>& db, const std::vector<u64>& messages);
  Result<void> find(Connection& db, const std::vector<u64>& messages, Store::Found& found,
                    TextBlocks& texts);
  static Result<void> find(Connection& db, const std::vector<u64>& messages,
                           const std::vector<NewKeys::Row>& new_rows, Store::Found& found,
                           TextBlocks& texts);
  void deliver();

  Database database_;
  const NewKeys& new_keys_;
  std::function<void()> damaged_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Question> questions_;
  std::vector<Answer> answers_;
  bool stop_ = false;
  bool running_ = false;
  Doorbell doorbell_;
  std::thread thread_;
};

}  // namespace shmeter::collector
