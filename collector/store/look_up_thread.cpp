// SPDX-License-Identifier: MIT
#include "collector/store/look_up_thread.hpp"

#include <unordered_set>
#include <utility>

#include "collector/store/event_rows.hpp"

namespace shmeter::collector {
namespace {

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
      worker_(loop, [this] { db_.reset(); }) {}

void LookUpThread::ask(std::vector<u64> messages, Done done) {
  const auto found = std::make_shared<Result<Store::Found>>();
  worker_.post(
      [this, messages = std::move(messages), found] {
        *found = find(messages);
        if (!*found && found->error().code == Errc::corrupt) damaged_();
      },
      [done = std::move(done), found] { done(std::move(*found)); });
}

Result<Store::Found> LookUpThread::find(const std::vector<u64>& messages) {
  if (!db_) {
    auto opened = database_.open_reader();
    SHMETER_TRY(opened);
    db_ = std::move(*opened);
  }
  Store::Found found;
  TextBlocks texts;
  SHMETER_TRY(find(messages, found, texts));
  const std::vector<u64> told = other_requests(messages, found.events);
  if (!told.empty()) SHMETER_TRY(find(told, found, texts));
  found.texts = texts.release();
  return found;
}

Result<void> LookUpThread::find(const std::vector<u64>& messages, Store::Found& found,
                                TextBlocks& texts) {
  std::vector<NewKeys::Row> new_rows;
  SHMETER_TRY(new_keys_.find(messages, new_rows));
  // From here on all is seen as of one moment; what came home before it is found there.
  SHMETER_TRY(db_->run("BEGIN"));
  auto done = find(messages, new_rows, found, texts);
  db_->roll_back();
  return done;
}

Result<void> LookUpThread::find(const std::vector<u64>& messages,
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
    return db_->check(code, "look something up");
  };
  auto home = db_->prepare(select + "IN(SELECT id FROM event_key WHERE message=?)");
  SHMETER_TRY(home);
  for (const u64 message : messages) {
    home->bind_word(1, message);
    SHMETER_TRY(take(*home));
  }
  auto fresh = db_->prepare(select + "=(SELECT id FROM new_key WHERE row=? AND message=?)");
  SHMETER_TRY(fresh);
  for (const NewKeys::Row& row : new_rows) {
    fresh->bind(1, row.row);
    fresh->bind_word(2, row.message);
    SHMETER_TRY(take(*fresh));
  }
  return {};
}

}  // namespace shmeter::collector
