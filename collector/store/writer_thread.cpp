// SPDX-License-Identifier: MIT
#include "collector/store/writer_thread.hpp"

#include <malloc.h>

#include <chrono>

#include "collector/loop/worker.hpp"
#include "collector/store/reprice.hpp"

namespace shmeter::collector {
namespace {

using Clock = std::chrono::steady_clock;

// Waiting batches share a commit up to this size: a commit costs more than a small batch.
constexpr std::size_t kGroupBytes = std::size_t{4} << 20;
// 2 MB: read again in a millisecond or two after a kill, and brought home every minute or so.
constexpr int kCheckpointPages = 512;
// Events that retention deletes in one commit: some 10 ms, in which nobody else can write.
constexpr int kPruneStep = 2000;
// So long nothing came: what can wait for that is done.
constexpr std::chrono::seconds kQuiet{1};
// How long the end of the collector may wait for the disk.
constexpr std::chrono::seconds kLastWords{5};

// Of a first load, whose memory is used again: one is filled, one is written.
constexpr std::size_t kMostEmptyBatches = 2;
// What so much took in memory is given back at once.
constexpr std::size_t kBigGroup = std::size_t{1} << 20;

bool says_anything(const StoreBatch& batch) {
  return !batch.events().empty() || !batch.rollups().empty() || !batch.files.empty();
}

}  // namespace

WriterThread::WriterThread(Loop& loop, std::unique_ptr<Connection> db, Store::Say say,
                           std::function<void()> damaged)
    : say_(std::move(say)),
      damaged_(std::move(damaged)),
      db_(std::move(db)),
      doorbell_(loop, [this] { deliver(); }) {
  wal_.watch(*db_);
  const auto empty = BulkLoad::possible(*db_);
  empty_ = empty && *empty;
  // Some are there when a collector was killed. An error is met again by whoever asks.
  keys_wait_ = new_keys_.load(*db_) && !new_keys_.empty();
  if (keys_wait_) thread_ = std::thread([this] { run(); });
}

WriterThread::~WriterThread() {
  {
    const std::lock_guard guard(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (waiting_bytes_ != 0)
    say_(db_->name() + ": the last " + std::to_string(waiting_bytes_) +
         " bytes of news could not be written");
}

void WriterThread::write(StoreBatch batch, Store::Done done) {
  Job job;
  job.bytes = batch.bytes();
  job.batch = std::move(batch);
  job.done = std::move(done);
  push(std::move(job));
}

StoreBatch WriterThread::empty_batch() {
  const std::lock_guard guard(mutex_);
  if (empty_batches_.empty()) return {};
  StoreBatch batch = std::move(empty_batches_.back());
  empty_batches_.pop_back();
  return batch;
}

void WriterThread::begin_bulk() {
  Job job;
  job.kind = Job::Kind::begin_bulk;
  push(std::move(job));
}

void WriterThread::end_bulk(Store::Done done) {
  Job job;
  job.kind = Job::Kind::end_bulk;
  job.done = std::move(done);
  push(std::move(job));
}

void WriterThread::reprice(std::string price_list, Store::CostOf cost, Store::Done done) {
  Job job;
  job.kind = Job::Kind::reprice;
  job.price_list = std::move(price_list);
  job.cost = std::move(cost);
  job.done = std::move(done);
  push(std::move(job));
}

void WriterThread::set_retention(i64 older_than_ms) {
  const std::lock_guard guard(mutex_);
  older_than_ms_ = older_than_ms;
}

void WriterThread::retry() {
  {
    const std::lock_guard guard(mutex_);
    try_ = true;
  }
  wake_.notify_all();
}

std::size_t WriterThread::waiting_bytes() const {
  const std::lock_guard guard(mutex_);
  return waiting_bytes_;
}

void WriterThread::push(Job job) {
  {
    const std::lock_guard guard(mutex_);
    waiting_bytes_ += job.bytes;
    jobs_.push_back(std::move(job));
    try_ = true;
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  wake_.notify_all();
}

bool WriterThread::anything_to_do() const {
  return stop_ || (try_ && !jobs_.empty()) || prune_more_;
}

void WriterThread::run() {
  wait_for_ones_turn();
  std::unique_lock lock(mutex_);
  std::optional<Clock::time_point> deadline;
  for (;;) {
    const auto called = [this] { return anything_to_do(); };
    if (!keys_wait_)
      wake_.wait(lock, called);
    else if (new_keys_.full() || !wake_.wait_for(lock, kQuiet, called)) {
      lock.unlock();
      bring_keys_home();
      lock.lock();
      continue;
    }
    if (stop_ && !deadline) deadline = Clock::now() + kLastWords;
    if (stop_ && (jobs_.empty() || Clock::now() > *deadline)) return;
    if (try_ && !jobs_.empty()) {
      perform(lock, group_size());
      if (stop_ && failing_) return;
    } else if (stop_) {
      try_ = true;  // it failed before: once more, for the last time
    } else {
      prune_more_ = false;
      lock.unlock();
      prune();
      lock.lock();
    }
  }
}

/// Batches that stand together at the front; of anything else one.
std::size_t WriterThread::group_size() const {
  std::size_t count = 0;
  for (std::size_t bytes = 0; count < jobs_.size() && bytes < kGroupBytes; ++count) {
    if (jobs_[count].kind != Job::Kind::batch) break;
    bytes += jobs_[count].bytes;
  }
  return count == 0 || bulk_ ? 1 : count;
}

void WriterThread::perform(std::unique_lock<std::mutex>& lock, std::size_t count) {
  try_ = false;
  const bool was_bulk = bulk_.has_value();
  lock.unlock();
  const Result<void> result = [&] {
    const std::lock_guard guard(db_mutex_);
    return execute(count);
  }();
  lock.lock();
  finished(count, result);
  lock.unlock();
  if (result && !bulk_) after_commit(was_bulk);
  lock.lock();
}

Result<void> WriterThread::ready() {
  if (writer_) return {};
  auto writer = BatchWriter::make(*db_, new_keys_);
  SHMETER_TRY(writer);
  writer_ = std::move(*writer);
  return {};
}

Result<void> WriterThread::commit(const std::function<Result<void>()>& write) {
  SHMETER_TRY(ready());
  if (!new_keys_.loaded()) SHMETER_TRY(new_keys_.load(*db_));
  Result<void> done = db_->run("BEGIN IMMEDIATE");
  if (done) done = write();
  if (done) done = db_->run("COMMIT");
  if (!done) {
    db_->roll_back();
    static_cast<void>(new_keys_.load(*db_));  // else more are named than there are
  }
  return done;
}

/// References into a deque hold while others are added at its end.
Result<void> WriterThread::execute(std::size_t count) {
  std::vector<Job*> jobs;
  {
    const std::lock_guard guard(mutex_);
    for (std::size_t i = 0; i < count; ++i) jobs.push_back(&jobs_[i]);
  }
  Job& first = *jobs.front();
  if (bulk_ || first.kind == Job::Kind::begin_bulk || first.kind == Job::Kind::end_bulk)
    return execute_bulk(first);
  if (lost_) return tl::unexpected<Error>(*lost_);
  if (first.kind == Job::Kind::reprice)
    return commit([&] { return reprice_events(*db_, *writer_, first.price_list, first.cost); });
  std::size_t bytes = 0;
  for (const Job* job : jobs) bytes += job->bytes;
  was_big_ = bytes >= kBigGroup;
  return commit([&]() -> Result<void> {
    for (const Job* job : jobs) SHMETER_TRY(writer_->write(job->batch));
    return {};
  });
}

Result<void> WriterThread::execute_bulk(Job& job) {
  const auto go = [&]() -> Result<void> {
    switch (job.kind) {
      case Job::Kind::begin_bulk: {
        lost_.reset();
        const auto possible = BulkLoad::possible(*db_);
        SHMETER_TRY(possible);
        if (!*possible || bulk_) return {};  // then batches are written one by one
        SHMETER_TRY(ready());
        auto bulk = BulkLoad::begin(*db_, *writer_);
        SHMETER_TRY(bulk);
        bulk_ = std::move(*bulk);
        return {};
      }
      case Job::Kind::batch: {
        SHMETER_TRY(bulk_->add(job.batch));
        if (says_anything(job.batch)) empty_ = false;
        job.batch.clear();
        return {};
      }
      case Job::Kind::end_bulk:
        if (lost_) return tl::unexpected<Error>(*lost_);
        return bulk_ ? bulk_->finish() : Result<void>{};
      case Job::Kind::reprice:
        break;
    }
    return fail(Errc::invalid, db_->name() + ": no other prices while it is loaded");
  };
  Result<void> done = go();
  if (done && job.kind == Job::Kind::end_bulk) bulk_.reset();
  if (done || job.kind == Job::Kind::reprice) return done;
  // What the batches so far said is gone, and with it what file positions rely on.
  db_->roll_back();
  bulk_.reset();
  BulkLoad::leave(*db_);
  if (!lost_) lost_ = done.error();
  return done;
}

/// Takes off the queue what is done, and answers. Runs with the queue locked.
void WriterThread::finished(std::size_t count, const Result<void>& result) {
  tell(result);
  const bool first_load = bulk_.has_value();
  if (!first_load) answer_bulk(result);
  for (std::size_t i = 0; i < count; ++i) {
    Job& job = jobs_[i];
    if (job.kind == Job::Kind::batch && result && says_anything(job.batch)) empty_ = false;
    if (first_load && job.kind == Job::Kind::batch)
      bulk_dones_.push_back(std::move(job.done));
    else
      answer(std::exchange(job.done, nullptr), result);
  }
  const bool keep = !result && !lost_ && jobs_.front().kind == Job::Kind::batch;
  for (std::size_t i = 0; !keep && i < count; ++i) {
    if (first_load && empty_batches_.size() < kMostEmptyBatches)
      empty_batches_.push_back(std::move(jobs_.front().batch));
    waiting_bytes_ -= jobs_.front().bytes;
    jobs_.pop_front();
  }
  if (!keep && !jobs_.empty()) try_ = true;
}

/// To people, once when it begins to fail and once when that is over.
void WriterThread::tell(const Result<void>& result) {
  if (result.has_value() != failing_) return;
  if (!result && result.error().code == Errc::invalid) return;  // asked for at a wrong moment
  failing_ = !result;
  if (result) return say(db_->name() + ": is written again");
  if (result.error().code == Errc::corrupt) {
    damaged_();
    return say(result.error().message +
               ": start the collector again: it then sets the file aside and reads the "
               "transcripts anew");
  }
  say(result.error().message +
      (lost_ ? ": history is kept in memory until the collector is started again"
             : ": what is new is kept in memory and tried again"));
}

void WriterThread::after_commit(bool was_bulk) {
  const std::lock_guard guard(db_mutex_);
  if (was_bulk) {
    {
      const std::lock_guard queue(mutex_);
      empty_batches_.clear();
    }
    BulkLoad::leave(*db_);
    checkpoint(*db_, Checkpoint::whole);
    sqlite3_db_release_memory(db_->get());
    ::malloc_trim(0);
  } else if (wal_.pages() > kCheckpointPages) {
    checkpoint(*db_, Checkpoint::some);
  }
  if (std::exchange(was_big_, false)) ::malloc_trim(0);  // the batches are gone by now
  const std::lock_guard queue(mutex_);
  prune_more_ = older_than_ms_ != pruned_ms_;
  keys_wait_ = !new_keys_.empty();
}

/// Takes some tenths of a second when there are very many.
void WriterThread::bring_keys_home() {
  const std::lock_guard guard(db_mutex_);
  const auto done = commit([&] { return KeyIndex::bring_home(*db_); });
  if (done) new_keys_.clear();
  if (wal_.pages() > kCheckpointPages) checkpoint(*db_, Checkpoint::some);
  sqlite3_db_release_memory(db_->get());
  ::malloc_trim(0);
  const std::lock_guard queue(mutex_);
  keys_wait_ = false;  // when it failed: not again before a commit has gone well
}

/// One step; the next one follows when nothing else waits.
void WriterThread::prune() {
  const std::lock_guard guard(db_mutex_);
  i64 older_than_ms = kUnknown;
  {
    const std::lock_guard queue(mutex_);
    older_than_ms = older_than_ms_;
  }
  if (!shm::known(older_than_ms) || bulk_) return;
  i64 deleted = 0;
  const auto done = commit([&]() -> Result<void> {
    const std::string step = " FROM event WHERE id<" +
                             std::to_string(first_event_id(older_than_ms)) + " ORDER BY id LIMIT " +
                             std::to_string(kPruneStep) + ")";
    for (const char* keys : {"event_key", "new_key"})
      SHMETER_TRY(db_->run(std::string("DELETE FROM ") + keys +
                           " WHERE(message,request,side_chain)IN"
                           "(SELECT message,request,side_chain" +
                           step));
    SHMETER_TRY(db_->run("DELETE FROM event WHERE id IN(SELECT id" + step));
    deleted = sqlite3_changes64(db_->get());
    if (deleted != 0) return {};
    return db_->run("DELETE FROM quota_history WHERE at_ms<" + std::to_string(older_than_ms));
  });
  const std::lock_guard queue(mutex_);
  prune_more_ = done && deleted != 0;
  if (done && deleted == 0) pruned_ms_ = older_than_ms;
}

void WriterThread::answer(Store::Done done, Result<void> result) {
  if (!done) return;
  post([done = std::move(done), result = std::move(result)] { done(result); });
}

void WriterThread::answer_bulk(const Result<void>& result) {
  for (Store::Done& done : bulk_dones_) answer(std::move(done), result);
  bulk_dones_.clear();
}

void WriterThread::say(std::string text) {
  post([this, text = std::move(text)] { say_(text); });
}

/// With the queue locked.
void WriterThread::post(std::function<void()> call) {
  answers_.push_back(std::move(call));
  doorbell_.ring();
}

void WriterThread::deliver() {
  std::vector<std::function<void()>> answers;
  {
    const std::lock_guard guard(mutex_);
    answers.swap(answers_);
  }
  for (const auto& call : answers) call();
}

}  // namespace shmeter::collector
