// SPDX-License-Identifier: MIT
#include "collector/store/look_up_thread.hpp"

#include <chrono>
#include <unordered_set>

#include "collector/store/event_rows.hpp"

namespace shmeter::collector {
namespace {

// Questions come in clumps, when somebody resumes or forks an old conversation.
constexpr std::chrono::seconds kIdle{5};

/// Telemetry of these decides in the same groups, and is kept under them.
std::vector<u64> other_requests(const std::vector<u64>& messages,
                                const std::vector<StoredEvent>& found) {
  const std::unordered_set<u64> asked(messages.begin(), messages.end());
  std::unordered_set<u64> others;
  for (const StoredEvent& event : found)
    if (event.key.request != 0 && !asked.contains(event.key.request))
      others.insert(event.key.request);
  return {others.begin(), others.end()};
}

}  // namespace

LookUpThread::LookUpThread(Loop& loop, Database database, const NewKeys& new_keys,
                           std::function<void()> damaged)
    : database_(std::move(database)),
      new_keys_(new_keys),
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
  Store::Found found;
  TextBlocks texts;
  SHMETER_TRY(find(*db, messages, found, texts));
  const std::vector<u64> told = other_requests(messages, found.events);
  if (!told.empty()) SHMETER_TRY(find(*db, told, found, texts));
  found.texts = texts.release();
  return found;
}

Result<void> LookUpThread::find(Connection& db, const std::vector<u64>& messages,
                                Store::Found& found, TextBlocks& texts) {
  std::vector<NewKeys::Row> new_rows;
  SHMETER_TRY(new_keys_.find(messages, new_rows));
  // From here on all is seen as of one moment; what came home before it is found there.
  SHMETER_TRY(db.run("BEGIN"));
  auto done = find(db, messages, new_rows, found, texts);
  db.roll_back();
  return done;
}

Result<void> LookUpThread::find(Connection& db, const std::vector<u64>& messages,
                                const std::vector<NewKeys::Row>& new_rows, Store::Found& found,
                                TextBlocks& texts) {
  const std::string select = std::string("SELECT ") + kEventColumns + " FROM event WHERE id ";
  const auto take = [&](Statement& rows) -> Result<void> {
    int code = SQLITE_ROW;
    while ((code = rows.step()) == SQLITE_ROW) {
      StoredEvent& event = found.events.emplace_back();
      read_event(rows, event);
      keep_texts(event, texts);
    }
    rows.reset();
    return db.check(code, "look something up");
  };
  auto home = db.prepare(select + "IN(SELECT id FROM event_key WHERE message=?)");
  SHMETER_TRY(home);
  for (const u64 message : messages) {
    home->bind_word(1, message);
    SHMETER_TRY(take(*home));
  }
  auto fresh = db.prepare(select + "=(SELECT id FROM new_key WHERE row=? AND message=?)");
  SHMETER_TRY(fresh);
  for (const NewKeys::Row& row : new_rows) {
    fresh->bind(1, row.row);
    fresh->bind_word(2, row.message);
    SHMETER_TRY(take(*fresh));
  }
  return {};
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
