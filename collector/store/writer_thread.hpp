// SPDX-License-Identifier: MIT
// The one thread that writes. Who owns what: the queue, what it weighs and the answers are shared
// and guarded by `mutex_`; the connection and all that hangs on it belong to whoever holds
// `db_mutex_`, which the thread does while it writes. A job at the front of the queue stays there
// until it is committed, and only the thread takes it off. Invariant: a batch is in exactly one
// transaction that was committed, in the order in which batches came.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "collector/loop/handles.hpp"
#include "collector/store/bulk_load.hpp"
#include "collector/store/database.hpp"
#include "collector/store/store.hpp"

namespace shmeter::collector {

class WriterThread {
 public:
  /// `damaged` is called on the writer's thread when the file turns out to be damaged.
  WriterThread(Loop& loop, std::unique_ptr<Connection> db, Store::Say say,
               std::function<void()> damaged);
  /// Writes what waits, unless that fails or takes too long; a first load that was not ended is
  /// forgotten. No answer is given any more.
  ~WriterThread();
  WriterThread(const WriterThread&) = delete;
  WriterThread& operator=(const WriterThread&) = delete;

  void write(StoreBatch batch, Store::Done done);
  StoreBatch empty_batch();
  void begin_bulk();
  void end_bulk(Store::Done done);
  void reprice(std::string price_list, Store::CostOf cost, Store::Done done);
  void set_retention(i64 older_than_ms);
  void retry();

  std::size_t waiting_bytes() const;
  bool empty() const { return empty_; }
  /// For look-ups; as long as this.
  const NewKeys& new_keys() const { return new_keys_; }

  /// Calls use(Connection&) while nobody writes.
  template <class Use>
  auto with_connection(Use&& use) {
    const std::lock_guard guard(db_mutex_);
    return use(*db_);
  }

 private:
  struct Job {
    enum class Kind { batch, begin_bulk, end_bulk, reprice };
    Kind kind = Kind::batch;
    StoreBatch batch;
    std::string price_list;
    Store::CostOf cost;
    Store::Done done;
    std::size_t bytes = 0;
  };

  void push(Job job);
  void run();
  bool anything_to_do() const;
  std::size_t group_size() const;
  void perform(std::unique_lock<std::mutex>& lock, std::size_t count);
  Result<void> execute(std::size_t count);
  Result<void> execute_bulk(Job& job);
  Result<void> commit(const std::function<Result<void>()>& write);
  Result<void> ready();
  void finished(std::size_t count, const Result<void>& result);
  void tell(const Result<void>& result);
  void after_commit(bool was_bulk);
  void prune();
  void bring_keys_home();

  void answer(Store::Done done, Result<void> result);
  void answer_bulk(const Result<void>& result);
  void say(std::string text);
  void post(std::function<void()> call);
  void deliver();

  Store::Say say_;
  std::function<void()> damaged_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::vector<StoreBatch> empty_batches_;  // of a first load, whose memory the next ones use
  std::size_t waiting_bytes_ = 0;
  bool try_ = false;  // something came, or was asked for, since the last failure
  bool stop_ = false;
  i64 older_than_ms_ = kUnknown;
  i64 pruned_ms_ = kUnknown;
  bool prune_more_ = false;
  bool keys_wait_ = false;  // some are in `new_key`, and to bring them home has not failed since
  std::vector<std::function<void()>> answers_;

  std::mutex db_mutex_;
  std::unique_ptr<Connection> db_;
  WalPages wal_;
  NewKeys new_keys_;
  std::optional<BatchWriter> writer_;
  std::optional<BulkLoad> bulk_;
  std::vector<Store::Done> bulk_dones_;  // of the batches in it
  std::optional<Error> lost_;  // a first load failed: what followed from it cannot be kept
  bool failing_ = false;
  bool was_big_ = false;
  std::atomic<bool> empty_ = false;

  Doorbell doorbell_;
  std::thread thread_;
};

}  // namespace shmeter::collector
