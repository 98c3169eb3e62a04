// SPDX-License-Identifier: MIT
#include "collector/source/scan_worker.hpp"

namespace shmeter::collector {
namespace {

// Observations of one delivery: applying them keeps the loop for most of a millisecond, and to wake
// it up costs a twentieth of that.
constexpr std::size_t kBatch = 2048;
// Deliveries that may lie unread, some 700 KB each.
constexpr std::size_t kQueue = 2;

}  // namespace

ScanWorker::ScanWorker(Loop& loop, std::function<void(const Delivery&)> deliver)
    : deliver_(std::move(deliver)), doorbell_(loop, [this] { take_one(); }) {}

ScanWorker::~ScanWorker() {
  {
    const std::lock_guard guard(mutex_);
    stop_ = true;
  }
  room_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ScanWorker::start_listing(std::vector<TranscriptRoot> roots) {
  thread_ = std::thread([this, roots = std::move(roots)] { list(roots); });
}

void ScanWorker::start_reading(std::vector<Task> tasks) {
  thread_ = std::thread([this, tasks = std::move(tasks)] { read(tasks); });
}

void ScanWorker::list(const std::vector<TranscriptRoot>& roots) {
  Delivery all;
  all.last = true;
  for (const TranscriptRoot& root : roots)
    all.listing.push_back(list_transcripts(root.projects, DirKind::projects));
  hand_over(std::move(all));
}

void ScanWorker::read(const std::vector<Task>& tasks) {
  TranscriptLines lines;
  Delivery part;
  const auto flush = [&](bool last) {
    part.last = last;
    hand_over(std::move(part));
    part = next_empty();
  };
  for (std::size_t i = 0; i < tasks.size() && !stop_; ++i) {
    const Task& task = tasks[i];
    if (part.root != task.root && part.seen.size() > 0) flush(false);
    part.root = task.root;
    Done done;
    done.task = i;
    done.cursor = task.cursor;
    const auto take = [&](const TranscriptLine& line) {
      part.seen.add(line);
      if (part.seen.size() < kBatch) return;
      flush(false);
      part.root = task.root;
    };
    const auto report =
        lines.read(task.path, session_of_file(task.path), done.cursor, done.troubles, take, &stop_);
    if (!report) done.error = report.error();
    part.done.push_back(std::move(done));
  }
  flush(true);
}

void ScanWorker::hand_over(Delivery&& delivery) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return queue_.size() < kQueue || stop_; });
  if (stop_) return;
  queue_.push_back(std::move(delivery));
  lock.unlock();
  doorbell_.ring();
}

ScanWorker::Delivery ScanWorker::next_empty() {
  Delivery part;
  const std::lock_guard guard(mutex_);
  if (empty_.empty()) return part;
  part.seen = std::move(empty_.back());
  empty_.pop_back();
  return part;
}

// One delivery for each turn of the loop, so that others get their turn.
void ScanWorker::take_one() {
  Delivery delivery;
  bool more = false;
  {
    const std::lock_guard guard(mutex_);
    if (queue_.empty()) return;
    delivery = std::move(queue_.front());
    queue_.pop_front();
    more = !queue_.empty();
  }
  room_.notify_one();
  if (more) doorbell_.ring();
  if (delivery.last) {
    thread_.join();
    empty_.clear();
  }
  const bool last = delivery.last;
  deliver_(delivery);
  if (last) return;
  delivery.seen.clear();
  const std::lock_guard guard(mutex_);
  empty_.push_back(std::move(delivery.seen));
}

}  // namespace shmeter::collector
