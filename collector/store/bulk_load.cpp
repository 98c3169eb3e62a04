// SPDX-License-Identifier: MIT
#include "collector/store/bulk_load.hpp"

#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kFirstSeen = 1024;
// As many events before it is asked for, an event's place among the seen is fetched.
constexpr std::size_t kFetchAhead = 8;
// A commit waits for readers, who are fast; the whole load would fail with it.
constexpr int kPatience_ms = 30'000;

bool in_wal_mode(Connection& db) {
  auto mode = db.prepare("PRAGMA journal_mode");
  return mode && mode->step() == SQLITE_ROW && mode->text(0) == "wal";
}

u32 half_key(const StoredEvent& event) {
  const u64 mixed = mix_bits(event.key.message ^ mix_bits(event.key.request + event.side_chain));
  return static_cast<u32>(mixed) == 0 ? 1 : static_cast<u32>(mixed);
}

}  // namespace

Result<bool> BulkLoad::possible(Connection& db) {
  const auto any = db.number(
      "SELECT EXISTS(SELECT 1 FROM event) OR EXISTS(SELECT 1 FROM rollup) OR "
      "EXISTS(SELECT 1 FROM file)");
  SHMETER_TRY(any);
  return *any == 0;
}

Result<BulkLoad> BulkLoad::begin(Connection& db, BatchWriter& writer) {
  BulkLoad made(db, writer);
  made.seen_.assign(kFirstSeen, 0);
  if (in_wal_mode(db)) {
    db.busy_timeout(0);
    sqlite3_exec(db.get(), "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
    db.busy_timeout(kPatience_ms);
  }
  SHMETER_TRY(db.run("BEGIN IMMEDIATE"));
  SHMETER_TRY(drop_outcome_triggers(db));  // each second version of an event would pay for them
  return made;
}

Result<void> BulkLoad::add(const StoreBatch& batch) {
  SHMETER_TRY(writer_->write_states(batch));
  const std::vector<StoredEvent>& events = batch.events();
  for (std::size_t i = 0; i < events.size(); ++i) {
    const StoredEvent& event = events[i];
    if (i + kFetchAhead < events.size())
      __builtin_prefetch(&seen_[half_key(events[i + kFetchAhead]) & (seen_.size() - 1)]);
    if (!event.only_counted && first_time(event))
      rows_.push_back({first_place(event), &event});
    else
      again_.keep(event);
    widen(spans_, event);
    if (event.kind == EventKind::tokens && has_call(event)) told_ = Told::all;
  }
  again_.joined.insert(again_.joined.end(), batch.joined.begin(), batch.joined.end());
  SHMETER_TRY(writer_->events().add(rows_));
  for (const EventRow& row : rows_)
    keys_.push_back({row.event->key.message, row.event->key.request,
                     (static_cast<u64>(row.id) << 1) | (row.event->side_chain ? 1u : 0u)});
  rows_.clear();
  if (keys_.size() >= NewKeys::kMost) SHMETER_TRY(bring_keys_home());
  for (const auto& [key, usage] : batch.rollups())
    collector::add(rollups_.try_emplace(key, shm::no_usage()).first->second, usage);
  return {};
}

Result<void> BulkLoad::finish() {
  SHMETER_TRY(bring_keys_home());
  writer_->events().begin(EventWriter::Outcomes::left_out);
  for (const StoredEvent& event : again_.events())
    SHMETER_TRY(writer_->events().put(event, KeyIndex::To::home));
  for (const Joined& joined : again_.joined) SHMETER_TRY(writer_->events().join(joined));
  SHMETER_TRY(writer_->add_rollups(rollups_));
  SHMETER_TRY(writer_->widen_spans(spans_));
  SHMETER_TRY(fill_outcome_sums(*db_, told_));
  SHMETER_TRY(make_outcome_triggers(*db_));
  return db_->run("COMMIT");
}

Result<void> BulkLoad::bring_keys_home() {
  const auto done = KeyIndex::add_home(*db_, keys_);
  keys_.clear();
  return done;
}

void BulkLoad::leave(Connection& db) noexcept {
  db.busy_timeout(kWriterPatience_ms);
  // In memory there is no such mode, and nothing happens.
  sqlite3_exec(db.get(), "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr);
}

bool BulkLoad::first_time(const StoredEvent& event) {
  if (4 * (added_ + 1) > 3 * seen_.size()) grow_seen();
  const u32 half = half_key(event);
  const std::size_t mask = seen_.size() - 1;
  std::size_t at = half & mask;
  for (; seen_[at] != 0; at = (at + 1) & mask)
    if (seen_[at] == half) return false;
  seen_[at] = half;
  ++added_;
  return true;
}

void BulkLoad::grow_seen() {
  std::vector<u32> old(2 * seen_.size(), 0);
  old.swap(seen_);
  const std::size_t mask = seen_.size() - 1;
  for (const u32 half : old) {
    if (half == 0) continue;
    std::size_t at = half & mask;
    while (seen_[at] != 0) at = (at + 1) & mask;
    seen_[at] = half;
  }
}

}  // namespace shmeter::collector
