// SPDX-License-Identifier: MIT
#include "collector/store/look_up_thread.hpp"

#include <chrono>

#include "collector/store/event_rows.hpp"

namespace shmeter::collector {
namespace {

// Questions come in clumps, when somebody resumes or forks an old conversation.
constexpr std::chrono::seconds kIdle{5};

}  // namespace

LookUpThread::LookUpThread(Loop& loop, Database database, std::function<void()> damaged)
    : database_(std::move(database)),
      damaged_(std::move(damaged)),
      doorbell_(loop, [this] { deliver(); }) {}

LookUpThread::~LookUpThread() {
  {
    const std::lock_guard guard(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LookUpThread::ask(std::vector<u64> messages, Done done) {
  std::unique_lock lock(mutex_);
  questions_.push_back({std::move(messages), std::move(done)});
  if (!running_) {
    if (thread_.joinable()) thread_.join();  // it has ended, or is about to without the mutex
    running_ = true;
    thread_ = std::thread([this] { run(); });
  }
  lock.unlock();
  wake_.notify_all();
}

void LookUpThread::run() {
  std::unique_ptr<Connection> db;
  std::unique_lock lock(mutex_);
  while (wake_.wait_for(lock, kIdle, [this] { return stop_ || !questions_.empty(); }) && !stop_) {
    Question question = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();
    auto found = find(db, question.messages);
    if (!found && found.error().code == Errc::corrupt) damaged_();
    lock.lock();
    answers_.push_back({std::move(question.done), std::move(found)});
    doorbell_.ring();
  }
  running_ = false;
}

Result<Store::Found> LookUpThread::find(std::unique_ptr<Connection>& db,
                                        const std::vector<u64>& messages) {
  if (!db) {
    auto opened = database_.open_reader();
    SHMETER_TRY(opened);
    db = std::move(*opened);
  }
  auto rows = db->prepare(std::string("SELECT ") + kEventColumns + " FROM event WHERE message=?");
  SHMETER_TRY(rows);
  Store::Found found;
  TextBlocks texts;
  for (const u64 message : messages) {
    rows->bind_word(1, message);
    int code = SQLITE_ROW;
    while ((code = rows->step()) == SQLITE_ROW) {
      StoredEvent& event = found.events.emplace_back();
      read_event(*rows, event);
      keep_texts(event, texts);
    }
    rows->reset();
    SHMETER_TRY(db->check(code, "look something up"));
  }
  found.texts = texts.release();
  return found;
}

void LookUpThread::deliver() {
  std::vector<Answer> answers;
  {
    const std::lock_guard guard(mutex_);
    answers.swap(answers_);
  }
  for (Answer& answer : answers) answer.done(std::move(answer.found));
}

}  // namespace shmeter::collector
